import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// The race between looking up where to read on and what is said meanwhile.
struct ArrivalTests {
    private func withStage(_ body: (Stage) -> Void) {
        let stage = Stage()
        body(stage)
        stage.close()
    }

    @Test func whatIsSaidBeforeTheLookIsNotLost() {
        self.withStage { stage in
            stage.join("alice")
            _ = stage.record("1", in: .g)
            let alice = stage.arrive("alice")
            stage.commit([stage.record("2", in: .g)])
            stage.loop.takeTurn()
            stage.run()
            #expect(alice.sequences == [1, 2])
        }
    }

    @Test func whatIsSaidBetweenTheLookAndTheAnswerIsNotLost() {
        self.withStage { stage in
            stage.join("alice")
            _ = stage.record("1", in: .g)
            let alice = stage.arrive("alice")
            stage.library.look()
            stage.commit([stage.record("2", in: .g)])
            stage.commit([stage.record("hi", in: .between("alice", "bob"), from: "bob")])
            stage.loop.takeTurn()
            stage.run()
            alice.look()
            #expect(alice.lines.filter { $0.conversation == "group:g" }.map(\.sequence) == [1, 2])
            #expect(alice.lines.filter { $0.conversation == "direct:bob" }.map(\.sequence) == [1])
        }
    }

    @Test func whatTheLookSawAndTheCommitBringsLaterIsNotRepeated() {
        self.withStage { stage in
            stage.join("alice")
            let late = [stage.record("1", in: .g), stage.record("hi", in: .between("alice", "bob"), from: "bob")]
            let alice = stage.connect("alice")
            stage.commit(late)
            stage.run()
            #expect(alice.sequences.sorted() == [1, 1])
            stage.say("2", in: .g)
            #expect(alice.sequences.sorted() == [1, 1, 2])
        }
    }

    @Test func joiningBetweenTheLookAndTheAnswerCounts() {
        self.withStage { stage in
            _ = stage.record("before", in: .g)
            let alice = stage.arrive("alice")
            stage.library.look()
            let change = stage.library.join(UserID("alice"), GroupID("g"), in: Stage.app)
            stage.commit([stage.record("after", in: .g)], [change])
            stage.loop.takeTurn()
            stage.run()
            #expect(alice.sequences == [2])
        }
    }

    @Test func aJoinThatTheLookSawAlreadyIsNotStartedAgain() {
        self.withStage { stage in
            let change = stage.library.join(UserID("alice"), GroupID("g"), in: Stage.app)
            let entry = stage.record("1", in: .g)
            let alice = stage.connect("alice")
            #expect(alice.sequences == [1])
            stage.commit([entry], [change])
            stage.run()
            #expect(alice.sequences == [1])
        }
    }

    @Test func leavingAndJoiningThatTheLookSawIsNotStartedAgain() {
        self.withStage { stage in
            stage.join("alice")
            let left = stage.library.leave(UserID("alice"), GroupID("g"), in: Stage.app)
            let back = stage.library.join(UserID("alice"), GroupID("g"), in: Stage.app)
            let entry = stage.record("1", in: .g)
            let alice = stage.connect("alice")
            #expect(alice.sequences == [1])
            stage.commit([], [left])
            stage.commit([entry], [back])
            stage.run()
            #expect(alice.sequences == [1])
            stage.say("2", in: .g)
            #expect(alice.sequences == [1, 2])
        }
    }

    @Test func leavingBetweenTheLookAndTheAnswerCounts() {
        self.withStage { stage in
            stage.join("alice")
            _ = stage.record("1", in: .g)
            let alice = stage.arrive("alice")
            stage.library.look()
            stage.commit([], [stage.library.leave(UserID("alice"), GroupID("g"), in: Stage.app)])
            stage.loop.takeTurn()
            stage.run()
            #expect(alice.sequences == [])
            #expect(alice.isReady)
        }
    }

    @Test func aCursorBeyondTheEndIsOfAGroupThatIsNoMore() {
        self.withStage { stage in
            stage.join("alice")
            stage.say("1", in: .g)
            let conversation = ConversationID(app: Stage.app, .g)
            stage.library.confirm([
                Cursor(conversation: conversation, user: UserID("alice"), device: DeviceID("phone"), sequence: 50)
            ])
            let alice = stage.connect("alice")
            #expect(alice.sequences == [1])
        }
    }

    @Test func anEndThatIsNotInTheLogIsNotLookedForForEver() {
        self.withStage { stage in
            stage.join("alice")
            stage.say("1", in: .g)
            let alice = stage.arrive("alice")
            // The look finds five entries; when they are read, the group has ended and begun anew with two.
            let late = (2...5).map { stage.record("\($0)", in: .g) }
            stage.library.look()
            let gone = stage.library.dissolve(GroupID("g"), in: Stage.app)
            let back = stage.library.join(UserID("alice"), GroupID("g"), in: Stage.app)
            let new = ["one", "two"].map { stage.record($0, in: .g) }
            stage.run()
            #expect(alice.isReady || !alice.look().isEmpty)
            #expect(stage.library.reads < 5)
            stage.commit(late)
            stage.commit(new, gone + [back])
            stage.run()
            stage.say("three", in: .g)
            #expect(alice.sequences.suffix(1) == [3])
            let ids = alice.lines.map(\.id)
            #expect(Set(ids).count == ids.count)
            #expect(Set(ids).isSuperset(of: new.map(\.id)))
        }
    }

    @Test func aUserWhoWasBlockedMeanwhileIsTurnedAway() {
        self.withStage { stage in
            stage.library.refusal = .userInactive
            let alice = stage.connect("alice")
            #expect(alice.ending == .disconnected(.userInactive))
            // Also who would only say much later where he is, and could send meanwhile.
            let bob = stage.connect("bob", beginning: .whenAsked)
            #expect(bob.ending == .disconnected(.userInactive))
        }
    }

    @Test func leavingBeforeTheAnswerLeavesNothingBehind() {
        self.withStage { stage in
            stage.join("alice")
            _ = stage.record("1", in: .g)
            let alice = stage.arrive("alice")
            stage.library.look()
            alice.leave()
            stage.run()
            #expect(stage.shard.readers.isEmpty)
            #expect(stage.shard.readersByUser.isEmpty)
            #expect(stage.shard.feeds.isEmpty)
            #expect(stage.shard.connecting == 0)
        }
    }
}
