import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub

/// One client's connection: turns its frames into commands, and the session's events into frames. What it decides, ``Incoming`` and the hub's
/// `Session` have decided.
final class SocketHandler: ChannelDuplexHandler, Terminal {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let closeTimeout: TimeAmount
    private var reader: Reader?
    private var desk: Desk?
    private var frames: FrameReader
    private var incoming: Incoming
    private var context: ChannelHandlerContext?
    private var wantsRead = false
    private var isClosing = false
    private var closing: Scheduled<Void>?

    init(closeTimeout: TimeAmount, messageLimit: Int) {
        self.closeTimeout = closeTimeout
        self.frames = FrameReader(limit: messageLimit)
        self.incoming = Incoming(limit: messageLimit)
    }

    /// The connection is the client's from now on. To be called once, on its event loop, when the handler is in the pipeline behind its outbox.
    func begin(_ client: Client, in socket: SocketContext, outbox: Outbox) {
        guard let loop = self.context?.eventLoop else { return }
        let reader = socket.hub.connect(client, speaking: JSONWire.shared, outbox: outbox, terminal: self, on: loop)
        self.reader = reader
        let asker = Asker(app: client.app, user: client.user, device: client.device, socket: socket)
        self.desk = Desk(reader, asker: asker, loop: loop) { [weak self] in self?.readOn() }
        reader.write(SessionFrames.welcome(client, session: reader.sessionID, now: socket.core.clock.now()))
        reader.flush()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.closing?.cancel()
        self.desk?.close()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.closing?.cancel()
        self.desk?.close()
        context.fireChannelInactive()
    }
}

// MARK: How fast

extension SocketHandler {
    /// Nothing is read while too many commands are under way: the client's own sending stops then.
    func read(context: ChannelHandlerContext) {
        if self.desk?.hasRoom == false, !self.isClosing {
            self.wantsRead = true
        } else {
            context.read()
        }
    }

    private func readOn() {
        guard self.wantsRead, let context = self.context else { return }
        self.wantsRead = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.desk?.outboxHasRoom() }
        context.fireChannelWritabilityChanged()
    }
}

// MARK: From the client

extension SocketHandler {
    /// A client that is gone without a close frame: what it would still have sent is all it could have read.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.frames.append(Self.unwrapInboundIn(data))
        do throws(NIOWebSocketError) {
            // What a frame brings about may end the connection.
            while self.context != nil, let frame = try self.frames.next() { self.received(frame, context) }
        } catch {
            self.close(with: error == .invalidFrameLength ? .messageTooLarge : .protocolError)
        }
    }

    private func received(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        let event = self.incoming.received(frame)
        if self.isClosing {
            // What the client says on its way out is of no interest, but for its answer to the close.
            if case .close = event { context.close(promise: nil) }
            return
        }
        switch event {
        case .nothing: break
        case .text(let text): self.desk?.take(text)
        case .ping(let payload): self.answer(toPing: payload)
        case .pong(let payload): self.ponged(payload)
        case .close(let code): self.clientCloses(code, context)
        case .violation(let code): self.close(with: code)
        }
    }

    /// A client that pings and does not read gets no pongs.
    private func answer(toPing payload: [UInt8]) {
        guard let reader = self.reader, reader.hasRoom else { return }
        reader.write(.frame(.pong, payload))
    }

    private func ponged(_ payload: [UInt8]) {
        guard payload.count == 4 else { return }
        self.reader?.ponged(payload.reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func clientCloses(_ code: WebSocketErrorCode?, _ context: ChannelHandlerContext) {
        self.stop()
        self.reader?.write(.close(code))
        self.reader?.end(.left)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

// MARK: From the session

extension SocketHandler {
    func caughtUp() { self.reader?.write(SessionFrames.ready) }

    func skipped(_ gap: Gap) {
        guard let reader = self.reader else { return }
        reader.write(SessionFrames.gap(gap, for: reader.client.user))
    }

    func ping(_ number: UInt32) {
        let payload = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        self.reader?.write(.frame(.ping, payload))
    }

    func end(_ ending: Ending) {
        guard !self.isClosing else { return }
        guard !ending.isAbrupt else {
            self.stop()
            self.context?.close(promise: nil)
            return
        }
        self.reader?.write(SessionFrames.closing(ending))
        self.close(with: ending.closeCode)
    }

    /// Closing at once could take the close frame's bytes with it, so the client gets a moment to answer.
    private func close(with code: WebSocketErrorCode) {
        guard !self.isClosing, let context = self.context else { return }
        self.stop()
        self.reader?.write(.close(code))
        self.reader?.end(.left)
        let channel = context.channel
        self.closing = context.eventLoop.scheduleTask(in: self.closeTimeout) { channel.close(promise: nil) }
    }
}

extension SocketHandler {
    /// No more commands; but the client's answer to the close is read.
    private func stop() {
        self.isClosing = true
        self.desk?.close()
        self.readOn()
    }
}

extension ByteBuffer {
    fileprivate static func close(_ code: WebSocketErrorCode?) -> ByteBuffer {
        guard let code else { return .frame(.connectionClose, []) }
        let number = UInt16(webSocketErrorCode: code)
        return .frame(.connectionClose, [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
    }
}
