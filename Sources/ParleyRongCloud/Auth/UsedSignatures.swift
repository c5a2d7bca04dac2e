import ParleyCore
import Synchronization

/// The signatures that were accepted, for Apps that let each be used once (`single-use-nonces`, beside a tolerance for the age of signatures).
///
/// Nothing is remembered across a restart, and only so much at all: whatever may have been forgotten is older than `floor`, and what is older than
/// that is refused. So a signature is never accepted twice, and at worst, a backend whose clock is behind must wait that long after a start.
final class UsedSignatures: Sendable {
    /// Two generations of fingerprints. When the older is dropped, none of its signatures would still be timely, or the floor rises above them.
    struct Memory {
        private(set) var floor: Timestamp
        private var young = Set<Int>()
        private var old = Set<Int>()
        private var latestYoung = Timestamp.distantPast
        private var latestOld = Timestamp.distantPast
        private var turnedAt: Timestamp

        init(startedAt: Timestamp) {
            self.floor = startedAt
            self.turnedAt = startedAt
        }

        /// - Returns: whether it is the first time, and then it is remembered.
        mutating func use(
            _ fingerprint: Int, sentAt: Timestamp, at now: Timestamp, toleranceSeconds: Int64, limit: Int
        ) -> Bool {
            if now >= self.turnedAt.adding(seconds: 2 * toleranceSeconds) || self.young.count >= limit {
                self.floor = max(self.floor, self.latestOld)
                (self.old, self.latestOld) = (self.young, self.latestYoung)
                (self.young, self.latestYoung) = ([], .distantPast)
                self.turnedAt = now
            }
            guard sentAt > self.floor, !self.old.contains(fingerprint), self.young.insert(fingerprint).inserted else {
                return false
            }
            self.latestYoung = max(self.latestYoung, sentAt)
            return true
        }
    }

    /// In each of two generations of an App: some 20 MB at most.
    private static let limit = 500_000
    private let startedAt: Timestamp
    private let memories = Mutex<[AppID: Memory]>([:])

    init(startedAt: Timestamp) { self.startedAt = startedAt }

    /// - Parameter signature: one that the App's secret made, and that is timely.
    func isFirstUse(_ signature: Signature, in app: AppID, at now: Timestamp, toleranceSeconds: Int64) -> Bool {
        guard let sentAt = signature.sentAt else { return false }
        var hasher = Hasher()
        hasher.combine(signature.nonce)
        hasher.combine(signature.timestamp)
        let fingerprint = hasher.finalize()
        return self.memories.withLock { memories in
            memories[app, default: Memory(startedAt: self.startedAt)].use(
                fingerprint, sentAt: sentAt, at: now, toleranceSeconds: toleranceSeconds, limit: Self.limit)
        }
    }
}
