import Dispatch
import ParleyCore
import Synchronization

/// What waits for the writer, bounded in number and bytes: beyond that, new work is refused and nothing is done.
final class JobQueue: Sendable {
    private struct CursorKey: Hashable {
        let conversation: ConversationID
        let user: UserID
        let device: DeviceID
    }

    private struct State {
        var jobs: [any Job] = []
        var bytes = 0
        var cursors: [CursorKey: UInt64] = [:]
        var confirming: [CheckedContinuation<Void, any Error>] = []
        var mishap = CursorJob.Mishap()
        /// The writer has been woken, and has not yet come to take.
        var isWoken = false
        var isClosed = false

        /// Whoever confirmed waits for the last of them.
        mutating func takeCursors(atMost limit: Int) -> CursorJob {
            let some = self.cursors.prefix(limit).map { ($0.key, $0.value) }
            if some.count == self.cursors.count {
                self.cursors.removeAll(keepingCapacity: true)
            } else {
                for (key, _) in some { self.cursors[key] = nil }
            }
            let isLast = self.cursors.isEmpty
            defer {
                if isLast {
                    self.confirming.removeAll(keepingCapacity: true)
                    self.mishap = CursorJob.Mishap()
                }
            }
            return CursorJob(
                some.map {
                    Cursor(conversation: $0.conversation, user: $0.user, device: $0.device, sequence: $1)
                }, waiting: isLast ? self.confirming : [], mishap: self.mishap)
        }
    }

    /// Ten thousand who confirm in the same second would keep senders waiting for as many rows: some go with each batch.
    private static let cursorsAtOnce = 256

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let jobLimit: Int
    private let byteLimit: Int

    init(jobLimit: Int, byteLimit: Int) {
        self.jobLimit = jobLimit
        self.byteLimit = byteLimit
    }

    var count: Int { self.state.withLock { $0.jobs.count } }

    func add(_ job: any Job) {
        let refusal: (any Error)? = self.change { state in
            if state.isClosed { return StoreFault.closed }
            guard state.jobs.count < self.jobLimit, state.bytes + job.byteCount <= self.byteLimit || state.jobs.isEmpty
            else { return Rejection.overloaded }
            state.jobs.append(job)
            state.bytes += job.byteCount
            return nil
        }
        if let refusal { job.fail(refusal) }
    }

    func confirm(_ cursors: [Cursor], _ continuation: CheckedContinuation<Void, any Error>) {
        let refusal: (any Error)? = self.change { state in
            if state.isClosed { return StoreFault.closed }
            guard state.cursors.count < self.jobLimit else { return Rejection.overloaded }
            for cursor in cursors {
                let key = CursorKey(conversation: cursor.conversation, user: cursor.user, device: cursor.device)
                state.cursors[key] = max(state.cursors[key] ?? 0, cursor.sequence)
            }
            state.confirming.append(continuation)
            return nil
        }
        if let refusal { continuation.resume(throwing: refusal) }
    }

    /// What is already waiting is still done.
    func close() {
        let _: Never? = self.change { state in
            state.isClosed = true
            return nil
        }
    }

    /// - Returns: why not, or nil: then the writer is woken.
    private func change<Refusal>(_ body: (inout State) -> Refusal?) -> Refusal? {
        let (refusal, mustWake) = self.state.withLock { state -> (Refusal?, Bool) in
            if let refusal = body(&state) { return (refusal, false) }
            defer { state.isWoken = true }
            return (nil, !state.isWoken)
        }
        if mustWake { self.wake.signal() }
        return refusal
    }

    /// All that waits, in the order of arrival, cursors last; blocks until there is something. Nil: closed, and all is done.
    func take() -> [any Job]? {
        self.wake.wait()
        return self.state.withLock { state in
            state.isWoken = false
            var jobs: [any Job] = []
            swap(&jobs, &state.jobs)
            state.bytes = 0
            if !state.confirming.isEmpty {
                jobs.append(state.takeCursors(atMost: Self.cursorsAtOnce))
                if !state.cursors.isEmpty {
                    state.isWoken = true
                    self.wake.signal()
                }
            }
            guard state.isClosed else { return jobs }
            if jobs.isEmpty { return nil }
            // Nobody adds any more: the next look, which finds nothing, must not wait to be woken.
            state.isWoken = true
            self.wake.signal()
            return jobs
        }
    }
}
