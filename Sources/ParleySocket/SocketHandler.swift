package import NIOCore
package import NIOWebSocket
package import ParleyHub

/// What a protocol makes of one client's WebSocket messages, and of what the session has to say. Called on the connection's event loop.
package protocol Speaker: AnyObject {
    /// False: nothing more is read from the client until there is room again.
    var hasRoom: Bool { get }
    /// A whole message from the client.
    func take(_ message: [UInt8])
    /// The client has taken some of what was sent to it.
    func outboxHasRoom()
    /// The connection has ended: what was begun is still done, and nobody is told.
    func close()

    /// What was missed while the client was away has been written.
    func caughtUp()
    func skipped(_ gap: Gap)
    func rung()
    func told(_ news: News)
    /// What is said before the connection is closed, framing included, and with which code it is closed. Nil: it ends as if the network had.
    func farewell(_ ending: Ending) -> (frames: ByteBuffer, code: WebSocketErrorCode)?
}

extension Speaker {
    package func rung() {}
    package func told(_ news: News) {}
}

/// One client's WebSocket connection: its frames become messages for the ``Speaker``, and the session's pings and its end become frames. What it decides,
/// ``Incoming`` and the hub's `Session` have decided.
package final class SocketHandler: ChannelDuplexHandler, Terminal {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private let closeTimeout: TimeAmount
    private var reader: Reader?
    private var speaker: (any Speaker)?
    private var frames: FrameReader
    private var incoming: Incoming
    private var context: ChannelHandlerContext?
    private var wantsRead = false
    private var isClosing = false
    private var closing: Scheduled<Void>?

    package init(closeTimeout: TimeAmount, messageLimit: Int, of kind: Incoming.Kind) {
        self.closeTimeout = closeTimeout
        self.frames = FrameReader(limit: messageLimit)
        self.incoming = Incoming(limit: messageLimit, of: kind)
    }

    /// The connection is the client's from now on. To be called once, on its event loop, when the handler is in the pipeline behind its outbox.
    ///
    /// - Parameter speaker: makes it, of the reader, the loop, and what is to be called when the speaker has room again.
    package func begin(
        _ client: Client, on hub: Hub, speaking wire: any WireProtocol, outbox: Outbox,
        _ speaker: (Reader, any EventLoop, @escaping () -> Void) -> any Speaker
    ) {
        guard let loop = self.context?.eventLoop else { return }
        let reader = hub.connect(client, speaking: wire, outbox: outbox, terminal: self, on: loop)
        self.reader = reader
        self.speaker = speaker(reader, loop) { [weak self] in self?.readOn() }
        reader.flush()
    }

    /// Who listens until it is known who the client is, for protocols in which the client says so first. What he says, he says with ``say(_:)``.
    package func greet(_ speaker: any Speaker) { self.speaker = speaker }

    /// Writes at once, where there is no session yet.
    package func say(_ frames: ByteBuffer) {
        if let reader = self.reader { return reader.write(frames) }
        self.context?.writeAndFlush(Self.wrapOutboundOut(frames), promise: nil)
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.closing?.cancel()
        self.speaker?.close()
        self.context = nil
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.closing?.cancel()
        self.speaker?.close()
        context.fireChannelInactive()
    }
}

// MARK: How fast

extension SocketHandler {
    /// Nothing is read while too many commands are under way: the client's own sending stops then.
    package func read(context: ChannelHandlerContext) {
        if self.speaker?.hasRoom == false, !self.isClosing {
            self.wantsRead = true
        } else {
            context.read()
        }
    }

    /// The speaker has room, or there is another one.
    package func readAgain() { self.readOn() }

    private func readOn() {
        guard self.wantsRead, let context = self.context else { return }
        self.wantsRead = false
        context.read()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.speaker?.outboxHasRoom() }
        context.fireChannelWritabilityChanged()
    }
}

// MARK: From the client

extension SocketHandler {
    /// A client that is gone without a close frame: what it would still have sent is all it could have read.
    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
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
        case .message(let message): self.speaker?.take(message)
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
        self.say(.close(code))
        self.reader?.end(.left)
        context.close(promise: nil)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

// MARK: From the session

extension SocketHandler {
    package func caughtUp() { self.speaker?.caughtUp() }
    package func skipped(_ gap: Gap) { self.speaker?.skipped(gap) }
    package func rung() { self.speaker?.rung() }
    package func told(_ news: News) { self.speaker?.told(news) }

    package func ping(_ number: UInt32) {
        let payload = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        self.reader?.write(.frame(.ping, payload))
    }

    package func end(_ ending: Ending) {
        guard !self.isClosing else { return }
        guard !ending.isAbrupt, let farewell = self.speaker?.farewell(ending) else {
            self.stop()
            self.context?.close(promise: nil)
            return
        }
        self.reader?.write(farewell.frames)
        self.close(with: farewell.code)
    }

    /// Closing at once could take the close frame's bytes with it, so the client gets a moment to answer.
    package func close(with code: WebSocketErrorCode) {
        guard !self.isClosing, let context = self.context else { return }
        self.stop()
        self.say(.close(code))
        self.reader?.end(.left)
        let channel = context.channel
        self.closing = context.eventLoop.scheduleTask(in: self.closeTimeout) { channel.close(promise: nil) }
    }
}

extension SocketHandler {
    /// No more commands; but the client's answer to the close is read.
    private func stop() {
        self.isClosing = true
        self.speaker?.close()
        self.readOn()
    }
}

extension ByteBuffer {
    package static func close(_ code: WebSocketErrorCode?) -> ByteBuffer {
        guard let code else { return .frame(.connectionClose, []) }
        let number = UInt16(webSocketErrorCode: code)
        return .frame(.connectionClose, [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
    }
}
