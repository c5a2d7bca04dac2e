import ParleyCore
import Synchronization

/// So many in each second of the clock. Roughly: threads that ask at the same moment may both get the last.
final class Allowance: Sendable {
    private let perSecond: Int
    private let second = Atomic<Int64>(0)
    private let taken = Atomic<Int>(0)

    init(perSecond: Int) { self.perSecond = perSecond }

    /// - Returns: false when the second's are taken.
    func take(at now: Timestamp) -> Bool {
        if self.second.load(ordering: .relaxed) != now.seconds {
            self.second.store(now.seconds, ordering: .relaxed)
            self.taken.store(0, ordering: .relaxed)
        }
        guard self.taken.load(ordering: .relaxed) < self.perSecond else { return false }
        self.taken.add(1, ordering: .relaxed)
        return true
    }
}
