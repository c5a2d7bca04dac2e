import NIOCore
import NIOEmbedded
import Testing

@testable import ParleyHub

/// Many who get something at once take turns.
struct TurnTests {
    private func aLargeGroup(of count: Int, turn: Int, _ body: (Stage, [Guest]) -> Void) {
        let stage = Stage(HubConfiguration(turn: turn))
        let names = (0..<count).map { "m\($0)" }
        for name in names { stage.join(name) }
        let guests = names.map { stage.connect($0) }
        for guest in guests { _ = guest.news() }
        body(stage, guests)
        stage.close()
    }

    @Test func someAreWrittenToAtATime() {
        self.aLargeGroup(of: 10, turn: 4) { stage, guests in
            stage.commit([stage.record("1", in: .g)])
            stage.loop.run()
            #expect(guests.map { $0.news().count } == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
            stage.loop.takeTurn()
            #expect(guests.map { $0.news().count } == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0])
            stage.run()
            #expect(guests.map { $0.news().count } == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        }
    }

    @Test func othersDoNotWaitForThem() {
        self.aLargeGroup(of: 40, turn: 4) { stage, guests in
            let friend = stage.connect("friend")
            stage.commit([stage.record("1", in: .g)])
            stage.loop.run()
            stage.commit([stage.record("hello", in: .between("alice", "friend"))])
            for _ in 0..<3 { stage.loop.takeTurn() }
            #expect(friend.news() == ["ready", "1"])
            #expect(guests[39].news() == [])
            stage.run()
            #expect(guests[39].news() == ["1"])
        }
    }

    /// What comes while they take turns goes out in one piece, when all have had theirs.
    @Test func whatIsSaidMeanwhileGathersForTheNextTimeRound() {
        self.aLargeGroup(of: 10, turn: 4) { stage, guests in
            stage.commit([stage.record("1", in: .g)])
            stage.loop.run()
            for number in 2...5 {
                stage.commit([stage.record("\(number)", in: .g)])
                stage.loop.run()
            }
            #expect(guests[0].news() == ["1"])
            stage.run()
            #expect(guests[0].news() == ["2", "3", "4", "5"])
            for guest in guests.dropFirst() { #expect(guest.news() == ["1", "2", "3", "4", "5"]) }
            #expect(stage.shard.feedsWithRun.isEmpty)
        }
    }

    /// Else thousands who have fallen behind would be served before what is said elsewhere.
    @Test func whoCatchesUpThereWaitsWithTheOthersThere() {
        self.aLargeGroup(of: 10, turn: 4) { stage, guests in
            guests[0].isFull = true
            stage.commit([stage.record("1", in: .g)])
            stage.run()
            stage.shard.isSettling = true
            guests[0].isFull = false
            stage.shard.readOn(guests[0].reader)
            #expect(stage.shard.readersToFlush.isEmpty)
            #expect(!stage.shard.crowd.isEmpty)
            stage.shard.isSettling = false
            stage.shard.settle()
            stage.run()
            #expect(guests[0].news() == ["1"])
        }
    }

    @Test func whoLeavesBeforeHisTurnHarmsNobody() {
        self.aLargeGroup(of: 10, turn: 4) { stage, guests in
            stage.commit([stage.record("1", in: .g)])
            stage.loop.run()
            guests[8].leave()
            stage.run()
            #expect(guests[9].news() == ["1"])
        }
    }
}
