import ParleyCore
import Testing

@testable import ParleyOutbound

struct BreakerTests {
    private func breaker() -> Breaker {
        Breaker(
            RetryPolicy(
                attempts: 1, retryAfterMilliseconds: 0, failuresBeforePause: 3, failureWindowMilliseconds: 1000,
                pausesMilliseconds: [500, 2000]))
    }

    @Test func failuresFarApartDoNotPauseUnlessNothingSucceedsBetweenThem() {
        var breaker = self.breaker()
        for second in 0..<10 {
            breaker.failed(at: Int64(second) * 600)
            if second % 2 == 0 { breaker.succeeded() }
        }
        #expect(!breaker.isPaused(at: 5401))
        for second in 10..<12 { breaker.failed(at: Int64(second) * 6000) }
        #expect(breaker.isPaused(at: 66_001))
    }

    @Test func manyWithinTheWindowPause() {
        var breaker = self.breaker()
        for time: Int64 in [0, 10, 20] { breaker.failed(at: time) }
        #expect(breaker.isPaused(at: 519))
        #expect(!breaker.isPaused(at: 520))
        #expect(breaker.isProbing)
    }

    @Test func theNextFailureAfterAPauseMakesALongerOne() {
        var breaker = self.breaker()
        for time: Int64 in [0, 0, 0, 600] { breaker.failed(at: time) }
        #expect(breaker.pausedUntil == 2600)
        breaker.failed(at: 2600)
        #expect(breaker.pausedUntil == 4600)
    }

    @Test func whatWasUnderWayWhenThePauseBeganSaysNothingNew() {
        var breaker = self.breaker()
        for time: Int64 in [0, 0, 0, 1, 2, 3] { breaker.failed(at: time) }
        #expect(breaker.pausedUntil == 500)
    }

    @Test func oneSuccessForgivesAll() {
        var breaker = self.breaker()
        for time: Int64 in [0, 0, 0] { breaker.failed(at: time) }
        breaker.succeeded()
        #expect(!breaker.isPaused(at: 1))
        #expect(!breaker.isProbing)
        for time: Int64 in [1, 1] { breaker.failed(at: time) }
        #expect(!breaker.isPaused(at: 2))
    }
}
