import ParleyDialectKit

/// Keeps from calling who does not answer: after so many failures within a time nothing is sent for a while, then one call tries; if that fails too, the next
/// pause is longer. Times are milliseconds of a clock that does not jump.
struct Breaker: Sendable {
    private let policy: CallbackPolicy
    private var failures: [Int64] = []
    private var pauseCount = 0
    private(set) var pausedUntil = Int64.min

    init(_ policy: CallbackPolicy) { self.policy = policy }

    func isPaused(at now: Int64) -> Bool { now < self.pausedUntil }
    /// It paused, and nothing has succeeded since: one call at a time.
    var isProbing: Bool { self.pauseCount > 0 }

    mutating func succeeded() {
        self.failures.removeAll(keepingCapacity: true)
        self.pauseCount = 0
        self.pausedUntil = Int64.min
    }

    mutating func failed(at now: Int64) {
        // What was under way when the pause began says nothing new.
        guard !self.isPaused(at: now) else { return }
        self.failures.removeAll { $0 <= now - self.policy.failureWindowMilliseconds }
        self.failures.append(now)
        guard self.isProbing || self.failures.count >= self.policy.failuresBeforePause else { return }
        let pauses = self.policy.pausesMilliseconds
        self.pausedUntil = now + pauses[min(self.pauseCount, pauses.count - 1)]
        self.pauseCount += 1
        self.failures.removeAll(keepingCapacity: true)
    }
}
