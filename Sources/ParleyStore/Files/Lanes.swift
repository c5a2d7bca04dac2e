import Dispatch
import Synchronization

/// A few threads for work that blocks or takes long, away from the callers' event loops. So many things are done at a time, the rest waits.
final class Lanes: Sendable {
    private let queues: [DispatchQueue]
    private let turn = Atomic<Int>(0)

    init(_ name: String, count: Int) {
        self.queues = (0..<count).map { DispatchQueue(label: "parley.\(name).\($0)") }
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let turn = self.turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return try await withCheckedThrowingContinuation { continuation in
            self.queues[Int(turn.magnitude % UInt(self.queues.count))].async {
                continuation.resume(with: Swift.Result { try body() })
            }
        }
    }
}
