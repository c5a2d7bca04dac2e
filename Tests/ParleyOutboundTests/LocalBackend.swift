import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ParleyTesting
import Synchronization

/// A backend on 127.0.0.1 that answers as its test says, and remembers what it was asked.
final class LocalBackend: Sendable {
    enum Reply: Sendable {
        case answer(HTTPResponseStatus, headers: HTTPHeaders = [:], body: String = "")
        case silence
        case hangUp
    }

    struct Request: Sendable {
        var head: HTTPRequestHead
        var body: ByteBuffer
        /// Which connection it came on, in the order in which they were opened.
        var connection: Int
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
    }

    private let reply: @Sendable (HTTPRequestHead) -> Reply
    private let state = Mutex(State())

    init(_ reply: @escaping @Sendable (HTTPRequestHead) -> Reply) { self.reply = reply }

    var requests: [Request] { self.state.withLock { $0.requests } }

    /// Runs it while `body` runs, on a port that the system chooses.
    func serve<T>(
        as certificate: TestCertificate? = nil, _ body: (_ port: Int) async throws -> T
    ) async throws -> T {
        let tls = try certificate.map(Self.context)
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(server.localAddress!.port!)
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
        }
    }

    private static func context(of certificate: TestCertificate) throws -> NIOSSLContext {
        let key = try NIOSSLPrivateKey(bytes: Array(certificate.key.utf8), format: .pem)
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate.parsed)], privateKey: .privateKey(key)))
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let backend: LocalBackend
        private let connection: Int
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(_ backend: LocalBackend) {
            self.backend = backend
            self.connection = backend.state.withLock { state in
                state.connections += 1
                return state.connections
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(var part): self.body.writeBuffer(&part)
            case .end: self.answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            guard let head = self.head else { return }
            let request = Request(head: head, body: self.body, connection: self.connection)
            self.backend.state.withLock { $0.requests.append(request) }
            self.body.clear()
            switch self.backend.reply(head) {
            case .answer(let status, var headers, let body):
                headers.add(name: "Content-Length", value: "\(body.utf8.count)")
                let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
                context.write(self.wrapOutboundOut(.head(head)), promise: nil)
                context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            case .silence: break
            case .hangUp: context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

extension TestCertificate {
    var parsed: NIOSSLCertificate {
        get throws { try NIOSSLCertificate(bytes: Array(self.certificate.utf8), format: .pem) }
    }
}
