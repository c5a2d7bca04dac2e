internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One HTTP request on a connection of its own, its body and the answer's as streams: neither is held in memory, and neither side outruns the other.
struct FileTransfer {
    let endpoint: Endpoint
    let tls: NIOSSLContext?

    typealias Parts = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
    /// After this much silence the other end is taken for gone.
    static let patience = TimeAmount.seconds(60)

    /// - Parameters:
    ///   - body: its chunks, each written before the next is asked for; nil ends it.
    ///   - receive: the answer's head, and then each chunk of its body.
    func run(
        _ head: HTTPRequestHead, body: () async throws -> ByteBuffer?,
        head receiveHead: (HTTPResponseHead) throws -> Void, receive: (ByteBuffer) async throws -> Void
    ) async throws {
        let endpoint = self.endpoint
        let tls = self.tls
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(10))
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addTLS(endpoint, tls)
                    try pipeline.addHandler(IdleStateHandler(allTimeout: Self.patience))
                    try pipeline.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
                    try pipeline.addHandler(Giver())
                    return try Parts(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            // A server that refuses may close before it has read all: its answer, if it came, says why.
            var isTaken = await Self.write(.head(head), to: outbound)
            while isTaken, let chunk = try await body() {
                isTaken = await Self.write(.body(.byteBuffer(chunk)), to: outbound)
            }
            if isTaken { _ = await Self.write(.end(nil), to: outbound) }
            try Task.checkCancellation()
            for try await part in inbound {
                switch part {
                case .head(let head): try receiveHead(head)
                case .body(let chunk): try await receive(chunk)
                case .end: return
                }
            }
            throw ChannelError.eof
        }
    }

    private static func write(
        _ part: HTTPClientRequestPart, to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async -> Bool {
        do { try await outbound.write(part) } catch { return false }
        return true
    }
}

/// Gives up a connection on which nothing moves.
private final class Giver: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
