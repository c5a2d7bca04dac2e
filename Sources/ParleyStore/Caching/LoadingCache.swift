import Synchronization

/// Answers from memory, and looks in the database once for what it does not know.
///
/// It is never staler than the database was when the question was asked: a change that is committed while somebody loads the same value marks that load,
/// and what it brings is handed to the one who asked (he asked before), but not kept.
final class LoadingCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    fileprivate struct Load {
        var readers = 0
        var isOutdated = false
    }

    struct State: Sendable {
        fileprivate var values: RecentValues<Key, Value>
        fileprivate var loads: [Key: Load] = [:]

        /// Changes the value where it is known. To be called for every change that was committed.
        mutating func change(_ key: Key, _ body: (inout Value) -> Void) {
            self.loads[key]?.isOutdated = true
            self.values.modify(key, body)
        }
    }

    private let state: Mutex<State>

    init(limit: Int, weight: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        self.state = Mutex(State(values: RecentValues(limit: limit, weight: weight)))
    }

    func value(for key: Key, load: () async throws -> Value) async throws -> Value {
        let known = self.state.withLock { state -> Value? in
            if let value = state.values[key] { return value }
            state.loads[key, default: Load()].readers += 1
            return nil
        }
        if let known { return known }
        do {
            let value = try await load()
            self.endLoad(of: key, keeping: value)
            return value
        } catch {
            self.endLoad(of: key, keeping: nil)
            throw error
        }
    }

    private func endLoad(of key: Key, keeping value: Value?) {
        self.state.withLock { state in
            guard var load = state.loads[key] else { return }
            if let value, !load.isOutdated { state.values.insert(value, for: key) }
            load.readers -= 1
            state.loads[key] = load.readers > 0 ? load : nil
        }
    }

    func change(_ body: (inout State) -> Void) { self.state.withLock { body(&$0) } }

    /// Everything may have changed.
    func forget() {
        self.state.withLock { state in
            state.values.removeAll()
            for key in state.loads.keys { state.loads[key]?.isOutdated = true }
        }
    }

    var count: Int { self.state.withLock { $0.values.count } }
}
