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

    /// A connection that is registered and has asked for its standing, unless it waits to be told.
    func arrive(
        _ user: String, device: String = "phone", confirmation: Client.Confirmation = .automatic,
        tokenExpiresAt: Timestamp = .distantFuture, beginning: Client.Beginning = .byItself, catchUpLimit: Int? = nil
    ) -> Guest {
        let client = Client(
            app: Self.app, user: UserID(user), device: DeviceID(device), tokenIssuedAt: .distantPast,
            tokenExpiresAt: tokenExpiresAt, confirmation: confirmation, beginning: beginning,
            catchUpLimit: catchUpLimit)
        let guest = Guest(client, on: self)
        self.guests.append(guest)
        self.shard.add(guest.reader)
        self.shard.begin(guest.reader)
        return guest
    }

    /// A connection that has got everything it missed.
    func connect(
        _ user: String, device: String = "phone", confirmation: Client.Confirmation = .automatic,
        tokenExpiresAt: Timestamp = .distantFuture, beginning: Client.Beginning = .byItself, catchUpLimit: Int? = nil
    ) -> Guest {
        let guest = self.arrive(
            user, device: device, confirmation: confirmation, tokenExpiresAt: tokenExpiresAt, beginning: beginning,
            catchUpLimit: catchUpLimit)
        self.run()
        return guest
    }

    func run() {
        repeat {
            self.library.answerAll()
            self.loop.takeTurn()
        } while self.library.isAsked || self.shard.awaitsTurn || self.shard.gate.awaitsTurn || self.shard.awaitsRest
    }

    func advance(_ time: TimeAmount) {
        self.clock.advance(milliseconds: time.nanoseconds / 1_000_000)
        self.library.advance(milliseconds: UInt64(time.nanoseconds / 1_000_000))
        self.loop.advanceTime(by: time)
        self.run()
    }

    func close() {
        for guest in self.guests { guest.leave() }
        self.loop.takeTurn()
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

    func commit(
        _ entries: [Entry] = [], _ memberships: [MembershipChange] = [], _ announcements: [Announcement] = []
    ) {
        var commit = Commit()
        commit.announcements = announcements
        commit.entries = entries
        commit.memberships = memberships
        self.shard.post(.commit(commit))
    }

    func announce(_ event: Event, to recipients: Announcement.Recipients, isSilent: Bool = false) {
        self.shard.post(
            .announcement(Announcement(app: Self.app, event: event, recipients: recipients, isSilent: isSilent)))
    }

    /// The user deletes it for himself: on disk, and told.
    func delete(_ entry: Entry, for user: String, isSilent: Bool = false) {
        self.library.hide(entry, from: UserID(user))
        self.announce(
            .deleted(entry.conversation.conversation, [entry.id]), to: .users([UserID(user)]), isSilent: isSilent)
    }

    /// Alice takes back what was said: on disk, and told.
    func takeBack(_ sequence: Int, in conversation: Conversation) {
        let entry = self.library.entries[ConversationID(app: Self.app, conversation)]![sequence - 1]
        self.library.markRecalled(entry)
        let recall = Recall(target: entry.id, targetSequence: entry.sequence, by: UserID("alice"))
        self.commit([self.library.append(.recall(recall), to: entry.conversation)])
        self.loop.takeTurn()
    }

    /// The user clears all that was said so far: on disk, and told.
    func clear(_ conversation: Conversation, for user: String) {
        let id = ConversationID(app: Self.app, conversation)
        self.library.clear(id, through: self.library.last(of: id), for: UserID(user))
        var place = Place(user: UserID(user), conversation: conversation)
        place.clearedThrough = self.library.last(of: id)
        let before = Place(user: UserID(user), conversation: conversation)
        self.announce(.place(PlaceChange(place, before: before)), to: .users([UserID(user)]))
    }

    func join(_ users: String..., group: String = "g", delivery: Member.Delivery = .notify) {
        let changes = users.map { self.library.join(UserID($0), GroupID(group), in: Self.app, delivery: delivery) }
        self.commit([], changes)
        self.run()
    }

    /// On disk, and told.
    func joinShowingHistory(_ user: String) {
        self.commit([], [self.library.join(UserID(user), GroupID("g"), in: Self.app, showsHistory: true)])
        self.loop.takeTurn()
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

/// Lines of text instead of frames: `<conversation>/<sequence>/<id>/<what it says>;` and `!<event>;`.
final class PlainWire: WireProtocol, @unchecked Sendable {
    /// How often something was encoded.
    private(set) var count = 0
    private(set) var told: [Event] = []
    var tellsOfGroups = false
    var readsKeptEvents = false

    func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer) {
        self.count += 1
        self.told.append(event)
        let name = event.conversation.map { self.name(of: $0, for: end) } ?? ""
        let text =
            switch event {
            case .place(let change): "place \(name) \(change.place.readThrough)"
            case .pinned(let change): "pinned \(name) \(change.message)"
            case .membership(_, let isMember): "membership \(name) \(isMember)"
            case .deleted(_, let messages): "deleted \(name) \(messages.count)"
            case .read(_, let user, let through, _): "read \(name) \(user) \(through)"
            case .acknowledged(_, let given, let user, _):
                "receipt \(name) \(given.sequence) \(user) \(given.readCount)"
            case .delivered(_, let message, let user): "delivered \(name) \(message) \(user)"
            case .group(let happening): "group \(name) \(happening.kind)"
            case .reacted(let change): "reacted \(name) \(change.message)"
            case .thread(let change): "thread \(name) \(change.thread.id)"
            case .typing(_, let user, let isTyping): "typing \(name) \(user) \(isTyping)"
            case .attributes(_, let moment): "attributes \(name) \(moment.milliseconds)"
            case .ended: "ended \(name)"
            case .status(let user, let status): "status \(user) \(status.text)"
            case .subscriptions: "subscriptions"
            case .contact(let change): "contact \(change.from) \(change.to)"
            case .presence(let user, let connections):
                "presence \(user) \(connections.map(\.platform).sorted().joined(separator: "+"))"
            }
        frames.writeString("!\(text);")
    }

    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer) {
        self.count += 1
        let text =
            switch entry.body {
            case .message(let message): message.content.plainText
            case .edit(let edit): "edit:\(edit.message.content.plainText)"
            case .recall: "recall"
            case .notice: "notice"
            }
        let name = self.name(of: entry.conversation.conversation, for: end)
        frames.writeString("\(name)/\(entry.sequence ?? 0)/\(entry.id)/\(text);")
    }

    private func name(of conversation: Conversation, for end: UserID?) -> String {
        switch conversation {
        case .group(let group): "group:\(group)"
        case .direct(let pair): "direct:\(pair.peer(of: end!))"
        case .system: "system"
        case .room(let room): "room:\(room)"
        }
    }
}

