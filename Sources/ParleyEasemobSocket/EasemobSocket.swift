package import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyEasemob
import ParleyHub
import ParleySocket

/// Easemob's client protocol, MSYNC, on the hub's sessions: what connects its unmodified SDKs (docs/compatibility/easemob-client.md).
package enum EasemobSocket {
    /// Bytes of one message from a client.
    static let messageLimit = 256 * 1024

    /// Turns a channel into a client's connection. Call it on the channel's event loop, one of the hub's, when the 101 answer has been written.
    ///
    /// - Parameters:
    ///   - isSockJS: the client speaks SockJS; else it may send binary messages or text, and is answered in the same.
    ///   - address: where it connects from.
    package static func addHandlers(
        to channel: any Channel, isSockJS: Bool, address: String, in context: EasemobSocketContext
    ) throws {
        let (socket, outbox) = try SocketHandler.add(
            to: channel, of: .any, messageLimit: self.messageLimit, context.hub)
        let door = Door(
            socket, outbox, isSockJS ? .sockJS : nil, address: address, in: context, loop: channel.eventLoop)
        socket.greet(door)
        door.open()
    }
}

/// Waits for a client to say who it is, and lets it in or sends it away. Touched on the connection's event loop only.
private final class Door: Speaker {
    /// SDKs say it at once, and give up after ten seconds.
    private static let patience = TimeAmount.seconds(15)
    private static let limit = 16

    private weak var socket: SocketHandler?
    private let outbox: Outbox
    private let context: EasemobSocketContext
    private let loop: any EventLoop
    private let address: String
    /// Nil: the first message says.
    private var framing: Framing?
    private var isAsking = false
    /// What the client said before it was let in.
    private var waiting: [[UInt8]] = []
    private var giveUp: Scheduled<Void>?
    private var isClosed = false

    init(
        _ socket: SocketHandler, _ outbox: Outbox, _ framing: Framing?, address: String,
        in context: EasemobSocketContext, loop: any EventLoop
    ) {
        self.socket = socket
        self.outbox = outbox
        self.framing = framing
        self.address = address
        self.context = context
        self.loop = loop
    }

    func open() {
        if let opening = self.framing?.opening { self.socket?.say(opening) }
        let door = NIOLoopBound(self, eventLoop: self.loop)
        self.giveUp = self.loop.scheduleTask(in: Self.patience) { door.value.socket?.close(with: .normalClosure) }
    }

    var hasRoom: Bool { !self.isAsking }

    func take(_ message: [UInt8]) {
        guard !self.isClosed else { return }
        if self.isAsking {
            guard self.waiting.count < Self.limit else { return self.breakOff() }
            return self.waiting.append(message)
        }
        guard let (framing, provision) = self.read(message) else { return self.breakOff() }
        guard let provision else { return }
        self.framing = framing
        self.isAsking = true
        let door = NIOLoopBound(self, eventLoop: self.loop)
        let (context, address) = (self.context, self.address)
        Task.immediate(executorPreference: LoopExecutor(self.loop)) {
            let answer: Result<EasemobSocketContext.Guest, ProvisionRefusal>
            do {
                answer = .success(try await context.admit(provision, address))
            } catch let refusal as ProvisionRefusal {
                answer = .failure(refusal)
            } catch {
                context.report(error, nil)
                answer = .failure(.fault)
            }
            door.value.answered(answer, provision, framing)
        }
    }

    /// Nil: it breaks the protocol. No provision: the message has none in it.
    private func read(_ message: [UInt8]) -> (Framing, ClientProvision?)? {
        for framing in self.framing.map({ [$0] }) ?? [.binary, .base64] {
            guard let frames = framing.unpack(message) else { continue }
            guard let first = frames.first else { return (framing, nil) }
            if case .provision(let provision)? = ClientFrame(first) { return (framing, provision) }
        }
        return nil
    }

    private func answered(
        _ answer: Result<EasemobSocketContext.Guest, ProvisionRefusal>, _ provision: ClientProvision, _ framing: Framing
    ) {
        guard !self.isClosed, let socket = self.socket else { return }
        self.giveUp?.cancel()
        switch answer {
        case .failure(let refusal):
            socket.say(framing.pack(ServerFrame.refused(refusal)))
            if let closing = framing.closing { socket.say(closing) }
            socket.close(with: .normalClosure)
        case .success(let guest):
            var desk: EasemobDesk?
            socket.begin(
                guest.client, on: self.context.hub, speaking: NoticeWire.of(framing), outbox: self.outbox
            ) { reader, loop, resume in
                let made = EasemobDesk(
                    reader, guest.appKey, framing, socket: self.context, loop: loop, resume: resume
                ) { [weak socket] in socket?.close(with: .protocolError) }
                made.welcome()
                desk = made
                return made
            }
            for message in exchange(&self.waiting, with: []) { desk?.take(message) }
            desk?.reader.flush()
            socket.readAgain()
        }
    }

    private func breakOff() { self.socket?.close(with: .protocolError) }

    func outboxHasRoom() {}
    func close() {
        self.isClosed = true
        self.giveUp?.cancel()
    }
    func caughtUp() {}
    func skipped(_ gap: Gap) {}
    func farewell(_ ending: Ending) -> (frames: ByteBuffer, code: WebSocketErrorCode)? { nil }
}
