import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyDialectKit

struct RateLimiterTests {
    private let limit = RateLimiter.Limit("test", 2)

    @Test func eachCallerHasAWindowOfHisOwn() async throws {
        let bench = try await Bench.make()
        let limiter = RateLimiter(clock: bench.clock)
        #expect(limiter.admits(of: self.limit, for: bench.app, by: "alice"))
        #expect(limiter.admits(of: self.limit, for: bench.app, by: "alice"))
        #expect(!limiter.admits(of: self.limit, for: bench.app, by: "alice"))
        #expect(limiter.admits(of: self.limit, for: bench.app, by: "bob"))
        #expect(limiter.admits(2, of: self.limit, for: bench.app))
        bench.clock.advance(seconds: 1)
        #expect(limiter.admits(of: self.limit, for: bench.app, by: "alice"))
    }

    @Test func windowsThatHaveEndedAreForgotten() async throws {
        let bench = try await Bench.make()
        let limiter = RateLimiter(clock: bench.clock)
        for second in 0..<5 {
            for caller in 0..<6_000 { _ = limiter.admits(of: self.limit, for: bench.app, by: "\(second)/\(caller)") }
            bench.clock.advance(seconds: 1)
        }
        #expect(limiter.windowCount < 20_000)
    }
}
