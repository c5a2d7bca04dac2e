import ParleyCore
import Synchronization
import Testing

struct DoorbellTests {
    /// A listener that was wrapped anew with each commit would by now be a hundred thousand calls deep, which no stack holds.
    @Test func theHundredThousandthCommitIsHeardLikeTheFirst() {
        let doorbell = Doorbell()
        let counter = Counter()
        doorbell.onCommit { _ in counter.count.add(1, ordering: .relaxed) }
        for _ in 1...100_000 { doorbell.committed(Commit()) }
        #expect(counter.count.load(ordering: .relaxed) == 100_000)
    }

    private final class Counter: Sendable {
        let count = Atomic(0)
    }
}
