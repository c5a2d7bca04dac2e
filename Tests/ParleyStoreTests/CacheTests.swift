import Synchronization
import Testing

@testable import ParleyStore

@Suite struct CacheTests {
    private final class Loads: Sendable { let count = Atomic(0) }

    @Test func whatIsUsedStaysAndWhatIsNotGoes() {
        var values = RecentValues<Int, Int>(limit: 100)
        values.insert(1, for: 1)
        for number in 2...1000 {
            values.insert(number, for: number)
            #expect(values[1] == 1)
            #expect(values.count <= 102)
        }
        #expect(values[500] == nil)
        #expect(values[1000] == 1000)
    }

    @Test func heavyValuesTakeMoreRoom() {
        var values = RecentValues<Int, Int>(limit: 100) { $0 }
        for number in 1...20 { values.insert(30, for: number) }
        #expect(values.count <= 4)
        #expect(values[20] == 30)
    }

    @Test func whatChangesWhileItIsLoadedIsNotKept() async throws {
        let cache = LoadingCache<Int, String>(limit: 10)
        let first = try await cache.value(for: 1) {
            // Read from the database; then, before it is kept, a commit:
            cache.change { $0.change(1) { $0 = "new" } }
            return "old"
        }
        #expect(first == "old")
        let second = try await cache.value(for: 1) { "new" }
        #expect(second == "new")
        let third = try await cache.value(for: 1) { "not asked" }
        #expect(third == "new")
    }

    @Test func whatIsForgottenWhileItIsLoadedIsNotKept() async throws {
        let cache = LoadingCache<Int, String>(limit: 10)
        _ = try await cache.value(for: 1) {
            cache.forget()
            return "old"
        }
        #expect(try await cache.value(for: 1) { "new" } == "new")
    }

    @Test func aFailedLoadLeavesNothingBehind() async throws {
        struct Broken: Error {}
        let cache = LoadingCache<Int, String>(limit: 10)
        await #expect(throws: Broken.self) { try await cache.value(for: 1) { throw Broken() } }
        #expect(cache.count == 0)
        #expect(try await cache.value(for: 1) { "found" } == "found")
        #expect(cache.count == 1)
    }

    /// Of many who ask at the same time, one looks; but for who asks after a change, somebody looks again.
    @Test func whoAsksWhileSomebodyLooksWaitsForHisAnswer() async throws {
        let cache = LoadingCache<Int, String>(limit: 10)
        let loads = Loads()
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 {
                group.addTask {
                    try await cache.value(for: 1) {
                        loads.count.add(1, ordering: .relaxed)
                        for await _ in gate { break }
                        return "old"
                    }
                }
            }
            while cache.waiting < 9 { await Task.yield() }
            cache.change { $0.change(1) { $0 = "new" } }
            #expect(try await cache.value(for: 1) { "new" } == "new")
            opener.yield()
            for try await value in group { #expect(value == "old") }
        }
        #expect(loads.count.load(ordering: .relaxed) == 1)
        #expect(try await cache.value(for: 1) { "not asked" } == "new")
    }

    @Test func whoWaitsForALoadThatFailsFailsWithIt() async throws {
        struct Broken: Error {}
        let cache = LoadingCache<Int, String>(limit: 10)
        await withTaskGroup { group in
            for _ in 0..<3 {
                group.addTask {
                    await #expect(throws: Broken.self) {
                        try await cache.value(for: 1) {
                            while cache.waiting < 2 { await Task.yield() }
                            throw Broken()
                        }
                    }
                }
            }
        }
        #expect(cache.waiting == 0)
    }

    @Test func unknownKeysDoNotFillTheMemory() async throws {
        let cache = LoadingCache<Int, Int?>(limit: 100)
        for number in 0..<10_000 { _ = try await cache.value(for: number) { nil } }
        #expect(cache.count <= 101)
    }
}
