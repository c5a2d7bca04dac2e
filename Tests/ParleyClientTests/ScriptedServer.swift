import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import ParleyJSON
import Synchronization
import Testing

@testable import ParleyClient

/// A WebSocket server that does what a test says, on loopback.
final class ScriptedServer: Sendable {
    let port: Int
    let connections: AsyncStream<ScriptedConnection>
    private let channel: any Channel
    private let refusals: Mutex<[Int]>

    /// - Parameter refusals: HTTP statuses with which the first connects are refused.
    static func start(
        port: Int = 0, refusing refusals: [Int] = [], tls: NIOSSLContext? = nil,
        answer: (@Sendable (HTTPRequestHead, ByteBuffer) -> (HTTPResponseStatus, [UInt8]))? = nil
    ) async throws -> ScriptedServer {
        let (connections, continuation) = AsyncStream.makeStream(of: ScriptedConnection.self)
        let box = Refusals(refusals)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    let upgrader = NIOWebSocketServerUpgrader(
                        maxFrameSize: 1 << 24,
                        shouldUpgrade: { channel, _ in
                            channel.eventLoop.makeSucceededFuture(box.next() == nil ? [:] : nil)
                        },
                        upgradePipelineHandler: { channel, head in
                            channel.eventLoop.makeCompletedFuture {
                                let (frames, frame) = AsyncStream.makeStream(of: String.self)
                                try channel.pipeline.syncOperations.addHandler(FrameCollector(frame))
                                continuation.yield(
                                    ScriptedConnection(
                                        channel: channel, target: head.uri,
                                        token: head.headers.first(name: "Authorization") ?? "", frames: frames))
                            }
                        })
                    let plain = PlainAnswer(box, answer)
                    try pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: { context in
                                context.pipeline.syncOperations.removeHandler(name: "plain", promise: nil)
                            }
                        ))
                    try pipeline.addHandler(plain, name: "plain")
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return ScriptedServer(channel, connections, refusals)
    }

    private init(_ channel: any Channel, _ connections: AsyncStream<ScriptedConnection>, _ refusals: [Int]) {
        self.channel = channel
        self.port = channel.localAddress!.port!
        self.connections = connections
        self.refusals = Mutex(refusals)
    }

    var url: URL { URL(string: "http://127.0.0.1:\(self.port)")! }

    func connection() async throws -> ScriptedConnection {
        for await connection in self.connections { return connection }
        throw CancellationError()
    }

    func stop() async { try? await self.channel.close().get() }
}

struct ScriptedConnection: Sendable {
    let channel: any Channel
    let target: String
    let token: String
    let frames: AsyncStream<String>

    func send(_ frames: String...) async { await self.send(frames) }

    func send(_ frames: [String]) async {
        for frame in frames.dropLast() {
            self.channel.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: frame)), promise: nil)
        }
        guard let last = frames.last else { return }
        let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: last))
        try? await self.channel.writeAndFlush(frame).get()
    }

    func welcome() async {
        await self.send(#"{"type":"welcome","app":"demo","user":"alice","device":"d","session":"s","now":1000}"#)
    }

    /// The next command of the client's.
    func command() async throws -> JSON {
        for await frame in self.frames { return try JSON(parsing: frame) }
        throw CancellationError()
    }

    func close(_ code: UInt16) async {
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer(integer: code))
        try? await self.channel.writeAndFlush(frame).get()
    }

    func drop() async { try? await self.channel.close().get() }

    static func message(_ sequence: Int64, _ text: String, in conversation: String = "group:g") -> String {
        #"{"type":"message","conversation":"\#(conversation)","seq":\#(sequence),"id":"\#(1000 + sequence)","sentAt":5000,"#
            + #""from":"bob","kind":"text","content":{"text":"\#(text)"}}"#
    }
}

private final class Refusals: Sendable {
    private let statuses: Mutex<[Int]>
    init(_ statuses: [Int]) { self.statuses = Mutex(statuses) }
    func next() -> Int? { self.statuses.withLock { $0.first } }
    func take() -> Int? { self.statuses.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

private final class FrameCollector: ChannelInboundHandler, Sendable {
    typealias InboundIn = WebSocketFrame
    let continuation: AsyncStream<String>.Continuation
    init(_ continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        if frame.opcode == .text { self.continuation.yield(String(buffer: frame.unmaskedData)) }
        if frame.opcode == .connectionClose { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.continuation.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Answers what is no upgrade, or is refused.
private final class PlainAnswer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    private let refusals: Refusals
    private let answer: (@Sendable (HTTPRequestHead, ByteBuffer) -> (HTTPResponseStatus, [UInt8]))?
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(
        _ refusals: Refusals,
        _ answer: (@Sendable (HTTPRequestHead, ByteBuffer) -> (HTTPResponseStatus, [UInt8]))?
    ) {
        self.refusals = refusals
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(var bytes): self.body.writeBuffer(&bytes)
        case .end:
            let (status, bytes) =
                if let answer, let head, !head.headers.contains(name: "Upgrade") {
                    answer(head, self.body)
                } else {
                    (HTTPResponseStatus(statusCode: self.refusals.take() ?? 500), Array("no".utf8))
                }
            let head = HTTPResponseHead(
                version: .http1_1, status: status, headers: ["Content-Length": String(bytes.count)])
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension Chat {
    /// A chat with a scripted server, closed when the test is over.
    static func with<Result>(
        _ server: ScriptedServer, token: @escaping @Sendable () async throws -> String = { "t" },
        cursors: (any CursorStore)? = nil,
        _ test: (Chat, inout Events.Iterator) async throws -> Result
    ) async throws -> Result {
        var configuration = Configuration(server: server.url, device: "d", token: token)
        configuration.backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(2))
        configuration.cursors = cursors
        let chat = try Chat(configuration)
        var events = chat.events.makeAsyncIterator()
        do {
            let result = try await test(chat, &events)
            await chat.close()
            await server.stop()
            return result
        } catch {
            await chat.close()
            await server.stop()
            throw error
        }
    }
}

extension Chat.Event {
    var text: String? {
        guard case .message(let message) = self, case .text(let text) = message.content else { return nil }
        return text
    }
}