extension Content {
    fileprivate var plainText: String { if case .text(let text) = self { text } else { "?" } }
}

/// A client: its channel, and what came out of it.
final class Guest: Terminal {
    struct Line: Hashable {
        var conversation: String
        var sequence: UInt64
        var id: MessageID
        var text: String
    }

    let client: Client
    let channel: EmbeddedChannel
    private(set) var reader: Reader!
    private(set) var lines: [Line] = []
    private(set) var events: [String] = []
    private(set) var gaps: [Gap] = []
    /// What came, in order: sequences, `gap`, `ready` and the names of events.
    private(set) var story: [String] = []
    private(set) var isReady = false
    private(set) var ending: Ending?
    /// Pings that the client has not answered.
    private(set) var pings: [UInt32] = []
    private var told = 0
    /// Reads from the socket of the client's own accord; each is a flush.
    private(set) var flushes = 0

    convenience init(_ client: Client, on stage: Stage) {
        self.init(client, on: stage.loop, stage.shard.configuration) { guest, outbox in
            Reader(
                client, number: UInt64(stage.guests.count + 1), connectedAt: stage.clock.now(), on: stage.shard,
                speaking: stage.wire, outbox: outbox, terminal: guest)
        }
    }

    init(
        _ client: Client, on loop: EmbeddedEventLoop, _ configuration: HubConfiguration,
        _ makeReader: (Guest, Outbox) -> Reader
    ) {
        self.client = client
        self.channel = EmbeddedChannel(loop: loop)
        try! self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let outbox = Outbox(configuration: configuration)
        try! self.channel.pipeline.syncOperations.addHandler(outbox)
        self.reader = makeReader(self, outbox)
    }

    /// The client reads what has arrived.
    @discardableResult
    func look() -> [Line] {
        var new: [Line] = []
        while let buffer = try! self.channel.readOutbound(as: ByteBuffer.self) {
            self.flushes += 1
            for token in String(buffer: buffer).split(separator: ";") {
                switch token {
                case "ready":
                    self.isReady = true
                    self.story.append("ready")
                case "gap": self.story.append("gap")
                case let token where token.hasPrefix("!"):
                    self.events.append(String(token.dropFirst()))
                    self.story.append(String(token.dropFirst().prefix { $0 != " " }))
                case let token where token.hasPrefix("ping"): self.pings.append(UInt32(token.dropFirst(5))!)
                default:
                    let parts = token.split(separator: "/")
                    new.append(
                        Line(
                            conversation: String(parts[0]), sequence: UInt64(parts[1])!, id: MessageID(parts[2])!,
                            text: String(parts[3])))
                    self.story.append(String(parts[1]))
                }
            }
        }
        self.lines += new
        return new
    }

    var texts: [String] {
        self.look()
        return self.lines.map(\.text)
    }

    /// What came since the last time, in order.
    func news() -> [String] {
        self.look()
        defer { self.told = self.story.count }
        return Array(self.story[self.told...])
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

    func skipped(_ gap: Gap) {
        self.gaps.append(gap)
        self.reader.write(ByteBuffer(string: "gap;"))
    }

    func caughtUp() { self.reader.write(ByteBuffer(string: "ready;")) }
    func ping(_ number: UInt32) { self.reader.write(ByteBuffer(string: "ping/\(number);")) }
    func end(_ ending: Ending) {
        self.ending = ending
        self.channel.close(promise: nil)
    }
}

extension EmbeddedEventLoop {
    /// What has been executed, and what waits for the sockets to be looked at.
    func takeTurn() { self.advanceTime(by: .microseconds(20)) }
}
