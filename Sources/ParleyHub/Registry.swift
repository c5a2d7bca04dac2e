import ParleyCore
import Synchronization

/// Who is connected, on whichever loop: the one thing that shards share. Asked and changed when somebody comes or goes, never to deliver.
final class Registry: Sendable {
    struct Record: Sendable {
        /// The connection's number in this process.
        var number: UInt64
        var shard: Int
        var connection: Connection
        var tokenIssuedAt: Timestamp
    }

    private struct State {
        var records: [UserKey: [Record]] = [:]
        var count = 0
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.count } }

    func nextNumber() -> UInt64 {
        self.state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    /// - Returns: the connection of the same device that was there before. It is not registered any more, and must be ended.
    func add(_ record: Record, for key: UserKey) -> Record? {
        self.state.withLock { state in
            var records = state.records[key] ?? []
            let previous = records.firstIndex { $0.connection.device == record.connection.device }
            let replaced = previous.map { records.remove(at: $0) }
            records.append(record)
            state.records[key] = records
            if replaced == nil { state.count += 1 }
            return replaced
        }
    }

    /// Does nothing when it is gone already.
    func remove(_ number: UInt64, of key: UserKey) {
        self.state.withLock { state in
            guard var records = state.records[key],
                let index = records.firstIndex(where: { $0.number == number })
            else { return }
            records.remove(at: index)
            state.records[key] = records.isEmpty ? nil : records
            state.count -= 1
        }
    }

    func records(of key: UserKey) -> [Record] { self.state.withLock { $0.records[key] ?? [] } }
}
