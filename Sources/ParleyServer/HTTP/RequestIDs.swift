import Synchronization

/// Ids for requests that bring none: unique in the process and, by their random start, across restarts.
final class RequestIDs: Sendable {
    private let counter = Atomic<UInt64>(UInt64.random(in: 0..<(1 << 62)))

    func next() -> String {
        let value = self.counter.add(1, ordering: .relaxed).newValue
        return String(value, radix: 16)
    }

    /// A caller's own id is used if it is short and printable: it ends up in headers and logs.
    static func isAcceptable(_ id: String) -> Bool {
        !id.isEmpty && id.utf8.count <= 64 && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
