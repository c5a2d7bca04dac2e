import NIOCore
package import NIOHTTP1
package import NIOPosix

/// One keep-alive HTTP/1.1 connection to a server on this machine, for the load generator and the end-to-end tests: a request, its answer,
/// the next request.
package final class HTTPClient: Sendable {
    package struct Response: Hashable, Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: [UInt8]
        package var text: String { String(decoding: self.body, as: UTF8.self) }
    }

    private let channel: any Channel
    private let reader: NIOLoopBound<ResponseReader>
    private let host: String

    /// - Parameter certificates: nil, and nothing is encrypted.
    package static func connect(
        host: String, port: Int, certificates: Chat.Certificates? = nil, group: MultiThreadedEventLoopGroup
    ) async throws -> HTTPClient {
        let endpoint = Endpoint(host: host, port: port, isSecure: certificates != nil)
        let tls = try endpoint.tls(certificates ?? .system)
        let bootstrap = ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addTLS(endpoint, tls)
                    try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                    try pipeline.addHandler(ResponseReader())
                }
            }
        let channel = try await bootstrap.connect(host: host, port: port).get()
        let reader = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: ResponseReader.self), eventLoop: channel.eventLoop)
        }.get()
        return HTTPClient(channel: channel, reader: reader, host: "\(host):\(port)")
    }

    private init(channel: any Channel, reader: NIOLoopBound<ResponseReader>, host: String) {
        self.channel = channel
        self.reader = reader
        self.host = host
    }

    /// One at a time: the next request may be sent when this one is answered.
    package func send(
        _ method: HTTPMethod = .POST, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> Response {
        let promise = self.channel.eventLoop.makePromise(of: Response.self)
        self.channel.eventLoop.execute {
            guard self.channel.isActive else { return promise.fail(ChannelError.ioOnClosedChannel) }
            self.reader.value.waiting = promise
            var head = HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: ["Host": self.host])
            for (name, value) in headers where name != "Host" { head.headers.add(name: name, value: value) }
            if let host = headers.first(where: { $0.0 == "Host" }) {
                head.headers.replaceOrAdd(name: "Host", value: host.1)
            }
            if !body.isEmpty || method == .POST { head.headers.add(name: "Content-Length", value: String(body.count)) }
            self.channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if !body.isEmpty {
                let buffer = self.channel.allocator.buffer(bytes: body)
                self.channel.write(HTTPClientRequestPart.body(.byteBuffer(buffer)), promise: nil)
            }
            self.channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
        return try await promise.futureResult.get()
    }

    package func close() async { try? await self.channel.close().get() }
}

private final class ResponseReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    var waiting: EventLoopPromise<HTTPClient.Response>?
    private var response = HTTPClient.Response(status: 0, headers: [:], body: [])

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
            self.response = HTTPClient.Response(
                status: Int(head.status.code), headers: Dictionary(headers) { first, _ in first }, body: [])
        case .body(let bytes): self.response.body.append(contentsOf: bytes.readableBytesView)
        case .end:
            self.waiting?.succeed(self.response)
            self.waiting = nil
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.waiting?.fail(ChannelError.ioOnClosedChannel)
        self.waiting = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.waiting?.fail(error)
        self.waiting = nil
        context.close(promise: nil)
    }
}
