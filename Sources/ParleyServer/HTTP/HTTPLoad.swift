import Synchronization

/// How much the listeners hold at this moment, against what they may: memory stays bounded whatever arrives.
package final class HTTPLoad: Sendable {
    private let maximumConnections: Int
    private let maximumBodyBytes: Int
    private let connections = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    package init(maximumConnections: Int, maximumBodyBytes: Int) {
        self.maximumConnections = maximumConnections
        self.maximumBodyBytes = maximumBodyBytes
    }

    package var openConnections: Int { self.connections.load(ordering: .relaxed) }
    package var requestsInFlight: Int { self.requests.load(ordering: .relaxed) }
    /// Bytes of request bodies that are held.
    var heldBodyBytes: Int { self.bodyBytes.load(ordering: .relaxed) }
    /// The server is stopping: answers close their connections.
    package var isDraining: Bool { self.draining.load(ordering: .relaxed) }
    package func drain() { self.draining.store(true, ordering: .relaxed) }

    func admitConnection() -> Bool {
        let open = self.connections.add(1, ordering: .relaxed).newValue
        guard open <= self.maximumConnections else {
            self.connections.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    func connectionEnded() { self.connections.subtract(1, ordering: .relaxed) }

    func admitBody(_ bytes: Int) -> Bool {
        let held = self.bodyBytes.add(bytes, ordering: .relaxed).newValue
        guard held <= self.maximumBodyBytes else {
            self.bodyBytes.subtract(bytes, ordering: .relaxed)
            return false
        }
        return true
    }

    func bodyEnded(_ bytes: Int) { self.bodyBytes.subtract(bytes, ordering: .relaxed) }
    func requestBegan() { self.requests.add(1, ordering: .relaxed) }
    func requestEnded() { self.requests.subtract(1, ordering: .relaxed) }
}
