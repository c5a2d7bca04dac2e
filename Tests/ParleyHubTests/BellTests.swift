import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyHub

/// A client that is told that something was said, and fetches it.
private final class Listener: Terminal {
    let channel: EmbeddedChannel
    private(set) var reader: Reader!
    private(set) var rings = 0
    private(set) var told: [Event] = []

    init(_ user: String, on stage: Stage, catchUpLimit: Int? = 0) throws {
        self.channel = EmbeddedChannel(loop: stage.loop)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let outbox = Outbox(configuration: stage.shard.configuration)
        try self.channel.pipeline.syncOperations.addHandler(outbox)
        let client = Client(
            app: Stage.app, user: UserID(user), device: DeviceID("phone"), tokenIssuedAt: .distantPast,
            tokenExpiresAt: .distantFuture, confirmation: .manual, catchUpLimit: catchUpLimit)
        self.reader = Reader(
            client, number: 1000, connectedAt: stage.clock.now(), on: stage.shard, speaking: Bell.shared,
            outbox: outbox, terminal: self)
        stage.shard.add(self.reader)
        stage.shard.begin(self.reader)
        stage.run()
    }

    var isFull = false {
        didSet {
            self.channel.isWritable = !self.isFull
            self.channel.pipeline.syncOperations.fireChannelWritabilityChanged()
        }
    }

    /// How often it was rung since the last time.
    func news() -> Int {
        defer { self.rings = 0 }
        return self.rings
    }

    func leave() throws { try self.channel.close().wait() }

    func rung() { self.rings += 1 }
    func told(_ news: News) { if case .event(let event, _) = news { self.told.append(event) } }
    func caughtUp() {}
    func skipped(_ gap: Gap) { self.rings += 1 }
    func ping(_ number: UInt32) {}
    func end(_ ending: Ending) {}
}

struct BellTests {
    private static let g = ConversationID(app: Stage.app, .g)

    private func withListener(
        _ configuration: HubConfiguration = HubConfiguration(), before: (Stage) -> Void = { _ in },
        _ body: (Stage, Listener) throws -> Void
    ) throws {
        let stage = Stage(configuration)
        before(stage)
        let alice = try Listener("alice", on: stage)
        try body(stage, alice)
        #expect(try alice.channel.readOutbound(as: ByteBuffer.self) == nil)
        try alice.leave()
        stage.close()
    }

    /// As into a chat room, where all that was ever said may be read.
    private func enter(_ stage: Stage) {
        let member = Member(user: UserID("alice"), joinedAt: .distantPast)
        stage.commit([], [MembershipChange(app: Stage.app, group: GroupID("g"), user: member.user, member: member)])
        stage.run()
    }

    @Test func whatIsForItRingsAndIsNeitherEncodedNorWritten() throws {
        try self.withListener(before: { $0.join("alice", "bob") }) { stage, alice in
            #expect(alice.news() == 0)
            stage.say("1", in: .g, from: "bob")
            #expect(alice.news() == 1)
            stage.say("2", in: .g, from: "bob", to: .only([UserID("carol")]))
            #expect(alice.news() == 0)
            stage.say("3", in: .g, from: "bob", to: .only([UserID("alice")]))
            #expect(alice.news() == 1)
            let tail = try #require(stage.shard.feeds[Self.g]).tail
            #expect((1...3).allSatisfy { tail.frames($0, form: alice.reader.wireIndex) == nil })
            #expect(stage.library.reads == 0)
        }
    }

    @Test func whatNoLogKeepsIsHandedToIt() throws {
        try self.withListener(before: { $0.join("alice", "bob") }) { stage, alice in
            stage.announce(.ended(.g), to: .users([UserID("alice")]))
            stage.run()
            #expect(alice.told == [.ended(.g)] && alice.news() == 0)
        }
    }

    @Test func nothingIsReadOfWhatWasSaidBeforeItCame() throws {
        try self.withListener(before: { stage in
            stage.join("bob")
            for number in 1...250 { _ = stage.record("\(number)", in: .g, from: "bob") }
        }) { stage, alice in
            self.enter(stage)
            let last = stage.say("251", in: .g, from: "bob")
            #expect(alice.news() == 1 && stage.library.reads == 0)
            stage.say("252", in: .g, from: "bob")
            #expect(alice.news() == 1 && stage.library.reads == 0)
            #expect(alice.reader.acknowledge(last.sequence!, of: .g))
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.reader.client, in: Self.g) == 251)
        }
    }

    @Test func nothingIsReadWhereOthersAreAlready() throws {
        try self.withListener(before: { stage in
            stage.join("bob")
            for number in 1...250 { stage.say("\(number)", in: .g, from: "bob") }
        }) { stage, alice in
            let bob = stage.connect("bob")
            let reads = stage.library.reads
            self.enter(stage)
            #expect(alice.news() == 1 && stage.library.reads == reads)
            stage.say("251", in: .g, from: "bob")
            #expect(alice.news() == 1 && bob.texts.last == "251" && stage.library.reads == reads)
        }
    }

    @Test func whoHadNoRoomIsRungWhenThereIsRoom() throws {
        try self.withListener(HubConfiguration(tailEntries: 2), before: { $0.join("alice", "bob") }) { stage, alice in
            alice.isFull = true
            for number in 1...9 { stage.say("\(number)", in: .g, from: "bob") }
            #expect(alice.news() == 0)
            alice.isFull = false
            stage.run()
            #expect(alice.news() > 0 && stage.library.reads == 0)
            stage.say("10", in: .g, from: "bob")
            #expect(alice.news() == 1)
        }
    }

    /// Also where nothing was encoded.
    @Test func longTailsGiveWay() throws {
        try self.withListener(HubConfiguration(tailEntries: 4, tailBytes: 5000)) { stage, alice in
            for peer in 0..<50 {
                for number in 0..<6 { stage.say("\(number)", in: .between("alice", "p\(peer)"), from: "p\(peer)") }
            }
            #expect(alice.news() == 300)
            #expect(stage.shard.feeds.values.contains { !$0.tail.isEmpty })
            #expect(stage.shard.feeds.values.reduce(0) { $0 + $1.tail.items.count } <= 12)
            #expect(stage.shard.feeds.values.reduce(0) { $0 + $1.tail.bytes } == stage.shard.tailBytes)
        }
    }
}
