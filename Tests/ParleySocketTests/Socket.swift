import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyJSON
import ParleySocket
import ParleyTesting
import Synchronization
import Testing

/// A hub over the bench's store, and clients that speak WebSocket to it over testing channels.
struct Harness: Sendable {
    let bench: Bench
    let hub: Hub
    let loop = NIOAsyncTestingEventLoop()
    let context: SocketContext
    /// What failed while a command was done.
    let faults = Faults()

    /// - Parameters:
    ///   - limitsRates: off, so that tests may be quick.
    ///   - log: stands before the bench's.
    init(
        _ configuration: HubConfiguration = HubConfiguration(), limitsRates: Bool = false,
        log: GatedLog? = nil
    ) async throws {
        self.bench = try await Bench.make()
        // Nobody moves this loop's time on.
        var configuration = configuration
        configuration.turnGap = .zero
        self.hub = Hub(
            loops: [self.loop], log: self.bench.store, directory: self.bench.store, clock: self.bench.clock,
            configuration: configuration)
        self.bench.signals.relay(to: self.hub)
        let faults = self.faults
        self.context = SocketContext(
            core: log?.core(before: self.bench) ?? self.bench.core, hub: self.hub,
            rates: RateLimiter(clock: self.bench.clock, isOn: limitsRates)
        ) { fault, _ in faults.add(fault) }
    }

    func client(_ user: String, device: String = "phone", platform: String = "Web") -> Client {
        Client(
            app: self.bench.app.id, user: UserID(user), device: DeviceID(device), platform: platform,
            tokenIssuedAt: self.bench.clock.now(), tokenExpiresAt: .distantFuture)
    }

    func open(_ user: String, device: String = "phone") async throws -> Socket {
        try await self.open(self.client(user, device: device))
    }

    func open(_ client: Client) async throws -> Socket {
        let channel = NIOAsyncTestingChannel(loop: self.loop)
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let context = self.context
        try await self.loop.executeInContext {
            try ParleySocket.addHandlers(to: channel, client: client, in: context)
        }
        await self.loop.run()
        return Socket(channel)
    }

    /// Up to and with the word that everything missed has come.
    func openUntilReady(_ user: String, device: String = "phone") async throws -> (Socket, [JSON]) {
        let socket = try await self.open(user, device: device)
        var frames: [JSON] = []
        repeat { frames.append(try await socket.nextJSON()) } while frames.last!["type"]?.string != "ready"
        return (socket, frames)
    }

    func entries(of conversation: Conversation = .group(GroupID("demo-group"))) async throws -> [Entry] {
        try await self.bench.core.log.entries(
            of: ConversationID(app: self.bench.app.id, conversation), after: 0, limit: 1000)
    }

    func change(_ body: @escaping @Sendable (any DirectoryTransaction) throws -> Void) async throws {
        try await self.bench.core.directory.write(in: self.bench.app.id, body)
    }

