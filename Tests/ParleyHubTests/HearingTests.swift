import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyHub

/// Listeners to the bell, who hear what is said and read the log only where they have not.
struct HearingTests {
    private static let alice = UserID("alice")

    private func withListener(
        _ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage, Listener) throws -> Void
    ) throws {
        let stage = Stage(configuration)
        stage.join("alice", "bob")
        let listener = try Listener("alice", on: stage)
        stage.run()
        listener.reader.listen()
        try body(stage, listener)
        try listener.leave()
        stage.close()
    }

    @Test func whatIsSaidIsHeardInOrderThoughConversationsComeOneAfterTheOther() throws {
        try self.withListener { stage, alice in
            let entries = [
                stage.record("1", in: .g, from: "bob"), stage.record("2", in: .between("alice", "bob"), from: "bob"),
                stage.record("3", in: .g, from: "bob"),
            ]
            stage.commit(entries)
            stage.run()
            #expect(alice.rings == 1)
            let mail = try #require(alice.reader.heard(after: MessageID(rawValue: 0)))
            #expect(mail.items.map(\.entry.id) == entries.map(\.id) && !mail.hasMore)
            #expect(mail.items.map(\.isVisible) == [true, true, true] && mail.through == entries[2].id)
            #expect(alice.reader.heard(after: entries[1].id)?.items.map(\.entry.id) == [entries[2].id])
            alice.reader.forgetHeard(through: entries[1].id)
            #expect(alice.reader.heard(after: MessageID(rawValue: 0))?.items.map(\.entry.id) == [entries[2].id])
            alice.reader.forgetHeard(through: entries[2].id)
            #expect(alice.reader.heard(after: entries[2].id)?.items.isEmpty == true)
        }
    }

    /// Times are counted with it.
    @Test func whatIsForNobodyHereHasItsPlace() throws {
        try self.withListener { stage, alice in
            stage.join("alice", group: "loud", delivery: .discard)
            let entries = [
                stage.record("1", in: .g, from: "bob", to: .only([UserID("carol")])),
                stage.record("2", in: .group(GroupID("loud")), from: "bob"), stage.record("3", in: .g, from: "bob"),
            ]
            for entry in entries { stage.commit([entry]) }
            stage.run()
            let mail = try #require(alice.reader.heard(after: MessageID(rawValue: 0)))
            #expect(mail.items.map(\.entry.id) == entries.map(\.id))
            #expect(mail.items.map(\.isVisible) == [false, false, true])
        }
    }

    @Test func whatWasSaidOfOthersConversationsTellsHowFarItGoes() throws {
        try self.withListener { stage, alice in
            let entry = stage.say("1", in: .between("bob", "carol"), from: "bob")
            #expect(alice.rings == 0)
            let mail = try #require(alice.reader.heard(after: MessageID(rawValue: 0)))
            #expect(mail.items.isEmpty && mail.through == entry.id)
        }
    }

    @Test func whatIsNotTheSameForAllIsLookedUp() throws {
        try self.withListener { stage, alice in
            stage.say("1", in: .g, from: "bob", to: .only([Self.alice]))
            #expect(alice.rings == 1 && alice.reader.heard(after: MessageID(rawValue: 0)) == nil)
            alice.reader.listen()
            let entry = stage.say("2", in: .g, from: "bob")
            #expect(alice.reader.heard(after: MessageID(rawValue: 0))?.items.map(\.entry.id) == [entry.id])
        }
    }

    @Test func whoHasNoRoomHearsNothing() throws {
        try self.withListener { stage, alice in
            alice.isFull = true
            stage.say("1", in: .g, from: "bob")
            #expect(alice.rings == 0)
            alice.reader.listen()
            stage.say("2", in: .g, from: "bob")
            alice.isFull = false
            stage.run()
            #expect(alice.rings > 0 && alice.reader.heard(after: MessageID(rawValue: 0)) == nil)
        }
    }

    @Test func whatIsTooMuchIsLookedUp() throws {
        try self.withListener { stage, alice in
            for number in 0..<300 { stage.say("\(number)", in: .g, from: "bob") }
            #expect(alice.rings == 300 && alice.reader.heard(after: MessageID(rawValue: 0)) == nil)
        }
    }

    /// In a large group, what is said while others have their turn comes later; what was said elsewhere after it must not overtake it.
    @Test func nothingIsHeardBeforeWhatIsStillToCome() throws {
        try self.withListener(HubConfiguration(turn: 2)) { stage, alice in
            for name in ["c", "d", "e", "f"] {
                stage.join(name)
                _ = stage.connect(name)
            }
            alice.reader.listen()
            let first = stage.record("1", in: .g, from: "bob")
            stage.commit([first])
            stage.loop.run()
            let second = stage.record("2", in: .g, from: "bob")
            let third = stage.record("3", in: .between("alice", "bob"), from: "bob")
            stage.commit([second])
            stage.commit([third])
            stage.loop.run()
            #expect(stage.shard.feedsWithRun.count == 1)
            let early = try #require(alice.reader.heard(after: MessageID(rawValue: 0)))
            #expect(early.items.map(\.entry.id) == [first.id] && early.through < second.id)
            alice.reader.forgetHeard(through: early.through)
            stage.run()
            let late = try #require(alice.reader.heard(after: early.through))
            #expect(late.items.map(\.entry.id) == [second.id, third.id] && late.through == third.id)
        }
    }

    /// What waited for a run of which nothing is for the listener is told of all the same.
    @Test(arguments: [true, false])
    func whatWasHeldBackRingsAgain(_ isShielded: Bool) throws {
        try self.withListener(HubConfiguration(turn: 2)) { stage, alice in
            let loud = Conversation.group(GroupID("loud"))
            stage.join("alice", group: "loud", delivery: isShielded ? .discard : .notify)
            for name in ["c", "d", "e", "f"] {
                stage.join(name, group: "loud")
                _ = stage.connect(name)
            }
            stage.run()
            alice.reader.listen()
            stage.commit([stage.record("1", in: loud, from: "c")])
            stage.loop.run()
            let audience = isShielded ? Audience.everyone : .only([UserID("d")])
            let held = stage.record("2", in: loud, from: "c", to: audience)
            let direct = stage.record("3", in: .between("alice", "bob"), from: "bob")
            stage.commit([held])
            stage.commit([direct])
            stage.loop.run()
            #expect(stage.shard.feedsWithRun.count == 1)
            let early = try #require(alice.reader.heard(after: MessageID(rawValue: 0)))
            #expect(early.through < direct.id)
            alice.reader.forgetHeard(through: early.through)
            let rings = alice.rings
            stage.run()
            #expect(alice.rings > rings)
            let late = try #require(alice.reader.heard(after: early.through))
            #expect(late.items.last?.entry.id == direct.id && late.through == direct.id)
        }
    }

    /// The end of a conversation may be known before what was said there comes: whoever is moved there has not heard it.
    @Test func whatIsPassedBeforeItComesIsLookedUp() throws {
        try self.withListener { stage, alice in
            alice.isFull = true
            stage.say("1", in: .g, from: "bob")
            alice.reader.listen()
            let late = stage.record("2", in: .g, from: "bob")
            stage.join("c")
            _ = stage.connect("c")
            stage.loop.run()
            alice.isFull = false
            stage.run()
            stage.commit([late])
            stage.run()
            let mail = alice.reader.heard(after: MessageID(rawValue: 0))
            #expect(mail == nil || mail?.items.last?.entry.id == late.id)
        }
    }

    /// What it changes may be deleted, by him who hears it.
    @Test func whatChangesWhatWasSaidIsLookedUp() throws {
        try self.withListener { stage, alice in
            let entry = stage.say("1", in: .g, from: "bob")
            #expect(alice.reader.heard(after: MessageID(rawValue: 0))?.items.count == 1)
            let rings = alice.rings
            stage.commit([stage.library.edit(entry, to: "2")])
            stage.run()
            #expect(alice.rings > rings && alice.reader.heard(after: MessageID(rawValue: 0)) == nil)
        }
    }

    @Test func ofThreadsNothingIsHeard() throws {
        try self.withListener { stage, alice in
            let member = Member(user: Self.alice, joinedAt: .distantPast)
            stage.commit(
                [],
                [
                    MembershipChange(
                        app: Stage.app, group: GroupID("thread"), user: member.user, member: member, isThread: true)
                ])
            stage.say("1", in: .group(GroupID("thread")), from: "bob")
            #expect(alice.rings == 0)
            #expect(alice.reader.heard(after: MessageID(rawValue: 0))?.items.isEmpty == true)
        }
    }

    @Test func nobodyHearsBeforeItIsKnownWhatIsHis() throws {
        let stage = Stage()
        stage.join("alice", "bob")
        let alice = try Listener("alice", on: stage)
        alice.reader.listen()
        #expect(alice.reader.heard(after: MessageID(rawValue: 0)) == nil)
        stage.run()
        #expect(alice.reader.heard(after: MessageID(rawValue: 0)) == nil)
        try alice.leave()
        stage.close()
    }
}

