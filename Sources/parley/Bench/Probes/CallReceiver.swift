import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A backend that is called: it takes everything at once, and counts.
final class CallReceiver: Sendable {
    struct Tally: Sendable {
        var count = 0
        /// Of the first and the last call, in nanoseconds (``Monotonic``).
        var firstAt: Int64 = 0
        var lastAt: Int64 = 0
    }

    private let channel: any Channel
    private let counted: Counted

    private final class Counted: Sendable {
        let tally = Mutex(Tally())

        func called() {
            let now = Monotonic.now
            self.tally.withLock { tally in
                if tally.count == 0 { tally.firstAt = now }
                tally.count += 1
                tally.lastAt = now
            }
        }
    }

    /// On loopback.
    static func listen(port: Int) async throws -> CallReceiver {
        let counted = Counted()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(counted))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return CallReceiver(channel, counted)
    }

    private init(_ channel: any Channel, _ counted: Counted) {
        self.channel = channel
        self.counted = counted
    }

    var tally: Tally { self.counted.tally.withLock { $0 } }

    func close() async { try? await self.channel.close().get() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        /// What every vendor takes for "I have it".
        private static let answer = #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
        private let counted: Counted

        init(_ counted: Counted) { self.counted = counted }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = self.unwrapInboundIn(data) else { return }
            self.counted.called()
            let headers: HTTPHeaders = [
                "Content-Type": "application/json", "Content-Length": "\(Self.answer.utf8.count)",
            ]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            let body = context.channel.allocator.buffer(string: Self.answer)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
