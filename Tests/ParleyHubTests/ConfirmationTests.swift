import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// How a cursor gets to the log: only when the client has shown that it has read what was written.
struct ConfirmationTests {
    private func withStage(_ body: (Stage) -> Void) {
        let stage = Stage()
        body(stage)
        stage.close()
    }

    private let g = ConversationID(app: Stage.app, .g)

    @Test func aPongConfirmsWhatWasWrittenBeforeThePing() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            stage.say("1", in: .g)
            alice.look()
            #expect(alice.pings == [1])
            stage.say("2", in: .g)
            alice.pong()
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 1)
            alice.look()
            #expect(alice.pings == [2])
            alice.pong()
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 2)
        }
    }

    @Test func thePingIsInTheSameWriteAsTheMessage() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            alice.look()
            let flushes = alice.flushes
            stage.say("1", in: .g)
            alice.look()
            #expect(alice.pings == [1])
            #expect(alice.flushes == flushes + 1)
        }
    }

    @Test func pingsComeAtMostFourTimesASecond() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            var pings = 0
            for number in 0..<100 {
                stage.say("\(number)", in: .g)
                alice.look()
                pings += alice.pings.count
                alice.pong()
                stage.advance(.milliseconds(10))
            }
            #expect((3...5).contains(pings))
        }
    }

    @Test func whatWasInFlightComesAgainAndWhatWasConfirmedDoesNot() {
        self.withStage { stage in
            stage.join("alice")
            let first = stage.connect("alice")
            stage.say("1", in: .g)
            first.pong()
            stage.say("2", in: .g)
            first.look()
            first.leave()
            stage.say("3", in: .g)
            let second = stage.connect("alice")
            #expect(second.sequences == [2, 3])
        }
    }

    @Test func aCloseSavesAtOnceWhatWasConfirmed() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            stage.say("1", in: .g)
            alice.pong()
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 0)
            alice.leave()
            stage.loop.takeTurn()
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 1)
        }
    }

    @Test func aStrangePongConfirmsNothing() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            stage.say("1", in: .g)
            alice.reader.ponged(0)
            alice.reader.ponged(99)
            alice.leave()
            stage.loop.takeTurn()
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 0)
        }
    }

    @Test func aClientThatConfirmsByHandIsNotTakenAtItsPongs() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice", confirmation: .manual)
            for number in 1...3 { stage.say("\(number)", in: .g) }
            for _ in 0..<40 {
                stage.advance(.seconds(1))
                alice.pong()
            }
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 0)
            #expect(alice.reader.acknowledge(2, of: .g))
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 2)
            #expect(alice.reader.acknowledge(1000, of: .g))
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 3)
            #expect(!alice.reader.acknowledge(1, of: .group(GroupID("other"))))
        }
    }

    @Test func whatIsNotForTheReaderNeedsNoConfirmation() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let carol = stage.connect("carol")
            stage.say("1", in: .g, to: .only([UserID("bob")]))
            #expect(carol.sequences == [])
            #expect(carol.pings == [])
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: carol.client, in: self.g) == 1)
        }
    }

    @Test func aShardThatNobodyUsesHasNoTimers() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            stage.say("1", in: .g)
            alice.leave()
            stage.loop.takeTurn()
            #expect(stage.shard.pulse == nil)
            #expect(stage.shard.sweep == nil)
            #expect(stage.shard.feeds.isEmpty)
            #expect(stage.shard.tailBytes == 0)
        }
    }
}
