import Synchronization

/// Tokens and signatures that were found right, by their text, so that a backend that shows its one token with every call has it decoded and its MAC computed
/// once. What changes with time (its expiry, revocation, who is administrator) is still to be asked each time.
package final class Proofs<Key: Hashable & Sendable, Proven: Sendable>: Sendable {
    private struct Proof {
        var proven: Proven
        var key: Key
    }

    /// So many are held before all are forgotten: a backend has one, and perhaps renews it for each call.
    private static var limit: Int { 1000 }
    private static var limitBytes: Int { 1024 }

    private let proofs = Mutex<[String: Proof]>([:])

    package init() {}

    /// What the text is, if it was found right with this key. A changed key makes the proof void.
    package func proven(_ text: String, with key: Key) -> Proven? {
        self.proofs.withLock { proofs in
            guard let proof = proofs[text], proof.key == key else { return nil }
            return proof.proven
        }
    }

    package func add(_ proven: Proven, of text: String, with key: Key) {
        guard text.utf8.count <= Self.limitBytes else { return }
        self.proofs.withLock { proofs in
            if proofs.count >= Self.limit { proofs.removeAll(keepingCapacity: true) }
            proofs[text] = Proof(proven: proven, key: key)
        }
    }
}
