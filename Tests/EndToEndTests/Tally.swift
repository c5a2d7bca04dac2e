import Synchronization

/// Counts, and lets somebody wait for a number.
final class Tally: Sendable {
    private struct State {
        var count = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.count } }

    func add() {
        let due = self.state.withLock { state in
            state.count += 1
            let due = state.waiting.filter { $0.number <= state.count }
            state.waiting.removeAll { $0.number <= state.count }
            return due
        }
        for one in due { one.continuation.resume() }
    }

    /// Returns when the count is `number`, or when the test's time is over.
    func reach(_ number: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = self.state.withLock { state in
                    if state.count >= number || Task.isCancelled { return true }
                    state.waiting.append((number, continuation))
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            let all = self.state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for one in all { one.continuation.resume() }
        }
    }
}

final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { self.state.withLock { $0 } }
    func set() { self.state.withLock { $0 = true } }
}

/// Values that several tasks gather.
final class Gathered<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])
    var all: [Value] { self.state.withLock { $0 } }
    func add(_ value: Value) { self.state.withLock { $0.append(value) } }
}
