/// Keeps from calling who does not answer: after so many failures within a time, or in a row, nothing is sent for a while, then one call tries; if
/// that fails too, the next pause is longer. Times are milliseconds of a clock that does not jump.
package struct Breaker: Sendable {
    private let policy: RetryPolicy
    private var failures: [Int64] = []
    private var failuresInARow = 0
    private var pauseCount = 0
    package private(set) var pausedUntil = Int64.min

    package init(_ policy: RetryPolicy) { self.policy = policy }

    package func isPaused(at now: Int64) -> Bool { now < self.pausedUntil }
    /// It paused, and nothing has succeeded since: one call at a time.
    package var isProbing: Bool { self.pauseCount > 0 }

    package mutating func succeeded() {
        self.failures.removeAll(keepingCapacity: true)
        self.failuresInARow = 0
        self.pauseCount = 0
        self.pausedUntil = Int64.min
    }

    package mutating func failed(at now: Int64) {
        // What was under way when the pause began says nothing new.
        guard !self.isPaused(at: now) else { return }
        self.failures.removeAll { $0 <= now - self.policy.failureWindowMilliseconds }
        self.failures.append(now)
        self.failuresInARow += 1
        guard self.isProbing || max(self.failures.count, self.failuresInARow) >= self.policy.failuresBeforePause
        else { return }
        let pauses = self.policy.pausesMilliseconds
        self.pausedUntil = now + pauses[min(self.pauseCount, pauses.count - 1)]
        self.pauseCount += 1
        self.failuresInARow = 0
        self.failures.removeAll(keepingCapacity: true)
    }
}
