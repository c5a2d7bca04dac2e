import Synchronization

/// Answers from memory, and looks in the database once for what it does not know: who asks while somebody else looks for the same waits for that one's
/// answer. (A group of 100,000 takes some tenths of a second, and hundreds may send to it at once.)
///
/// It is never staler than the database was when the question was asked: a change that is committed while somebody loads the same value ends that load.
/// What it brings is handed to those who asked before, but not kept, and not to those who ask afterwards.
final class LoadingCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    fileprivate typealias Waiter = CheckedContinuation<Value?, any Error>

    struct State: Sendable {
        fileprivate var values: RecentValues<Key, Value>
        /// By number, those that nothing has changed meanwhile.
        fileprivate var loads: [Key: UInt64] = [:]
        fileprivate var lastLoad: UInt64 = 0
        /// By number of the load.
        fileprivate var waiters: [UInt64: [Waiter]] = [:]

        /// Changes the value where it is known. To be called for every change that was committed.
        mutating func change(_ key: Key, _ body: (inout Value) -> Void) {
            self.loads[key] = nil
            self.values.modify(key, body)
        }

        /// The value is looked for anew.
        mutating func forget(_ key: Key) {
            self.loads[key] = nil
            self.values.remove(key)
        }
    }

    private enum Place {
        case known(Value)
        case first(UInt64)
        case later
    }

    private let state: Mutex<State>

    init(limit: Int, weight: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        self.state = Mutex(State(values: RecentValues(limit: limit, weight: weight)))
    }

    func value(for key: Key, load: () async throws -> Value) async throws -> Value {
        while true {
            switch self.ask(for: key) {
            case .known(let value): return value
            case .first(let number):
                let result = await Result(of: load)
                self.end(number, of: key, with: result)
                return try result.get()
            case .later:
                if let value = try await self.wait(for: key) { return value }
            }
        }
    }

    private func ask(for key: Key) -> Place {
        self.state.withLock { state in
            if let value = state.values[key] { return .known(value) }
            if state.loads[key] != nil { return .later }
            state.lastLoad += 1
            state.loads[key] = state.lastLoad
            return .first(state.lastLoad)
        }
    }

    /// Nil: it has ended meanwhile.
    private func wait(for key: Key) async throws -> Value? {
        try await withCheckedThrowingContinuation { waiter in
            let isWaiting = self.state.withLock { state in
                guard let number = state.loads[key] else { return false }
                state.waiters[number, default: []].append(waiter)
                return true
            }
            if !isWaiting { waiter.resume(returning: nil) }
        }
    }

    private func end(_ number: UInt64, of key: Key, with result: Result<Value, any Error>) {
        let waiters = self.state.withLock { state in
            if state.loads[key] == number {
                state.loads[key] = nil
                if case .success(let value) = result { state.values.insert(value, for: key) }
            }
            return state.waiters.removeValue(forKey: number) ?? []
        }
        for waiter in waiters { waiter.resume(with: result.map(Optional.some)) }
    }

    func change(_ body: (inout State) -> Void) { self.state.withLock { body(&$0) } }

    /// Everything may have changed.
    func forget() {
        self.state.withLock { state in
            state.values.removeAll()
            state.loads = [:]
        }
    }

    /// Those who wait for what somebody else loads.
    var waiting: Int { self.state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } } }

    var count: Int { self.state.withLock { $0.values.count } }
}

extension Result {
    fileprivate init(of body: () async throws(Failure) -> Success) async {
        do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
