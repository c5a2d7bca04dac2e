import Dispatch
import Testing

/// What the fuzzer begins from, and what it found, in every run of the tests: `make fuzz` looks for more (docs/testing.md).
struct ReplayTests {
    @Test(arguments: FuzzTarget.all.map(\.name))
    func whatTheFuzzerBeginsFromIsReadAsItMust(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let count = try await Self.aside {
            let seeds = target.seeds()
            for seed in seeds { try target.run(seed) }
            return seeds.count
        }
        #expect(count > 0)
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func whatTheFuzzerFoundStaysRepaired(name: String) async throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        try await Self.aside {
            for found in target.cases() { try target.run(found.bytes) }
        }
    }

    private static let queue = DispatchQueue(label: "fuzz")

    /// Beside the tasks' threads: a target waits for what it starts, and two of them would leave the tasks no thread to run on.
    private static func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { done in
            self.queue.async { done.resume(with: Result(catching: body)) }
        }
    }
}
