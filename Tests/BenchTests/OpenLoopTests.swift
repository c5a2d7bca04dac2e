import Testing

@testable import parley

@Suite struct OpenLoopTests {
    @Test func requestsAreDueAtASteadyRate() {
        var schedule = OpenLoop(rate: 1000, from: 5_000_000)
        #expect(schedule.take() == 5_000_000)
        #expect(schedule.take() == 6_000_000)
        #expect(schedule.next == 7_000_000)
    }

    @Test func aDelayMovesNothing() {
        // Nobody asks for half a second; then all that was due meanwhile is taken with the times at which it was due.
        var schedule = OpenLoop(rate: 100, from: 0)
        var due: [Int64] = []
        while schedule.next <= 500_000_000 { due.append(schedule.take()) }
        #expect(due.count == 51)
        #expect(due.last == 500_000_000)
        #expect(zip(due, due.dropFirst()).allSatisfy { $1 - $0 == 10_000_000 })
    }

    @Test func thirdsOfASecondDoNotDrift() {
        var schedule = OpenLoop(rate: 3, from: 0)
        for _ in 0..<3000 { _ = schedule.take() }
        #expect(schedule.next == 1_000_000_000_000)
    }
}
