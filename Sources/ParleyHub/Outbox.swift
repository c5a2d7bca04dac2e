package import NIOCore

/// What waits to be written to one connection: the frames of a tick, joined, and then whatever the channel has not got rid of.
///
/// It is the first of a connection's handlers, so that a write passes no other on its way to the socket (but TLS). What it holds is bounded by the
/// channel's water mark and by its own count of the tick's bytes; ``hasRoom`` says whether more may come.
package final class Outbox: ChannelInboundHandler {
    package typealias InboundIn = NIOAny

    /// Frames are copied together up to this size: one system call is worth more than a small copy. Beyond it they are written one after the other.
    private static let joinLimit = 16 * 1024

    private let capacity: Int
    private var context: ChannelHandlerContext?
    private var pending = ByteBuffer()
    private var hasPending = false
    private var unflushedBytes = 0
    private(set) var isWritable = true
    /// Until the channel is gone.
    var reader: Reader?

    package init(configuration: HubConfiguration) { self.capacity = configuration.outboxBytes }

    var hasRoom: Bool { self.isWritable && self.unflushedBytes < self.capacity }

    /// Nil once the connection is gone.
    var channel: (any Channel)? { self.context?.channel }

    func append(_ frames: ByteBuffer) {
        guard let context = self.context else { return }
        // A protocol may have nothing to say of an event.
        guard frames.readableBytes > 0 else { return }
        self.unflushedBytes &+= frames.readableBytes
        guard self.hasPending else {
            self.pending = frames
            self.hasPending = true
            return
        }
        if self.pending.readableBytes + frames.readableBytes <= Self.joinLimit {
            self.pending.writeImmutableBuffer(frames)
        } else {
            context.write(NIOAny(self.pending), promise: nil)
            self.pending = frames
        }
    }

    func flush() {
        guard self.hasPending, let context = self.context else { return }
        let frames = self.pending
        self.pending = ByteBuffer()
        self.hasPending = false
        self.unflushedBytes = 0
        context.writeAndFlush(NIOAny(frames), promise: nil)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.isWritable = context.channel.isWritable
    }

    package func handlerRemoved(context: ChannelHandlerContext) { self.forget() }

    package func channelInactive(context: ChannelHandlerContext) {
        self.forget()
        context.fireChannelInactive()
    }

    private func forget() {
        self.context = nil
        self.pending = ByteBuffer()
        self.hasPending = false
        let reader = self.reader
        self.reader = nil
        reader?.end(.left)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.isWritable = context.channel.isWritable
        self.reader?.outboxChanged(isFull: !self.isWritable)
        context.fireChannelWritabilityChanged()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.reader?.hasBeenHeard = true
        context.fireChannelRead(data)
    }

    /// Answers to what was read together are written together.
    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        self.reader?.shard.settle()
    }
}
