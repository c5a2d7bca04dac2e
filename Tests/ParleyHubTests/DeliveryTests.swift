import NIOCore
import ParleyCore
import Testing

@testable import ParleyHub

/// One shard, its clients, and what each of them gets.
struct DeliveryTests {
    private func withStage(_ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage) -> Void) {
        let stage = Stage(configuration)
        body(stage)
        stage.close()
    }

    @Test func membersGetWhatIsSaidAndNobodyElse() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let (alice, bob, carol) = (stage.connect("alice"), stage.connect("bob"), stage.connect("carol"))
            stage.say("one", in: .g)
            stage.say("two", in: .g)
            #expect(alice.sequences == [1, 2])
            #expect(bob.sequences == [1, 2])
            #expect(carol.sequences == [])
            #expect(bob.lines.map(\.conversation) == ["group:g", "group:g"])
        }
    }

    @Test func aMessageIsEncodedOnceForAllMembers() {
        self.withStage { stage in
            let users = (0..<20).map { "user\($0)" }
            for user in users { stage.join(user) }
            let guests = users.map { stage.connect($0) }
            stage.say("one", in: .g)
            #expect(stage.wire.count == 1)
            #expect(guests.allSatisfy { $0.sequences == [1] })
        }
    }

    /// Were a slice taken while the buffer is still written to, each entry would copy all before it.
    @Test func whatIsCommittedTogetherIsEncodedIntoOneBuffer() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            stage.commit((0..<100).map { stage.record("\($0)", in: .g) })
            stage.run()
            #expect(alice.sequences == Array(1...100))
            let feed = stage.shard.feeds[ConversationID(app: Stage.app, .g)]
            let capacities = (1...100).map { feed?.tail.frames($0, form: 0)?.storageCapacity }
            #expect(Set(capacities).count == 1)
            #expect(capacities[0] ?? 0 > 100)
        }
    }

    @Test func whatIsCommittedTogetherIsWrittenAtOnce() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            alice.pong()
            alice.look()
            let flushes = alice.flushes
            let entries = (0..<10).map { stage.record("\($0)", in: .g) }
            stage.commit(Array(entries[..<5]))
            stage.commit(Array(entries[5...]))
            stage.run()
            #expect(alice.sequences == Array(1...10))
            #expect(alice.flushes == flushes + 1)
        }
    }

    @Test func theEndsOfADirectConversationSeeEachOther() {
        self.withStage { stage in
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            let second = stage.connect("alice", device: "tablet")
            stage.say("one", in: .between("alice", "bob"))
            stage.say("two", in: .between("alice", "bob"), from: "bob")
            alice.look()
            bob.look()
            second.look()
            #expect(alice.lines.map(\.conversation) == ["direct:bob", "direct:bob"])
            #expect(second.lines == alice.lines)
            #expect(bob.lines.map(\.conversation) == ["direct:alice", "direct:alice"])
        }
    }

    @Test func aUserMayTalkToHimselfAndTheSystemToHim() {
        self.withStage { stage in
            let alice = stage.connect("alice")
            stage.say("note", in: .between("alice", "alice"))
            stage.say("news", in: .system(UserID("alice")), from: "admin")
            alice.look()
            #expect(alice.lines.map(\.conversation) == ["direct:alice", "system"])
        }
    }

    @Test func aTargetedMessageReachesItsTargetsAndTheSendersDevices() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (alice, bob, carol) = (stage.connect("alice"), stage.connect("bob"), stage.connect("carol"))
            stage.say("all", in: .g)
            stage.say("bob only", in: .g, to: .only([UserID("bob")]))
            stage.say("all again", in: .g)
            #expect(alice.sequences == [1, 2, 3])
            #expect(bob.sequences == [1, 2, 3])
            #expect(carol.sequences == [1, 3])
        }
    }

    @Test func aMixedCommitGivesEachWhatIsHis() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (alice, bob, carol) = (stage.connect("alice"), stage.connect("bob"), stage.connect("carol"))
            let entries = [
                stage.record("1", in: .g),
                stage.record("2", in: .g, to: .only([UserID("carol")])),
                stage.record("3", in: .g) { $0.reachesSender = false },
                stage.record("4", in: .g, from: "bob"),
            ]
            stage.commit(entries)
            stage.run()
            #expect(alice.sequences == [1, 2, 4])
            #expect(bob.sequences == [1, 3, 4])
            #expect(carol.sequences == [1, 2, 3, 4])
        }
    }

    @Test func whatIsForThoseOnlineIsNotForThoseWhoComeLater() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let alice = stage.connect("alice")
            stage.say("live", in: .g) { $0.isLiveOnly = true }
            stage.advance(.seconds(5))
            let bob = stage.connect("bob")
            #expect(alice.sequences == [1])
            #expect(bob.sequences == [])
            stage.say("later", in: .g) { $0.isLiveOnly = true }
            #expect(bob.sequences == [2])
        }
    }

    @Test func aRecalledMessageIsNotDeliveredToWhoMissedIt() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let alice = stage.connect("alice")
            let entry = stage.say("oops", in: .g)
            stage.library.markRecalled(entry)
            let recall = stage.library.append(
                .recall(Recall(target: entry.id, targetSequence: 1, by: UserID("alice"))), to: entry.conversation)
            stage.commit([recall])
            stage.run()
            let bob = stage.connect("bob")
            #expect(alice.sequences == [1, 2])
            #expect(bob.sequences == [2])
        }
    }

    @Test func whatWasMissedComesBeforeReady() {
        self.withStage(HubConfiguration(readLimit: 7)) { stage in
            stage.join("alice")
            for number in 0..<50 { _ = stage.record("\(number)", in: .g) }
            _ = stage.record("hello", in: .between("alice", "bob"), from: "bob")
            let alice = stage.arrive("alice")
            alice.look()
            #expect(!alice.isReady)
            stage.run()
            alice.look()
            #expect(alice.isReady)
            #expect(alice.lines.filter { $0.conversation == "group:g" }.map(\.sequence) == Array(1...50))
            #expect(alice.lines.count == 51)
        }
    }

    @Test func theNewestConversationIsReadFirst() {
        self.withStage { stage in
            stage.join("alice")
            _ = stage.record("old", in: .g)
            stage.library.advance(milliseconds: 10)
            _ = stage.record("new", in: .between("alice", "bob"), from: "bob")
            let alice = stage.connect("alice")
            alice.look()
            #expect(alice.lines.first?.conversation == "direct:bob")
        }
    }

    // MARK: Members

    @Test func whoJoinsWhileConnectedGetsWhatIsSaidFromThenOn() {
        self.withStage { stage in
            stage.join("alice")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            stage.say("before", in: .g)
            stage.join("bob")
            stage.say("after", in: .g)
            #expect(alice.sequences == [1, 2])
            #expect(bob.sequences == [2])
        }
    }

    @Test func joiningAndTheFirstMessagesMayBeInOneCommit() {
        self.withStage { stage in
            let bob = stage.connect("bob")
            let change = stage.library.join(UserID("bob"), GroupID("g"), in: Stage.app)
            stage.commit([stage.record("1", in: .g), stage.record("2", in: .g)], [change])
            stage.run()
            #expect(bob.sequences == [1, 2])
        }
    }

    @Test func whoLeavesGetsNothingMore() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            stage.say("before", in: .g)
            stage.leave("bob")
            stage.say("after", in: .g)
            #expect(alice.sequences == [1, 2])
            #expect(bob.sequences == [1])
            stage.join("bob")
            stage.say("back", in: .g)
            #expect(bob.sequences == [1, 3])
            #expect(bob.events == ["membership group:g false", "membership group:g true"])
            #expect(alice.events == [])
        }
    }

    @Test func aGroupMadeAnewBeginsAtOneAgain() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            for number in 0..<5 { stage.say("\(number)", in: .g) }
            alice.pong()
            stage.commit([], stage.library.dissolve(GroupID("g"), in: Stage.app))
            stage.run()
            stage.join("alice", "bob")
            for number in 0..<3 { stage.say("\(number)", in: .g) }
            #expect(alice.sequences == [1, 2, 3, 4, 5, 1, 2, 3])
            #expect(bob.sequences == [1, 2, 3, 4, 5, 1, 2, 3])
            stage.advance(.seconds(2))
            alice.leave()
            stage.run()
            #expect(stage.library.cursor(of: alice.client, in: ConversationID(app: Stage.app, .g)) <= 3)
        }
    }

    @Test func theEndAndTheNewBeginningMayBeInOneCommit() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            stage.say("1", in: .g)
            let old = [stage.record("2", in: .g), stage.record("3", in: .g)]
            let gone = stage.library.dissolve(GroupID("g"), in: Stage.app)
            let back = ["alice", "bob"].map { stage.library.join(UserID($0), GroupID("g"), in: Stage.app) }
            let new = [stage.record("one", in: .g), stage.record("two", in: .g)]
            stage.commit(old + new, gone + back)
            stage.run()
            stage.say("three", in: .g)
            for guest in [alice, bob] {
                guest.look()
                let ids = guest.lines.map(\.id)
                #expect(ids == ids.sorted())
                #expect(guest.lines.suffix(3).map(\.sequence) == [1, 2, 3])
            }
        }
    }

    @Test func whoDiscardsGetsNothingAndOwesNothing() {
        self.withStage { stage in
            stage.join("alice")
            stage.join("bob", delivery: .discard)
            _ = stage.record("0", in: .g)
            let bob = stage.connect("bob")
            #expect(bob.sequences == [])
            #expect(bob.isReady)
            stage.say("1", in: .g)
            #expect(bob.sequences == [])
            stage.join("bob", delivery: .notify)
            stage.say("2", in: .g)
            #expect(bob.sequences == [3])
            stage.join("bob", delivery: .discard)
            stage.say("3", in: .g)
            #expect(bob.sequences == [3])
        }
    }

    // MARK: Slow readers

    @Test func aFullOutboxIsNotReadForAndCatchesUpWhenItDrains() {
        self.withStage(HubConfiguration(tailEntries: 8)) { stage in
            stage.join("alice", "bob")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            stage.say("1", in: .g)
            bob.isFull = true
            for number in 2...40 { stage.say("\(number)", in: .g) }
            #expect(alice.sequences == Array(1...40))
            #expect(bob.sequences == [1])
            bob.isFull = false
            stage.run()
            #expect(bob.sequences == Array(1...40))
            stage.say("41", in: .g)
            #expect(bob.sequences == Array(1...41))
        }
    }

    @Test func aShortAbsenceIsReadFromMemory() {
        self.withStage { stage in
            stage.join("alice", "bob")
            let bob = stage.connect("bob")
            stage.say("1", in: .g)
            bob.isFull = true
            for number in 2...40 { stage.say("\(number)", in: .g) }
            bob.isFull = false
            stage.run()
            #expect(bob.sequences == Array(1...40))
            #expect(stage.library.reads == 0)
        }
    }

    @Test func whatATickMayHoldIsBounded() {
        self.withStage(HubConfiguration(outboxBytes: 256, readLimit: 50)) { stage in
            stage.join("alice")
            for number in 0..<200 { _ = stage.record("\(number)", in: .g) }
            let alice = stage.arrive("alice")
            stage.library.answerAll()
            #expect(alice.look().count < 30)
            stage.run()
            #expect(alice.sequences == Array(1...200))
        }
    }

    @Test func aFailedReadIsTriedAgain() {
        self.withStage { stage in
            stage.join("alice")
            _ = stage.record("1", in: .g)
            stage.library.failures = 2
            let alice = stage.connect("alice")
            #expect(alice.sequences == [])
            for _ in 0..<2 { stage.advance(.seconds(1)) }
            #expect(alice.sequences == [1])
            #expect(alice.isReady)
        }
    }

    @Test func anOutboxFullForTooLongEndsTheConnection() {
        self.withStage { stage in
            let alice = stage.connect("alice")
            alice.isFull = true
            for _ in 0..<59 {
                alice.reader.hasBeenHeard = true
                stage.advance(.seconds(1))
            }
            #expect(alice.ending == nil)
            stage.advance(.seconds(2))
            #expect(alice.ending == .tooSlow)
        }
    }

    @Test func aSilentClientIsAskedAndThenDropped() {
        self.withStage { stage in
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            for _ in 0..<100 {
                stage.advance(.seconds(1))
                bob.pong()
            }
            #expect(alice.ending == .silent)
            #expect(bob.ending == nil)
        }
    }

    @Test func longTailsGiveWay() {
        self.withStage(HubConfiguration(tailEntries: 4, tailBytes: 2000)) { stage in
            let alice = stage.connect("alice")
            for peer in 0..<50 {
                for number in 0..<6 { stage.say("\(number)", in: .between("alice", "p\(peer)"), from: "p\(peer)") }
            }
            #expect(alice.sequences.count == 300)
            #expect(stage.shard.tailBytes <= 2000)
            #expect(stage.shard.feeds.values.reduce(0) { $0 + $1.tail.bytes } == stage.shard.tailBytes)
        }
    }

    // MARK: For those online

    @Test func anEphemeralMessageReachesWhoIsOnline() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            let entry = stage.library.ephemeral(
                Stage.message("typing", from: "alice") { $0.reachesSender = false },
                in: ConversationID(app: Stage.app, .g))
            stage.shard.post(.ephemeral(Ephemeral(entry: entry)))
            stage.run()
            let carol = stage.connect("carol")
            #expect(alice.sequences == [])
            #expect(bob.sequences == [0])
            #expect(carol.sequences == [])
        }
    }

    @Test func anEphemeralMessageMayNameItsRecipients() {
        self.withStage { stage in
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            let entry = stage.library.ephemeral(
                Stage.message("hi", from: "admin"), in: ConversationID(app: Stage.app, .g))
            stage.shard.post(.ephemeral(Ephemeral(entry: entry, recipients: [UserID("bob")])))
            stage.run()
            #expect(alice.sequences == [])
            #expect(bob.sequences == [0])
        }
    }

    @Test func anEphemeralDirectMessageReachesBothEnds() {
        self.withStage { stage in
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            let entry = stage.library.ephemeral(
                Stage.message("hi", from: "alice"), in: ConversationID(app: Stage.app, .between("alice", "bob")))
            stage.shard.post(.ephemeral(Ephemeral(entry: entry)))
            stage.run()
            alice.look()
            bob.look()
            #expect(alice.lines.map(\.conversation) == ["direct:bob"])
            #expect(bob.lines.map(\.conversation) == ["direct:alice"])
        }
    }

    @Test func aFullOutboxGetsNoEphemeralMessages() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            alice.isFull = true
            let entry = stage.library.ephemeral(
                Stage.message("typing", from: "bob"), in: ConversationID(app: Stage.app, .g))
            stage.shard.post(.ephemeral(Ephemeral(entry: entry)))
            stage.run()
            alice.isFull = false
            stage.run()
            #expect(alice.sequences == [])
        }
    }
}
