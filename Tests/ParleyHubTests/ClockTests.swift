import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyHub

/// Wall clocks jump; loops' clocks do not.
struct ClockTests {
    @Test func aJumpPastATokensEndEndsThatConnectionAndNoOther() {
        let stage = Stage()
        let alice = stage.connect("alice", tokenExpiresAt: stage.clock.now().adding(seconds: 3600))
        let bob = stage.connect("bob")
        stage.clock.advance(milliseconds: 7_200_000)
        stage.loop.advanceTime(by: .seconds(1))
        stage.run()
        #expect(alice.ending == .disconnected(.tokenExpired))
        #expect(bob.ending == nil)
        stage.close()
    }

    @Test func aJumpBackChangesNothing() {
        let stage = Stage()
        stage.join("alice")
        let alice = stage.connect("alice", tokenExpiresAt: stage.clock.now().adding(seconds: 3600))
        stage.say("1", in: .g)
        alice.pong()
        stage.clock.advance(milliseconds: -86_400_000)
        for _ in 0..<20 {
            alice.pong()
            stage.loop.advanceTime(by: .seconds(1))
            stage.run()
        }
        stage.say("2", in: .g)
        #expect(alice.ending == nil)
        #expect(alice.sequences == [1, 2])
        #expect(stage.library.cursor(of: alice.client, in: ConversationID(app: Stage.app, .g)) == 1)
        // Silence is the loop's to measure.
        for _ in 0..<80 { stage.loop.advanceTime(by: .seconds(1)) }
        #expect(alice.ending == .silent)
        stage.close()
    }
}

/// Thousands who come at once: a server that was away.
struct CrowdTests {
    @Test func thousandsAtOnceAllGetReadyAndTheLogIsAskedByFew() {
        let stage = Stage(HubConfiguration(concurrentReads: 8))
        for number in 0..<3000 { _ = stage.library.join(UserID("u\(number)"), GroupID("g"), in: Stage.app) }
        stage.say("before", in: .g)
        let guests = (0..<3000).map { stage.arrive("u\($0)") }
        var most = 0
        while stage.library.isAsked || stage.shard.awaitsTurn || stage.shard.gate.awaitsTurn {
            most = max(most, stage.library.questionCount + stage.library.answerCount)
            if stage.library.hasQuestion { stage.library.look() }
            if stage.library.hasAnswer { stage.library.tell() }
            stage.loop.takeTurn()
        }
        #expect(most <= 8)
        #expect(guests.allSatisfy { $0.isReadyNow && $0.sequences == [1] })
        #expect(stage.shard.connecting == 0)
        #expect(stage.shard.marks.isEmpty)
        let encoded = stage.wire.count
        stage.say("after", in: .g)
        #expect(guests.allSatisfy { $0.sequences == [1, 2] })
        #expect(stage.wire.count == encoded + 1)
        stage.close()
        #expect(stage.shard.feeds.isEmpty)
    }
}
