package import NIOCore
import NIOWebSocket
import ParleyCore
package import ParleyHub
import ParleyRongCloud
import ParleySocket

/// RongCloud's client protocol on the hub's sessions: what connects its unmodified SDKs (docs/compatibility/rongcloud-client.md).
package enum RongSocket {
    /// Bytes of one frame from a client: SDKs send up to 128 KB of content.
    static let messageLimit = 256 * 1024

    /// Turns a channel into a client's connection. Call it on the channel's event loop, one of the hub's, when the 101 answer has been written.
    package static func addHandlers(
        to channel: any Channel, client: Client, _ handshake: Handshake, in context: RongSocketContext
    ) throws {
        let (socket, outbox) = try SocketHandler.add(
            to: channel, of: .binary, messageLimit: self.messageLimit, context.hub)
        socket.begin(client, on: context.hub, speaking: Bell.shared, outbox: outbox) { reader, loop, resume in
            let desk = RongDesk(reader, handshake, socket: context, loop: loop, resume: resume) { [weak socket] code in
                socket?.close(with: code)
            }
            let welcome = ServerFrame.connAck(
                user: client.user.rawValue, session: reader.sessionID,
                nowMilliseconds: context.core.clock.now().milliseconds)
            reader.write(welcome.webSocketFrame(handshake.version))
            return desk
        }
    }

    /// Tells a client why it may not connect, and closes.
    package static func addRefusal(to channel: any Channel, _ refusal: ConnectRefusal, _ handshake: Handshake?) throws {
        let handler = RefusalHandler(
            ServerFrame.connAckRefused(status: refusal.rawValue).webSocketFrame(handshake?.version ?? .v3))
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}

/// The status of a CONNACK (facts/rongcloud-client.md, 10.1).
package enum ConnectRefusal: UInt8, Error, Sendable {
    case unavailable = 3
    case tokenIncorrect = 4
    case appBlocked = 8
    case userBlocked = 9
    case domainNotAllowed = 12
}

/// Says one thing, and waits a moment for the client to go.
private final class RefusalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let patience = TimeAmount.seconds(2)
    private let frame: ByteBuffer
    private var closing: Scheduled<Void>?

    init(_ frame: ByteBuffer) { self.frame = frame }

    func handlerAdded(context: ChannelHandlerContext) {
        var frames = self.frame
        frames.writeImmutableBuffer(.close(.normalClosure))
        context.writeAndFlush(Self.wrapOutboundOut(frames), promise: nil)
        let channel = context.channel
        self.closing = context.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    /// Whatever it still says.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { self.closing?.cancel() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension ServerFrame {
    /// In a WebSocket frame of its own, as every frame of this protocol is.
    func webSocketFrame(_ version: Version = .v3) -> ByteBuffer {
        .frame(.binary, capacity: self.capacity) { self.write(into: &$0, version: version) }
    }

    /// Enough for nearly every frame: topics and ids are short.
    private var capacity: Int {
        switch self {
        case .publish(_, _, _, _, let payload, _, _), .queryAck(_, _, _, let payload, _): 128 + payload.count
        case .connAck, .connAckRefused, .pubAck, .pong, .disconnect: 128
        }
    }
}
