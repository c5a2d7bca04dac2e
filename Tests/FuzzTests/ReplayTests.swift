import Dispatch
import Testing

/// What the fuzzer begins from, and what it found, in every run of the tests: `make fuzz` looks for more (docs/testing.md).
struct ReplayTests {
    @Test func whatTheFuzzerBeginsFromIsReadAsItMust() async {
        await Self.each { target in
            let seeds = target.seeds()
            try require(!seeds.isEmpty, "no seeds")
            for seed in seeds { try target.run(seed) }
        }
    }

    @Test func whatTheFuzzerFoundStaysRepaired() async {
        await Self.each { target in
            for found in target.cases() { try target.run(found.bytes) }
        }
    }

    /// One target after the other, within one test: tests of their own would wait for each other, and others for them.
    private static func each(_ body: @escaping @Sendable (FuzzTarget) throws -> Void) async {
        for target in FuzzTarget.all {
            do { try await self.aside { try body(target) } } catch { Issue.record(error, "\(target.name)") }
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
