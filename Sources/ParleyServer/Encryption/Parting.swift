import NIOCore

/// Lets an encrypted connection that we close end as soon as the other side has said goodbye too.
///
/// NIOSSL waits for that, at most five seconds. On a channel whose input may be closed alone it takes it for no more than that, and waits on; so from here on the
/// channel is none.
final class Parting: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all { try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false) }
        context.close(mode: mode, promise: promise)
    }
}
