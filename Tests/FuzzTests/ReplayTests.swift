import Dispatch
import Testing

/// What the fuzzer begins from, and what it found, in every run of the tests: `make fuzz` looks for more (docs/testing.md).
struct ReplayTests {
    @Test(arguments: FuzzTarget.all.map(\.name))
    func whatTheFuzzerBeginsFromIsReadAsItMust(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let seeds = target.seeds()
        #expect(!seeds.isEmpty)
        for seed in seeds { try await self.run(target, seed) }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func whatTheFuzzerFoundStaysRepaired(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        for found in target.cases() {
            await #expect(throws: Never.self, "\(name)/\(found)") { try await self.run(target, found.bytes) }
        }
    }

    private static let queue = DispatchQueue(label: "fuzz")

    /// Beside the tasks' threads: a target waits for what it starts.
    private func run(_ target: FuzzTarget, _ bytes: [UInt8]) async throws {
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            Self.queue.async { done.resume(with: Result { try target.run(bytes) }) }
        }
    }
}
