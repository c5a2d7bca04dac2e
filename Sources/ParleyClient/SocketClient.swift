import NIOCore
import NIOHTTP1
package import NIOPosix
import NIOWebSocket
import Synchronization

/// One ParleySocket connection: text frames in, as they come, and text frames out.
///
/// Pings are answered by themselves, which is also what tells the server that everything before them has arrived (docs/protocol.md).
package final class SocketClient: Sendable {
    /// What the server sent, until the connection ends.
    package let frames: AsyncStream<String>
    private let channel: any Channel
    private let ending: Ending

    /// - Parameter target: path and query, `/v1/connect?token=…`.
    /// - Throws: ``Refused`` when the server answers anything but 101; what the network throws otherwise.
    package static func connect(
        host: String, port: Int, target: String, group: MultiThreadedEventLoopGroup
    ) async throws -> SocketClient {
        let (frames, continuation) = AsyncStream.makeStream(of: String.self)
        let ending = Ending()
        let upgraded = group.next().makePromise(of: Void.self)
        let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: 16 << 20) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FrameReader(continuation, ending))
                upgraded.succeed()
            }
        }
        let refusal = RefusalReader(upgraded)
        let bootstrap = ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                let configuration: NIOHTTPClientUpgradeSendableConfiguration = (
                    upgraders: [upgrader],
                    completionHandler: { context in
                        context.pipeline.removeHandler(name: "parley.refusal", promise: nil)
                    }
                )
                return channel.pipeline.addHTTPClientHandlers(
                    leftOverBytesStrategy: .forwardBytes, withClientUpgrade: configuration
                ).flatMap {
                    channel.pipeline.addHandler(refusal, name: "parley.refusal")
                }
            }
        let channel = try await bootstrap.connect(host: host, port: port).get()
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: ["Host": "\(host):\(port)"])
        try await channel.eventLoop.submit {
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }.get()
        channel.closeFuture.whenComplete { _ in upgraded.fail(Refused(status: 0, body: "the connection was closed")) }
        do { try await upgraded.futureResult.get() } catch {
            channel.close(promise: nil)
            throw error
        }
        return SocketClient(frames: frames, channel: channel, ending: ending)
    }

    private init(frames: AsyncStream<String>, channel: any Channel, ending: Ending) {
        self.frames = frames
        self.channel = channel
        self.ending = ending
    }

    package func send(_ text: String) {
        self.channel.eventLoop.execute {
            let buffer = self.channel.allocator.buffer(string: text)
            self.channel.writeAndFlush(
                WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: buffer), promise: nil)
        }
    }

    /// The code of the server's close frame, once there was one.
    package var closeCode: Int? { self.ending.code.withLock { $0 } }

    /// Stops or resumes reading from the socket: a client that does not keep up.
    package func setReading(_ isReading: Bool) async throws {
        try await self.channel.setOption(.autoRead, value: isReading).get()
        if isReading { self.channel.read() }
    }

    /// Ends the connection with a close frame.
    package func close() async {
        let frame = WebSocketFrame(
            fin: true, opcode: .connectionClose, maskKey: .random(),
            data: self.channel.allocator.buffer(bytes: [0x03, 0xE8]))
        try? await self.channel.writeAndFlush(frame).get()
        try? await self.channel.close().get()
    }

    /// Ends the connection without a word, as a crash would.
    package func drop() async { try? await self.channel.close().get() }

    /// The server did not change protocols.
    package struct Refused: Error, Hashable, Sendable, CustomStringConvertible {
        package var status: Int
        package var body: String
        package var description: String { "\(self.status) \(self.body)" }
    }

    final class Ending: Sendable {
        let code = Mutex<Int?>(nil)
    }
}

private final class FrameReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let continuation: AsyncStream<String>.Continuation
    private let ending: SocketClient.Ending

    init(_ continuation: AsyncStream<String>.Continuation, _ ending: SocketClient.Ending) {
        self.continuation = continuation
        self.ending = ending
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text: self.continuation.yield(bytes.readString(length: bytes.readableBytes) ?? "")
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: bytes)
            context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
        case .connectionClose:
            let code = bytes.readInteger(as: UInt16.self).map(Int.init)
            self.ending.code.withLock { $0 = code }
            context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.continuation.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Collects an answer that is not 101.
private final class RefusalReader: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    // @unchecked: touched only on its channel's event loop.
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<Void>
    private var status = 0
    private var body = ""

    init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.status = Int(head.status.code)
        case .body(let bytes): self.body += String(buffer: bytes)
        case .end: self.promise.fail(SocketClient.Refused(status: self.status, body: self.body))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.promise.fail(error)
        context.close(promise: nil)
    }
}

extension WebSocketMaskingKey {
    fileprivate static func random() -> WebSocketMaskingKey {
        WebSocketMaskingKey((0..<4).map { _ in UInt8.random(in: 0...255) })!
    }
}
