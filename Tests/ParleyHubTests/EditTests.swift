import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// A message that was changed, and those who have seen it, have not, and must not.
struct EditTests {
    private func withStage(_ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage) -> Void) {
        let stage = Stage(configuration)
        body(stage)
        stage.close()
    }

    @Test func whoHasSeenTheMessageLearnsAndWhoHasNotSeesItAsItIsNow() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (bob, carol) = (stage.connect("bob"), stage.connect("carol"))
            carol.isFull = true
            let entry = stage.say("helo", in: .g)
            stage.commit([stage.library.edit(entry, to: "hello")])
            stage.run()
            carol.isFull = false
            stage.run()
            #expect(bob.texts == ["helo", "edit:hello"])
            #expect(carol.texts == ["hello", "edit:hello"])
            #expect(stage.library.reads == 0)
            #expect(stage.shard.feeds.values.reduce(0) { $0 + $1.tail.bytes } == stage.shard.tailBytes)
        }
    }

    @Test func whatIsSaidAndEditedInOneTickIsToldAsItIsNowToWhoeverReadsItLater() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (bob, carol) = (stage.connect("bob"), stage.connect("carol"))
            carol.isFull = true
            let entry = stage.record("helo", in: .g)
            stage.commit([entry])
            stage.commit([stage.library.edit(entry, to: "hello")])
            stage.run()
            carol.isFull = false
            stage.run()
            #expect(bob.texts == ["hello", "edit:hello"])
            #expect(carol.texts == ["hello", "edit:hello"])
        }
    }

    @Test func anAnswerOfTheLogFromBeforeTheEditDoesNotSpoilTheTail() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let dave = stage.connect("alice", device: "web")
            let entry = stage.record("helo", in: .g)
            let bob = stage.arrive("bob")
            stage.library.look()
            stage.library.tell()
            stage.loop.takeTurn()
            stage.library.look()
            stage.commit([entry])
            stage.commit([stage.library.edit(entry, to: "hello")])
            stage.loop.takeTurn()
            stage.run()
            let carol = stage.connect("carol")
            #expect(bob.texts == ["hello", "edit:hello"])
            #expect(carol.texts == ["hello", "edit:hello"])
            #expect(dave.texts == ["hello", "edit:hello"])
        }
    }

    @Test func theEditOfATargetedMessageIsForItsAudience() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (alice, bob, carol) = (stage.connect("alice"), stage.connect("bob"), stage.connect("carol"))
            let entry = stage.say("psst", in: .g, to: .only([UserID("bob")]))
            stage.commit([stage.record("all", in: .g), stage.library.edit(entry, to: "secret")])
            stage.run()
            stage.say("after", in: .g)
            #expect(alice.texts == ["psst", "all", "edit:secret", "after"])
            #expect(bob.texts == ["psst", "all", "edit:secret", "after"])
            #expect(carol.texts == ["all", "after"])
        }
    }

    @Test func theEditOfWhatDoesNotReachItsSenderDoesNotEither() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            let entry = stage.say("one", in: .g) { $0.reachesSender = false }
            stage.commit([stage.library.edit(entry, to: "two")])
            stage.run()
            #expect(alice.texts == [])
            #expect(bob.texts == ["one", "edit:two"])
        }
    }

    @Test func whatWasEditedAndTakenBackIsNotFoundInItsEdits() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (bob, carol) = (stage.connect("bob"), stage.connect("carol"))
            carol.isFull = true
            let entry = stage.say("one", in: .g)
            stage.commit([stage.library.edit(entry, to: "two")])
            stage.run()
            stage.library.markRecalled(entry)
            stage.commit([
                stage.library.append(
                    .recall(Recall(target: entry.id, targetSequence: entry.sequence, by: UserID("alice"))),
                    to: entry.conversation)
            ])
            stage.run()
            carol.isFull = false
            stage.run()
            #expect(bob.texts == ["one", "edit:two", "recall"])
            #expect(carol.texts == ["recall"])
        }
    }

    @Test func whoJoinedLaterIsNotToldByAnEditWhatWasSaidBefore() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let bob = stage.connect("bob")
            let old = stage.say("old", in: .g)
            stage.join("carol")
            let carol = stage.connect("carol")
            let new = stage.say("new", in: .g)
            stage.commit([stage.library.edit(old, to: "old!")])
            stage.run()
            stage.commit([stage.library.edit(new, to: "new!")])
            stage.commit([self.recall(old, on: stage)])
            stage.run()
            #expect(bob.texts == ["old", "new", "edit:old!", "edit:new!", "recall"])
            #expect(carol.texts == ["new", "edit:new!"])
        }
    }

    @Test func whatWasOnlyForThoseOnlineIsNotShownToOthersByItsEdit() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let bob = stage.connect("bob")
            let entry = stage.say("now", in: .g) { $0.isLiveOnly = true }
            stage.advance(.seconds(1))
            let carol = stage.connect("carol")
            stage.commit([stage.library.edit(entry, to: "now!")])
            stage.run()
            #expect(bob.texts == ["now", "edit:now!"])
            #expect(carol.texts == [])
        }
    }

    @Test func theRecallOfATargetedMessageIsForItsAudience() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (alice, bob, carol) = (stage.connect("alice"), stage.connect("bob"), stage.connect("carol"))
            let entry = stage.say("psst", in: .g, to: .only([UserID("bob")]))
            stage.commit([
                stage.record("all", in: .g),
                self.recall(entry, on: stage, audience: .only([UserID("bob"), UserID("alice")])),
            ])
            stage.run()
            stage.say("after", in: .g)
            for guest in [alice, bob] { #expect(guest.texts == ["psst", "all", "recall", "after"]) }
            #expect(carol.texts == ["all", "after"])
        }
    }

    @Test func whoIsNotToldOfARecallIsNot() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            let entry = stage.say("hi", in: .g, from: "bob")
            stage.commit([stage.record("one", in: .g), self.recall(entry, on: stage, untold: UserID("bob"))])
            stage.run()
            stage.say("after", in: .g)
            #expect(alice.texts == ["hi", "one", "recall", "after"])
            #expect(!bob.texts.contains("recall") && bob.texts.last == "after")
        }
    }

    private func recall(
        _ entry: Entry, on stage: Stage, audience: Audience = .everyone, untold: UserID? = nil
    ) -> Entry {
        stage.library.append(
            .recall(
                Recall(
                    target: entry.id, targetSequence: entry.sequence, by: UserID("alice"), audience: audience,
                    untold: untold)),
            to: entry.conversation)
    }
}
