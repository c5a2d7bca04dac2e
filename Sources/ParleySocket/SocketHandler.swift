import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub
import ParleyJSON

/// One client's connection: turns its frames into commands, and the session's events into frames. What it decides, ``Incoming`` and the hub's
/// `Session` have decided.
final class SocketHandler: ChannelInboundHandler, Terminal {
    typealias InboundIn = WebSocketFrame

    let client: Client
    let core: Core
    private(set) var reader: Reader?
    private let hub: Hub
    private let outbox: Outbox
    private let closeTimeout: TimeAmount
    private var incoming: Incoming
    private var context: ChannelHandlerContext?
    private var isClosing = false
    private var closing: Scheduled<Void>?

    init(client: Client, core: Core, hub: Hub, outbox: Outbox, messageLimit: Int) {
        self.client = client
        self.core = core
        self.hub = hub
        self.outbox = outbox
        self.closeTimeout = hub.configuration.closeTimeout
        self.incoming = Incoming(limit: messageLimit)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let reader = self.hub.connect(
            self.client, speaking: JSONWire.shared, outbox: self.outbox, terminal: self, on: context.eventLoop)
        self.reader = reader
        self.answer { json in
            json.field("type", "welcome")
            json.field("app", self.client.app.rawValue)
            json.field("user", self.client.user.rawValue)
            json.field("device", self.client.device.rawValue)
            json.field("session", reader.sessionID)
        }
        reader.flush()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.closing?.cancel()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.closing?.cancel()
        context.fireChannelInactive()
    }

    /// To something that the client sent. One who asks and does not read gets no answers.
    func reply(_ members: (inout JSONWriter) -> Void) {
        if self.reader?.hasRoom == true { self.answer(members) }
    }

    /// Written with whatever else this tick has.
    func answer(_ members: (inout JSONWriter) -> Void) {
        self.reader?.write(.frame(.text, JSONWriter.object(members)))
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
        let event = self.incoming.received(Self.unwrapInboundIn(data))
        if self.isClosing {
            // What the client says on its way out is of no interest, but for its answer to the close.
            if case .close = event { context.close(promise: nil) }
            return
        }
        switch event {
        case .nothing: break
        case .text(let text): self.run(text)
        case .ping(let payload): self.answer(toPing: payload)
        case .pong(let payload): self.ponged(payload)
        case .close(let code): self.clientCloses(code, context)
        case .violation(let code): self.close(with: code)
        }
    }

    private func run(_ text: [UInt8]) {
        do {
            try Command.run(text, for: self)
        } catch {
            self.reply { json in
                json.field("type", "error")
                json.field("code", error.code)
                json.field("message", error.message)
            }
        }
    }

    /// A client that asks and does not read gets no answers.
    private func answer(toPing payload: [UInt8]) {
        guard let reader = self.reader, reader.hasRoom else { return }
        reader.write(.frame(.pong, payload))
    }

    private func ponged(_ payload: [UInt8]) {
        guard payload.count == 4 else { return }
        self.reader?.ponged(payload.reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func clientCloses(_ code: WebSocketErrorCode?, _ context: ChannelHandlerContext) {
        self.isClosing = true
        self.reader?.write(.close(code))
        self.reader?.end(.left)
        context.close(promise: nil)
    }

    /// The frame decoder found what cannot be a frame.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: self.close(with: .messageTooLarge)
        case is NIOWebSocketError: self.close(with: .protocolError)
        default: context.close(promise: nil)
        }
    }
}

// MARK: From the session

extension SocketHandler {
    func caughtUp() { self.answer { $0.field("type", "ready") } }

    func skipped(_ gap: Gap) { fatalError("WIP socket") }

    func ping(_ number: UInt32) {
        let payload = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        self.reader?.write(.frame(.ping, payload))
    }

    func end(_ ending: Ending) {
        guard !self.isClosing else { return }
        guard !ending.isAbrupt else {
            self.isClosing = true
            self.context?.close(promise: nil)
            return
        }
        self.answer { json in
            json.field("type", "closing")
            json.field("reason", ending.name)
        }
        self.close(with: ending.closeCode)
    }

    /// Closing at once could take the close frame's bytes with it, so the client gets a moment to answer.
    private func close(with code: WebSocketErrorCode) {
        guard !self.isClosing, let context = self.context else { return }
        self.isClosing = true
        self.reader?.write(.close(code))
        self.reader?.end(.left)
        let channel = context.channel
        self.closing = context.eventLoop.scheduleTask(in: self.closeTimeout) { channel.close(promise: nil) }
    }
}

extension ByteBuffer {
    fileprivate static func close(_ code: WebSocketErrorCode?) -> ByteBuffer {
        guard let code else { return .frame(.connectionClose, []) }
        let number = UInt16(webSocketErrorCode: code)
        return .frame(.connectionClose, [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
    }
}
