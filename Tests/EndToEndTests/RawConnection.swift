import NIOCore
import NIOPosix

/// Bytes in, bytes out: for requests that no well-behaved client would send.
struct RawConnection: Sendable {
    let channel: any Channel
    let chunks: AsyncStream<[UInt8]>

    static func connect(port: Int) async throws -> RawConnection {
        let (chunks, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            // A machine that is busy with other tests, or a sanitizer, is no failure.
            .connectTimeout(.seconds(60))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation: continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel: channel, chunks: chunks)
    }

    func send(_ text: String) async { await self.send(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) async { try? await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    /// Everything until the server closes, or until `isEnough` says so.
    func received(until isEnough: ((String) -> Bool)? = nil) async -> String {
        var all: [UInt8] = []
        for await chunk in self.chunks {
            all += chunk
            if let isEnough, isEnough(String(decoding: all, as: UTF8.self)) { break }
        }
        return String(decoding: all, as: UTF8.self)
    }

    func close() async { try? await self.channel.close().get() }
}

private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    let continuation: AsyncStream<[UInt8]>.Continuation

    init(continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.continuation.yield(Array(self.unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.continuation.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