    @discardableResult
    func say(
        _ text: String, in conversation: Conversation, from user: String, checks: Send.Checks = []
    ) async throws -> Receipt {
        try await self.bench.core.send(
            Send(
                app: self.bench.app.id, conversation: conversation,
                message: Message(
                    sender: UserID(user), content: .text(text),
                    native: Native(dialect: .parley, payload: Array(#"{"t":1}"#.utf8))),
                checks: checks))
    }
}

final class Faults: Sendable {
    private let all = Mutex<[String]>([])
    var list: [String] { self.all.withLock { $0 } }
    func add(_ fault: any Error) { self.all.withLock { $0.append("\(fault)") } }
}

/// The client's end of a WebSocket: frames in, frames out.
final class Socket: @unchecked Sendable {
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]

        var json: JSON? { try? JSON(parsing: self.payload) }
    }

    let channel: NIOAsyncTestingChannel
    private var received = ByteBuffer()
    private var requests = 0
    /// The types of frames and commands that went by.
    private(set) var seen: Set<String> = []
    private(set) var ordered: Set<String> = []

    init(_ channel: NIOAsyncTestingChannel) { self.channel = channel }

    func next() async throws -> Frame {
        while true {
            if let frame = self.readFrame() { return frame }
            var bytes = try await self.channel.waitForOutboundWrite(as: ByteBuffer.self)
            self.received.writeBuffer(&bytes)
        }
    }

    /// The next frame that is not a ping; pings are not answered. It is as docs/asyncapi.json has it.
    func nextJSON() async throws -> JSON {
        while true {
            let frame = try await self.next()
            guard frame.opcode == 1 else { continue }
            guard let json = frame.json else {
                Issue.record("not JSON: \(String(decoding: frame.payload.prefix(2000), as: UTF8.self))")
                continue
            }
            Contract.shared.checkFrame(json)
            self.seen.insert(json["type"]?.string ?? "")
            return json
        }
    }

    /// The next frame of a type; others that come before it are passed over.
    func next(_ type: String) async throws -> JSON {
        while true {
            let json = try await self.nextJSON()
            if json["type"]?.string == type { return json }
        }
    }

    /// A command as docs/asyncapi.json has it, whatever becomes of it.
    /// - Returns: its answer; what else comes before it is passed over.
    @discardableResult
    func ask(_ command: String, _ members: String = "") async throws -> JSON {
        let request = try await self.order(command, members)
        while true {
            let json = try await self.nextJSON()
            if json["request"]?.int == Int64(request) { return json }
        }
    }

    /// The same, and does not wait for the answer.
    @discardableResult
    func order(_ command: String, _ members: String = "") async throws -> Int {
        self.requests += 1
        let more = members.isEmpty ? "" : "," + members
        let text = #"{"type":"\#(command)","request":\#(self.requests)\#(more)}"#
        Contract.shared.checkCommand(try JSON(parsing: text))
        self.ordered.insert(command)
        try await self.send(text)
        return self.requests
    }

    private func readFrame() -> Frame? {
        let start = self.received.readerIndex
        guard let first: UInt8 = self.received.readInteger(), let second: UInt8 = self.received.readInteger() else {
            self.received.moveReaderIndex(to: start)
            return nil
        }
        let length: Int? =
            switch second {
            case 126: (self.received.readInteger() as UInt16?).map(Int.init)
            case 127: (self.received.readInteger() as UInt64?).map { Int($0) }
            default: Int(second)
            }
        guard let length, let payload = self.received.readBytes(length: length) else {
            self.received.moveReaderIndex(to: start)
            return nil
        }
        return Frame(opcode: first & 0xF, payload: payload)
    }

    func send(_ text: String) async throws { try await self.send(.masked(0x81, Array(text.utf8))) }

    func send(_ bytes: ByteBuffer) async throws {
        try await self.channel.writeInbound(bytes)
        // What is put off within the loop is done in a run of its own.
        await self.channel.testingEventLoop.run()
    }

    /// Answers the newest ping that comes before something else does.
    func pong(_ payload: [UInt8]) async throws { try await self.send(.masked(0x8A, payload)) }

    func hangUp() async throws {
        try await self.channel.close().get()
    }
}

extension ByteBuffer {
    /// A frame as clients send it.
    static func masked(_ first: UInt8, _ payload: [UInt8]) -> ByteBuffer {
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        var buffer = ByteBuffer()
        buffer.writeInteger(first)
        if payload.count < 126 {
            buffer.writeInteger(0x80 | UInt8(payload.count))
        } else if payload.count <= 0xFFFF {
            buffer.writeInteger(UInt8(0x80 | 126))
            buffer.writeInteger(UInt16(payload.count))
        } else {
            buffer.writeInteger(UInt8(0x80 | 127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeBytes(key)
        buffer.writeBytes(payload.enumerated().map { $1 ^ key[$0 % 4] })
        return buffer
    }
}
