import NIOCore
import NIOPosix
import Synchronization

/// Thousands of listening connections on one event loop, as cheap as they can be: frames are counted, and looked into no further than it takes to
/// know what they are.
final class Swarm: Sendable {
    /// Told that they have everything.
    let ready = Tally()
    /// Messages that have reached somebody.
    let messages = Tally()
    let ended = Tally()
    let refused = Tally()
    private let loop: any EventLoop
    private let channels = Mutex<[any Channel]>([])

    init() { self.loop = MultiThreadedEventLoopGroup.singleton.next() }

    /// Begins to connect all of them at once.
    /// - Parameter targets: path and query of each.
    func connect(port: Int, targets: [String]) {
        let bootstrap = ClientBootstrap(group: self.loop).connectTimeout(.seconds(60))
        for target in targets {
            bootstrap.channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SwarmMember(target: target, swarm: self))
                }
            }
            .connect(host: "127.0.0.1", port: port).whenComplete { result in
                switch result {
                case .success(let channel): self.channels.withLock { $0.append(channel) }
                case .failure: self.refused.add()
                }
            }
        }
    }

    /// All at once, and without a word.
    func drop() { for channel in self.channels.withLock({ $0 }) { channel.close(promise: nil) } }
}

private final class SwarmMember: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let target: String
    private let swarm: Swarm
    private var received = ByteBuffer()
    private var isOpen = false

    init(target: String, swarm: Swarm) {
        self.target = target
        self.swarm = swarm
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: Handshake.request(self.target))), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = self.unwrapInboundIn(data)
        self.received.writeBuffer(&chunk)
        if !self.isOpen {
            guard let end = self.received.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            guard self.received.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)) else {
                self.swarm.refused.add()
                return context.close(promise: nil)
            }
            self.received.moveReaderIndex(to: end.upperBound)
            self.isOpen = true
        }
        while let frame = ServerFrame(from: &self.received) {
            switch frame.opcode {
            case 1 where frame.payload.starts(with: Array(#"{"type":"ready""#.utf8)): self.swarm.ready.add()
            case 1 where frame.payload.starts(with: Array(#"{"type":"message""#.utf8)): self.swarm.messages.add()
            case 9:
                let pong = ByteBuffer(bytes: ClientFrame(0xA, frame.payload).bytes)
                context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
            default: break
            }
        }
        if self.received.readableBytes == 0 { self.received = ByteBuffer() }
    }

    func channelInactive(context: ChannelHandlerContext) { self.swarm.ended.add() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
