import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyRongCloud
import ParleySocket
import ParleyTesting
import Synchronization
import Testing

@testable import ParleyRongSocket

/// What is said to clients that are up to date.
struct LiveMailTests {
    @Test func whatIsLiveIsNotReadFromTheLogByEachMember() async throws {
        let room = try await Room.make(["m1", "m2", "m3"])
        let reads = room.mailbox.reads
        for number in 1...5 { try await room.say("text \(number)") }
        try await room.settle { $0.allSatisfy { $0.messages.count == 5 } }
        let told = try await room.members()
        #expect(room.mailbox.reads == reads)
        for member in told {
            #expect(member.messages.map(\.text) == (1...5).map { #"{"content":"text \#($0)"}"# })
            #expect(
                member.messages.allSatisfy { $0.fromUserID == "bob" && $0.groupID == "demo-group" && $0.isComplete })
            #expect(zip(member.messages, member.messages.dropFirst()).allSatisfy { $0.dataTime < $1.dataTime })
        }
        #expect(told[0].messages.map(\.msgID) == told[2].messages.map(\.msgID))
        try await room.close()
    }

    /// Its own words it is not told, and what its user says elsewhere it is.
    @Test func whatAClientSaysItselfIsNotReadEither() async throws {
        let room = try await Room.make(["m1", "m1", "m2"])
        let reads = room.mailbox.reads
        var upStream = WireUpStreamMessage()
        upStream.sessionID = 3
        upStream.classname = "RC:TxtMsg"
        upStream.contentBytes = Array(#"{"content":"mine"}"#.utf8)
        try await room.send(
            .publish(topic: "pgMsgP", target: "demo-group", id: 9, payload: upStream.wireBytes, qos: 1), from: 0)
        try await room.settle { $0[0].acknowledged == 1 && $0[1].echoes == 1 && $0[2].messages.count == 1 }
        try await room.say("after it")
        try await room.settle { $0.allSatisfy { $0.messages.last?.text == #"{"content":"after it"}"# } }
        let told = try await room.members()
        #expect(told.map(\.messages.count) == [1, 1, 2] && told.map(\.echoes) == [0, 1, 0])
        #expect(room.mailbox.reads == reads)
        try await room.close()
    }
}

/// The store's mailbox, and how often it was asked.
private final class CountedMailbox: Mailbox {
    private let mailbox: any Mailbox
    private let count = Atomic(0)

    init(_ mailbox: any Mailbox) { self.mailbox = mailbox }

    var reads: Int { self.count.load(ordering: .relaxed) }

    func mail(of user: UserID, in app: AppID, after: MessageID, limit: Int) async throws -> Mail {
        self.count.add(1, ordering: .relaxed)
        return try await self.mailbox.mail(of: user, in: app, after: after, limit: limit)
    }
}

/// Clients in the demo group, which have asked for what they have missed.
private final class Room: Sendable {
    /// What one has been told.
    struct Member {
        var messages: [WireDownStreamMessage] = []
        /// Messages of its own user, said elsewhere.
        var echoes = 0
        var acknowledged = 0
        var isUpToDate = false

        mutating func hear(_ frame: ServerFrame) {
            switch frame {
            case .publish(_, "s_msg", _, _, let payload, _, false):
                if let message = WireDownStreamMessage.parse(payload) { self.messages.append(message) }
            case .publish(_, _, _, _, _, _, true): self.echoes += 1
            case .pubAck(9, _, 0, _, _): self.acknowledged += 1
            case .queryAck(_, _, 0, _, _): self.isUpToDate = true
            default: break
            }
        }
    }

    let mailbox: CountedMailbox
    private let bench: Bench
    private let hub: Hub
    private let loop = NIOAsyncTestingEventLoop()
    private let channels: [NIOAsyncTestingChannel]
    private let heard: Mutex<[Member]>

    static func make(_ users: [String]) async throws -> Room {
        let room = Room(try await Bench.make(), users.count)
        room.bench.signals.relay(to: room.hub)
        let (app, core) = (room.bench.app.id, room.bench.core)
        let names = Set(users).map { UserID($0) }
        for user in names { try await core.importUser(user, in: app) { $0.name = user.rawValue } }
        _ = try await core.addMembers(AddMembers(app: app, group: GroupID("demo-group"), users: names))
        let context = RongSocketContext(
            core: core, mailbox: room.mailbox, hub: room.hub, rates: RateLimiter(clock: room.bench.clock),
            attendance: RoomAttendance(in: core), report: { fault, _ in Issue.record("\(fault)") })
        let handshake = Handshake(try Form(query: "appId=parley-demo&token=t&sdkVer=5.2.1"))
        let now = room.bench.clock.now()
        for (user, channel) in zip(users, room.channels) {
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
            let client = Client(
                app: app, user: UserID(user), tokenIssuedAt: now, tokenExpiresAt: .distantFuture,
                confirmation: .manual, catchUpLimit: 0)
            try await room.loop.executeInContext {
                try RongSocket.addHandlers(to: channel, client: client, handshake, in: context)
            }
        }
        try await room.settle { $0.count == users.count }
        var wish = WireSyncRequestMsg()
        wish.syncTime = 0
        wish.ispolling = false
        wish.isPullSend = true
        for index in users.indices {
            try await room.send(
                .query(topic: "pullMsg", target: users[index], id: 1, payload: wish.wireBytes, qos: 0), from: index)
        }
        try await room.settle { $0.allSatisfy(\.isUpToDate) }
        // From here on everything is heard.
        try await room.say("first")
        try await room.settle { $0.allSatisfy { $0.messages.count == 1 } }
        room.heard.withLock { $0 = $0.map { _ in Member() } }
        return room
    }

    private init(_ bench: Bench, _ count: Int) {
        self.bench = bench
        self.mailbox = CountedMailbox(bench.store)
        let loop = self.loop
        self.channels = (0..<count).map { _ in NIOAsyncTestingChannel(loop: loop) }
        self.heard = Mutex(Array(repeating: Member(), count: count))
        self.hub = Hub(
            loops: [loop], log: bench.store, directory: bench.store, clock: bench.clock,
            configuration: HubConfiguration(turnGap: .zero))
    }

    func say(_ text: String) async throws {
        let wire = WireMessage(objectName: "RC:TxtMsg", content: #"{"content":"\#(text)"}"#)
        _ = try await self.bench.core.send(
            Send(
                app: self.bench.app.id, conversation: .group(GroupID("demo-group")),
                message: Message(sender: UserID("bob"), content: .text(text), native: wire.native)))
    }

    func send(_ frame: ClientFrame, from index: Int) async throws {
        var payload = ByteBuffer()
        frame.write(into: &payload)
        var bytes = ByteBuffer(bytes: [0x82, 0x80 | 126])
        bytes.writeInteger(UInt16(payload.readableBytes))
        bytes.writeInteger(UInt32(0))
        bytes.writeBuffer(&payload)
        try await self.channels[index].writeInbound(bytes)
    }

    /// Lets the loop run until this is so.
    func settle(_ condition: ([Member]) -> Bool) async throws {
        for _ in 0..<5000 {
            await self.loop.run()
            if condition(try await self.members()) { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        Issue.record("the clients were not told")
    }

    func members() async throws -> [Member] {
        for (index, channel) in self.channels.enumerated() {
            while var bytes = try await channel.readOutbound(as: ByteBuffer.self) {
                while let head: UInt16 = bytes.readInteger() {
                    let short = Int(head & 0x7F)
                    let length = short == 126 ? bytes.readInteger(as: UInt16.self).map(Int.init) : short
                    guard let payload = bytes.readBytes(length: length ?? 0) else { break }
                    if let frame = try? ServerFrame(parsing: payload) {
                        self.heard.withLock { $0[index].hear(frame) }
                    }
                }
            }
        }
        return self.heard.withLock { $0 }
    }

    func close() async throws { for channel in self.channels { try await channel.close().get() } }
}

extension WireDownStreamMessage {
    fileprivate var text: String { String(decoding: self.contentBytes, as: UTF8.self) }
}
