import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyTesting

@testable import ParleyHub

/// One shard on an embedded loop over a ``Library``, and clients on embedded channels. Nothing happens but what the test makes happen.
final class Stage {
    static let app = AppID("demo")

    let loop = EmbeddedEventLoop()
    let library = Library()
    let clock: ManualClock
    let shard: Shard
    private let registry = Registry()
    let wire = PlainWire()
    private(set) var guests: [Guest] = []

    init(_ configuration: HubConfiguration = HubConfiguration()) {
        self.clock = ManualClock(self.library.now)
        self.shard = Shard(
            loop: self.loop, archive: self.library, clock: self.clock, registry: self.registry,
            tallies: Tallies(Tallies.Meters()), processID: "test", configuration: configuration)
    }

    /// A connection that is registered and has asked for its standing.
    func arrive(
        _ user: String, device: String = "phone", confirmation: Client.Confirmation = .automatic,
        tokenExpiresAt: Timestamp = .distantFuture
    ) -> Guest {
        let client = Client(
            app: Self.app, user: UserID(user), device: DeviceID(device), tokenIssuedAt: .distantPast,
            tokenExpiresAt: tokenExpiresAt, confirmation: confirmation)
        let guest = Guest(client, on: self)
        self.guests.append(guest)
        self.shard.add(guest.reader)
        self.shard.begin(guest.reader)
        return guest
    }

    /// A connection that has got everything it missed.
    func connect(
        _ user: String, device: String = "phone", confirmation: Client.Confirmation = .automatic,
        tokenExpiresAt: Timestamp = .distantFuture
    ) -> Guest {
        let guest = self.arrive(user, device: device, confirmation: confirmation, tokenExpiresAt: tokenExpiresAt)
        self.run()
        return guest
    }

    func run() {
        repeat {
            self.library.answerAll()
            self.loop.run()
        } while self.library.isAsked
    }

    func advance(_ time: TimeAmount) {
        self.clock.advance(milliseconds: time.nanoseconds / 1_000_000)
        self.library.advance(milliseconds: UInt64(time.nanoseconds / 1_000_000))
        self.loop.advanceTime(by: time)
        self.run()
    }

    func close() {
        for guest in self.guests { guest.leave() }
        self.loop.run()
    }

    // MARK: What is said

    @discardableResult
    func say(
        _ text: String, in conversation: Conversation, from sender: String = "alice", to audience: Audience = .everyone,
        _ change: (inout MessageOptions) -> Void = { _ in }
    ) -> Entry {
        let entry = self.record(text, in: conversation, from: sender, to: audience, change)
        self.commit([entry])
        self.run()
        return entry
    }

    /// On disk; who delivers is not told yet.
    func record(
        _ text: String, in conversation: Conversation, from sender: String = "alice", to audience: Audience = .everyone,
        _ change: (inout MessageOptions) -> Void = { _ in }
    ) -> Entry {
        self.library.append(
            .message(Self.message(text, from: sender, to: audience, change)),
            to: ConversationID(app: Self.app, conversation))
    }

    static func message(
        _ text: String, from sender: String, to audience: Audience = .everyone,
        _ change: (inout MessageOptions) -> Void = { _ in }
    ) -> Message {
        var options = MessageOptions()
        change(&options)
        return Message(
            sender: UserID(sender), audience: audience, content: .text(text),
            native: Native(dialect: .parley, payload: []), options: options)
    }

    func commit(_ entries: [Entry] = [], _ memberships: [MembershipChange] = []) {
        var commit = Commit()
        commit.entries = entries
        commit.memberships = memberships
        self.shard.post(.commit(commit))
    }

    func join(_ users: String..., group: String = "g", delivery: Member.Delivery = .notify) {
        let changes = users.map { self.library.join(UserID($0), GroupID(group), in: Self.app, delivery: delivery) }
        self.commit([], changes)
        self.run()
    }

    func leave(_ user: String, group: String = "g") {
        self.commit([], [self.library.leave(UserID(user), GroupID(group), in: Self.app)])
        self.run()
    }
}

extension Conversation {
    static let g = Conversation.group(GroupID("g"))
    static func between(_ one: String, _ other: String) -> Conversation { .direct(UserID(one), UserID(other)) }
}

/// Lines of text instead of frames: `<conversation>/<sequence>/<id>;`.
final class PlainWire: WireProtocol, @unchecked Sendable {
    /// How often something was encoded.
    private(set) var count = 0

    func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer) {}

    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer) {
        self.count += 1
        let name =
            switch entry.conversation.conversation {
            case .group(let group): "group:\(group)"
            case .direct(let pair): "direct:\(pair.peer(of: end!))"
            case .system: "system"
            case .room(let room): "room:\(room)"
            }
        frames.writeString("\(name)/\(entry.sequence ?? 0)/\(entry.id);")
    }
}

/// A client: its channel, and what came out of it.
final class Guest: Terminal {
    struct Line: Hashable {
        var conversation: String
        var sequence: UInt64
        var id: MessageID
    }

    let client: Client
    let channel: EmbeddedChannel
    private(set) var reader: Reader!
    private(set) var lines: [Line] = []
    private(set) var isReady = false
    private(set) var ending: Ending?
    /// Pings that the client has not answered.
    private(set) var pings: [UInt32] = []
    /// Reads from the socket of the client's own accord; each is a flush.
    private(set) var flushes = 0

    init(_ client: Client, on stage: Stage) {
        self.client = client
        self.channel = EmbeddedChannel(loop: stage.loop)
        try! self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let outbox = Outbox(configuration: stage.shard.configuration)
        try! self.channel.pipeline.syncOperations.addHandler(outbox)
        self.reader = Reader(
            client, number: UInt64(stage.guests.count + 1), connectedAt: stage.clock.now(), on: stage.shard,
            speaking: stage.wire, outbox: outbox, terminal: self)
    }

    /// The client reads what has arrived.
    @discardableResult
    func look() -> [Line] {
        var new: [Line] = []
        while let buffer = try! self.channel.readOutbound(as: ByteBuffer.self) {
            self.flushes += 1
            for token in String(buffer: buffer).split(separator: ";") {
                switch token {
                case "ready": self.isReady = true
                case let token where token.hasPrefix("ping"): self.pings.append(UInt32(token.dropFirst(5))!)
                default:
                    let parts = token.split(separator: "/")
                    new.append(
                        Line(
                            conversation: String(parts[0]), sequence: UInt64(parts[1])!, id: MessageID(parts[2])!))
                }
            }
        }
        self.lines += new
        return new
    }

    var sequences: [UInt64] {
        self.look()
        return self.lines.map(\.sequence)
    }

    func pong() {
        self.look()
        self.reader.hasBeenHeard = true
        if let last = self.pings.last { self.reader.ponged(last) }
        self.pings = []
    }

    var isFull = false {
        didSet {
            self.channel.isWritable = !self.isFull
            self.channel.pipeline.syncOperations.fireChannelWritabilityChanged()
        }
    }

    func leave() { if self.channel.isActive { try! self.channel.close().wait() } }

    // MARK: Terminal

    func skipped(_ gap: Gap) {}

    func caughtUp() { self.reader.write(ByteBuffer(string: "ready;")) }
    func ping(_ number: UInt32) { self.reader.write(ByteBuffer(string: "ping/\(number);")) }
    func end(_ ending: Ending) {
        self.ending = ending
        self.channel.close(promise: nil)
    }
}
