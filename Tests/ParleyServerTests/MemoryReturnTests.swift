import Synchronization
import Testing

@testable import ParleyServer

struct MemoryReturnTests {
    private final class Counter: Sendable { let value = Atomic<Int>(0) }

    /// - Returns: how often memory was given back while there were so many connections, one look after the other.
    private func returns(_ connections: [Int]) -> Int {
        let count = Counter()
        let memory = MemoryReturn { count.value.add(1, ordering: .relaxed) }
        for number in connections { memory.look(connections: number) }
        return count.value.load(ordering: .relaxed)
    }

    @Test func memoryIsGivenBackOnceWhenACrowdHasGone() {
        #expect(self.returns([10, 5000, 4000, 1300, 100, 90, 10]) == 1)
        #expect(self.returns([5000, 100, 5000, 100]) == 2)
    }

    @Test func aFewWhoComeAndGoAreNoCrowd() {
        #expect(self.returns([900, 0, 900, 0]) == 0)
        #expect(self.returns([5000, 2000, 5000]) == 0)
    }
}
