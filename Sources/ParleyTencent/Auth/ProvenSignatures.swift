import Synchronization

/// UserSigs of administrators that were found right, so that a backend that sends its one signature with every call has it inflated and its MAC computed
/// once. What changes with time (its expiry, the account's tokens having been revoked, who is administrator) is still asked each time.
final class ProvenSignatures: Sendable {
    private struct Proof {
        var signature: UserSig
        /// The App's key that it was found right with: a changed key makes the proof void.
        var key: String
    }

    /// So many are held before all are forgotten: a backend has one, and perhaps renews it for each call.
    private static let limit = 1000
    private static let limitBytes = 1024

    private let proofs = Mutex<[String: Proof]>([:])

    /// The signature that the text is, if it was found right with this key.
    func signature(of text: String, provenWith key: String) -> UserSig? {
        self.proofs.withLock { proofs in
            guard let proof = proofs[text], proof.key == key else { return nil }
            return proof.signature
        }
    }

    func add(_ signature: UserSig, of text: String, provenWith key: String) {
        guard text.utf8.count <= Self.limitBytes else { return }
        self.proofs.withLock { proofs in
            if proofs.count >= Self.limit { proofs.removeAll(keepingCapacity: true) }
            proofs[text] = Proof(signature: signature, key: key)
        }
    }
}
