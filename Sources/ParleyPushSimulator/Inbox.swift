import Synchronization

/// What came, the newest of it. Who waits for more is told.
final class Inbox: Sendable {
    private struct State {
        var notices: [Notice] = []
        var bytes = 0
        var next = 1
        var tickets = 0
        var waiting: [Int: Waiter] = [:]
        var isClosed = false
    }

    private struct Waiter {
        var isEnough: @Sendable ([Notice]) -> Bool
        var continuation: CheckedContinuation<Void, any Error>
    }

    /// Of all bodies together.
    private static let longest = 64 * 1024 * 1024

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = max(limit, 1) }

    /// Oldest first.
    var notices: [Notice] { self.state.withLock { Array($0.notices.suffix(self.limit)) } }

    /// The number of the next one.
    func number() -> Int {
        self.state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
    }

    func add(_ notice: Notice) {
        let satisfied = self.state.withLock { state in
            state.notices.append(notice)
            state.bytes += notice.body.count
            self.trim(&state)
            let enough = state.waiting.filter { $0.value.isEnough(state.notices) }
            for id in enough.keys { state.waiting[id] = nil }
            return enough.values.map(\.continuation)
        }
        for continuation in satisfied { continuation.resume() }
    }

    /// Some more than are kept are held, so that not every arrival moves all.
    private func trim(_ state: inout State) {
        var count = state.notices.count > self.limit + self.limit / 8 ? state.notices.count - self.limit : 0
        if state.bytes > Self.longest { count = max(count, state.notices.count / 2) }
        guard count > 0 else { return }
        state.bytes -= state.notices.prefix(count).reduce(0) { $0 + $1.body.count }
        state.notices.removeFirst(count)
    }

    func clear() {
        self.state.withLock { state in
            state.notices = []
            state.bytes = 0
        }
    }

    func close() {
        let waiting = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(throwing: CancellationError()) }
    }

    /// Until what came is enough.
    func wait(until isEnough: @escaping @Sendable ([Notice]) -> Bool) async throws {
        let id = self.state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                self.enter(Waiter(isEnough: isEnough, continuation: continuation), as: id)
            }
        } onCancel: {
            self.state.withLock { $0.waiting.removeValue(forKey: id) }?.continuation.resume(
                throwing: CancellationError())
        }
    }

    private func enter(_ waiter: Waiter, as id: Int) {
        let answer: Result<Void, any Error>? = self.state.withLock { state in
            if waiter.isEnough(state.notices) { return .success(()) }
            if state.isClosed || Task.isCancelled { return .failure(CancellationError()) }
            state.waiting[id] = waiter
            return nil
        }
        if let answer { waiter.continuation.resume(with: answer) }
    }
}