private final class Listener: Terminal {
    private let channel: EmbeddedChannel
    private(set) var reader: Reader!
    private(set) var rings = 0

    init(_ user: String, on stage: Stage) throws {
        self.channel = EmbeddedChannel(loop: stage.loop)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let outbox = Outbox(configuration: stage.shard.configuration)
        try self.channel.pipeline.syncOperations.addHandler(outbox)
        let client = Client(
            app: Stage.app, user: UserID(user), tokenIssuedAt: .distantPast, tokenExpiresAt: .distantFuture,
            confirmation: .manual, catchUpLimit: 0)
        self.reader = Reader(
            client, number: 1000, connectedAt: stage.clock.now(), on: stage.shard, speaking: Bell.shared,
            outbox: outbox, terminal: self)
        stage.shard.add(self.reader)
        stage.shard.begin(self.reader)
    }

    var isFull = false {
        didSet {
            self.channel.isWritable = !self.isFull
            self.channel.pipeline.syncOperations.fireChannelWritabilityChanged()
        }
    }

    func leave() throws { try self.channel.close().wait() }

    func rung() { self.rings += 1 }
    func caughtUp() {}
    func skipped(_ gap: Gap) {}
    func ping(_ number: UInt32) {}
    func end(_ ending: Ending) {}
}
