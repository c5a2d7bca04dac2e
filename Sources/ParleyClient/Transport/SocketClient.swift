package import NIOCore
internal import NIOHTTP1
package import NIOPosix
internal import NIOSSL
internal import NIOWebSocket
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// One WebSocket connection: text frames in, as they come and not looked into, and text frames out. ``Chat`` stands on it; so do tests and load
/// generators, for which ``connect(host:port:target:certificates:receiveBuffer:group:)`` gathers the frames.
///
/// Pings are answered by themselves, which is also what tells the server that everything before them has arrived (docs/protocol.md).
package final class SocketClient: Sendable {
    /// What comes, on the channel's event loop.
    package enum Input: Sendable {
        case text(ByteBuffer)
        /// A ping or a pong.
        case heard
        /// The last: with the code of the server's close frame, if there was one.
        case closed(Int?)
    }

    /// What the server sent, until the connection ends. Only of connections made by ``connect(host:port:target:certificates:receiveBuffer:group:)``.
    package let frames: AsyncStream<ByteBuffer>
    private let channel: any Channel
    private let ending: Ending

    /// - Parameters:
    ///   - target: path and query, `/v1/connect?token=…`.
    ///   - certificates: nil, and nothing is encrypted.
    ///   - receiveBuffer: bytes that the kernel keeps of what is not read yet, where not as many as it likes.
    /// - Throws: ``Refused`` when the server answers anything but 101; what the network throws otherwise.
    package static func connect(
        host: String, port: Int, target: String, certificates: Chat.Certificates? = nil,
        receiveBuffer: Int? = nil, group: MultiThreadedEventLoopGroup
    ) async throws -> SocketClient {
        let endpoint = Endpoint(host: host, port: port, isSecure: certificates != nil)
        let (frames, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        return try await Self.open(
            endpoint, target: target, tls: try endpoint.tls(certificates ?? .system), on: group.next(),
            receiveBuffer: receiveBuffer,
            frames: frames
        ) { input in
            switch input {
            case .text(let bytes): continuation.yield(bytes)
            case .heard: break
            case .closed: continuation.finish()
            }
        }.get()
    }

    /// The future's callbacks run before the first input.
    static func open(
        _ endpoint: Endpoint, target: String, headers: HTTPHeaders = [:], tls: NIOSSLContext?, on loop: any EventLoop,
        receiveBuffer: Int? = nil, frames: AsyncStream<ByteBuffer> = AsyncStream { $0.finish() },
        receive: @escaping @Sendable (Input) -> Void
    ) -> EventLoopFuture<SocketClient> {
        let opened = loop.makePromise(of: SocketClient.self)
        let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: Self.maximumFrame) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let ending = Ending()
                let pipeline = channel.pipeline.syncOperations
                // Our server fragments nothing; something between us and it may.
                try pipeline.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024,
                        maxAccumulatedFrameSize: Self.maximumFrame))
                try pipeline.addHandler(FrameReader(receive, ending))
                opened.succeed(SocketClient(frames: frames, channel: channel, ending: ending))
            }
        }
        let refusal = RefusalReader(opened)
        var bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addTLS(endpoint, tls)
                    let configuration: NIOHTTPClientUpgradeConfiguration = (
                        upgraders: [upgrader],
                        completionHandler: { context in
                            context.pipeline.syncOperations.removeHandler(name: "parley.refusal", promise: nil)
                        }
                    )
                    try pipeline.addHTTPClientHandlers(
                        leftOverBytesStrategy: .forwardBytes, withClientUpgrade: configuration)
                    try pipeline.addHandler(refusal, name: "parley.refusal")
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(
                .socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: endpoint.prefix + target,
            headers: ["Host": endpoint.authority] + headers)
        bootstrap.connect(host: endpoint.host, port: endpoint.port).whenComplete { result in
            switch result {
            case .failure(let error): opened.fail(error)
            case .success(let channel):
                let timeout = loop.scheduleTask(in: .seconds(15)) { channel.close(promise: nil) }
                opened.futureResult.whenComplete { result in
                    timeout.cancel()
                    if case .failure = result { channel.close(promise: nil) }
                }
                channel.closeFuture.whenComplete { _ in
                    opened.fail(Refused(status: 0, body: "the connection was closed"))
                }
                channel.write(HTTPClientRequestPart.head(head), promise: nil)
                channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            }
        }
        return opened.futureResult
    }

    /// A page of history with large messages is the largest thing that a server sends.
    static let maximumFrame = 32 << 20

    private init(frames: AsyncStream<ByteBuffer>, channel: any Channel, ending: Ending) {
        self.frames = frames
        self.channel = channel
        self.ending = ending
    }

    package func send(_ text: String) { self.send(ByteBuffer(string: text)) }

    package func send(_ text: ByteBuffer) {
        self.channel.writeAndFlush(
            WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: text), promise: nil)
    }

    func ping() {
        let frame = WebSocketFrame(fin: true, opcode: .ping, maskKey: .random(), data: ByteBuffer())
        self.channel.writeAndFlush(frame, promise: nil)
    }

    /// The code of the server's close frame, once there was one.
    package var closeCode: Int? { self.ending.code.withLock { $0 } }

    /// Stops or resumes reading from the socket: a client that does not keep up.
    package func setReading(_ isReading: Bool) async throws {
        try await self.channel.setOption(.autoRead, value: isReading).get()
        if isReading { self.channel.read() }
    }

    /// The same, without waiting.
    func readWhenTold(_ isReading: Bool) {
        self.channel.setOption(.autoRead, value: isReading).whenSuccess {
            if isReading { self.channel.read() }
        }
    }

    /// Ends the connection with a close frame.
    package func close() async {
        let frame = WebSocketFrame(
            fin: true, opcode: .connectionClose, maskKey: .random(), data: ByteBuffer(bytes: [0x03, 0xE8]))
        try? await self.channel.writeAndFlush(frame).get()
        try? await self.channel.close().get()
    }

    /// Ends the connection without a word, as a crash would.
    package func drop() async { try? await self.channel.close().get() }
    func dropNow() { self.channel.close(promise: nil) }

    /// The server did not change protocols.
    package struct Refused: Error, Hashable, Sendable, CustomStringConvertible {
        /// 0: it closed the connection without an answer.
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

    private let receive: @Sendable (SocketClient.Input) -> Void
    private let ending: SocketClient.Ending

    init(_ receive: @escaping @Sendable (SocketClient.Input) -> Void, _ ending: SocketClient.Ending) {
        self.receive = receive
        self.ending = ending
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        var bytes = frame.unmaskedData
        switch frame.opcode {
        case .text: self.receive(.text(bytes))
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: bytes)
            context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
            self.receive(.heard)
        case .pong: self.receive(.heard)
        case .connectionClose:
            let code = bytes.readInteger(as: UInt16.self)
            self.ending.code.withLock { $0 = code.map(Int.init) }
            var echo = ByteBuffer()
            if let code { echo.writeInteger(code) }
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: echo)
            context.writeAndFlush(self.wrapOutboundOut(close), promise: nil)
            context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.receive(.closed(self.ending.code.withLock { $0 }))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Collects an answer that is not 101.
private final class RefusalReader: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    // @unchecked: touched only on its channel's event loop.
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<SocketClient>
    private var status = 0
    private var body = ""

    init(_ promise: EventLoopPromise<SocketClient>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.status = Int(head.status.code)
        case .body(let bytes):
            if self.body.utf8.count < 16 << 10 { self.body += String(buffer: bytes) }
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
        var bits = UInt32.random(in: 0...UInt32.max)
        return withUnsafeBytes(of: &bits) { WebSocketMaskingKey($0)! }
    }
}

extension HTTPHeaders {
    fileprivate static func + (left: HTTPHeaders, right: HTTPHeaders) -> HTTPHeaders {
        var both = left
        both.add(contentsOf: right)
        return both
    }
}
