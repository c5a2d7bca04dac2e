import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub
import ParleyRongCloud
import ParleySocket

/// Where the frames of one RongCloud client are taken, done one after the other, and answered; and where it is handed what is said to its user. Touched on
/// the connection's event loop only.
///
/// One thing is done at a time: what a client asks for and what it is handed without asking tell of the same messages, and must not overtake each other.
/// What waits is bounded: beyond ``limit`` frames nothing more is read from the client.
final class RongDesk {
    static let limit = 64
    private static let eventLimit = 1000

    enum Work: Sendable {
        case publish(Command)
        case query(Command)
        /// Something was said: it is handed over, or the client is told to ask.
        case news
        /// What no log keeps.
        case told(News)
    }

    /// A frame that is answered under its id.
    struct Command: Sendable {
        var topic: String
        var target: String
        var id: UInt16
        var payload: [UInt8]
        var qos: UInt8
    }

    let reader: Reader
    let socket: RongSocketContext
    let handshake: Handshake
    let loop: any EventLoop
    /// Called when there is room for frames again.
    private let resume: () -> Void
    /// Called when the client broke the protocol.
    private let breakOff: (WebSocketErrorCode) -> Void

    let spellings: Spellings<GroupMessage>
    private var waiting = Line<Work>()
    private var isWorking = false
    private var isTakingTurns = false
    var isWaitingForRoom = false
    private var isClosed = false
    private var isRung = false
    private var wasNewsLast = false
    private var lastID: UInt16 = 0
    private var lastClientID: UInt16 = 0

    var progress = Progress()
    /// What this connection has said.
    var own = OwnWords()
    /// What the client will have when it acknowledges a frame of ours.
    var unacknowledged = Unacknowledged()
    /// What was said in the chat rooms that its user is in.
    var rooms = RoomNews()

    init(
        _ reader: Reader, _ handshake: Handshake, socket: RongSocketContext, loop: any EventLoop,
        resume: @escaping () -> Void, breakOff: @escaping (WebSocketErrorCode) -> Void
    ) {
        self.reader = reader
        self.handshake = handshake
        self.socket = socket
        self.loop = loop
        self.spellings = socket.spellings.value(on: loop)
        self.resume = resume
        self.breakOff = breakOff
        socket.attendance.came(reader.client.user, of: reader.client.app)
    }

    var user: UserID { self.reader.client.user }
    var now: Timestamp { self.socket.core.clock.now() }

    func write(_ frame: ServerFrame) { self.reader.write(frame.webSocketFrame()) }

    /// Not among those that a client counts its own frames with (facts, 2.3): of the half of the numbers in which it is not.
    func nextID() -> UInt16 {
        self.lastID = self.lastID % Self.ids + 1
        return (self.lastClientID & Self.half) ^ Self.half | self.lastID
    }

    private static let half: UInt16 = 0x8000
    private static let ids: UInt16 = 0x7FFD
}

// MARK: From the connection

extension RongDesk: Speaker {
    var hasRoom: Bool { self.waiting.count < Self.limit }

    func take(_ message: [UInt8]) {
        guard !self.isClosed else { return }
        do throws(ClientFrameFault) {
            switch try ClientFrame(parsing: message) {
            case .publish(let topic, let target, let id, let payload, let qos):
                self.lastClientID = id
                self.wait(.publish(Command(topic: topic, target: target, id: id, payload: payload, qos: qos)))
            case .query(let topic, let target, let id, let payload, let qos):
                self.lastClientID = id
                self.wait(.query(Command(topic: topic, target: target, id: id, payload: payload, qos: qos)))
            case .ping: self.answerPing()
            case .pubAck(let id): self.acknowledged(self.unacknowledged.take(through: id))
            // That a page has come is known when the next is asked for. What no SDK sends is passed over.
            case .queryConfirm, .unknown: break
            }
        } catch {
            self.breakOff(.protocolError)
        }
    }

    /// At once, whatever else waits: clients give up after a second (facts, 2.5). One that does not read gets none.
    private func answerPing() {
        guard self.reader.hasRoom else { return }
        self.write(.pong)
    }

    func acknowledged(_ conversations: [Conversation: UInt64]) {
        for (conversation, sequence) in conversations { _ = self.reader.acknowledge(sequence, of: conversation) }
    }

    private func wait(_ work: Work) {
        self.waiting.append(work)
        self.work()
    }

    func outboxHasRoom() {
        self.work()
        self.reader.flush()
    }

    /// Called more than once.
    func close() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.waiting.removeAll()
        self.socket.attendance.went(self.user, of: self.reader.client.app, on: self.loop)
    }
}

// MARK: From the session

extension RongDesk {
    /// Whatever was missed is asked for by the client; whatever is said from now on rings.
    func caughtUp() { self.ringLater() }
    func skipped(_ gap: Gap) { self.ringLater() }

    /// It is this connection's turn to be written to.
    func rung() {
        guard !self.isClosed else { return }
        self.isRung = true
        self.work()
    }

    /// Not from within the hub's own turn.
    private func ringLater() {
        guard !self.isRung, !self.isClosed else { return }
        self.isRung = true
        let desk = NIOLoopBound(self, eventLoop: self.loop)
        self.loop.execute { desk.value.work() }
    }

    func told(_ news: News) {
        guard !self.isClosed else { return }
        // Of what nothing depends on, a client that does not read hears less.
        guard self.waiting.count < Self.eventLimit else { return }
        self.wait(.told(news))
    }

    func farewell(_ ending: Ending) -> (frames: ByteBuffer, code: WebSocketErrorCode)? {
        switch ending {
        case .disconnected(.replaced), .disconnected(.loggedInElsewhere), .disconnected(.kicked):
            (ServerFrame.disconnect(status: 1).webSocketFrame(), .normalClosure)
        case .disconnected(.userInactive): (ServerFrame.disconnect(status: 2).webSocketFrame(), .normalClosure)
        // As if the network had gone, which every SDK notices, while not all do when the server closes. Those that come back by themselves are told then what is
        // wrong with their token.
        case .disconnected(.tokenExpired), .disconnected(.goingAway), .fault, .tooSlow, .silent, .left: nil
        }
    }
}

// MARK: Working

extension RongDesk: Worker {
    /// What is done at once comes back here: the loop, not the stack, takes what is next, though there are thousands.
    private func work() {
        guard !self.isTakingTurns else { return }
        self.isTakingTurns = true
        while !self.isWorking, !self.isClosed, let work = self.next() {
            self.isWorking = true
            if case .news = work, self.handOverAtOnce() {
                self.isWorking = false
            } else {
                self.begin(work)
            }
        }
        self.isTakingTurns = false
    }

    /// Nil: nothing is to be done, or the client has no room for what would come of it; the connection says when it has.
    private func next() -> Work? {
        guard self.reader.hasRoom else {
            self.waitForRoom()
            return nil
        }
        if self.isRung, self.waiting.isEmpty || !self.wasNewsLast {
            self.isRung = false
            self.wasNewsLast = true
            return .news
        }
        self.wasNewsLast = false
        guard let work = self.waiting.popNext() else { return nil }
        if self.waiting.count < Self.limit { self.resume() }
        return work
    }

    /// There was no room for all of it.
    func ringAgain() { self.isRung = true }

    /// - Returns: whether something was said that is not handed over.
    func takeRing() -> Bool {
        let isRung = exchange(&self.isRung, with: false)
        return self.reader.takeRing() || isRung
    }

    func run(_ work: Work) async {
        do {
            switch work {
            case .publish(let publish): await self.publish(publish)
            case .query(let query): await self.answer(query)
            case .news: _ = try await self.handOver()
            case .told(.entry(let entry)): try await self.pass(entry)
            case .told(.event(let event, _)): try await self.tell(event)
            }
        } catch {
            self.socket.report(error, self.reader.client)
        }
        self.isWorking = false
        self.work()
    }

    func caller() async throws -> ClientCaller {
        guard let app = try await self.socket.core.directory.app(self.reader.client.app) else {
            throw ClientRefusal.fault
        }
        return ClientCaller(
            core: self.socket.core, app: app, user: self.user, device: self.reader.client.device,
            rates: self.socket.rates)
    }

    /// The status that a client gets for what went wrong.
    func status(of fault: any Error) -> UInt16 {
        if let refusal = fault as? ClientRefusal { return refusal.status }
        self.socket.report(fault, self.reader.client)
        return ClientRefusal.fault.status
    }
}

/// What a client will have got when it acknowledges a frame.
struct Unacknowledged {
    private static let limit = 1024

    /// In the order in which they were written. Pages have no number: who has a later frame has them.
    private var frames: [(id: UInt16?, conversation: Conversation, sequence: UInt64)] = []
    /// Of the page that is being made.
    private var page: [Conversation: UInt64] = [:]

    mutating func add(_ id: UInt16, _ entry: Entry) {
        guard let sequence = entry.sequence else { return }
        self.append(id, entry.conversation.conversation, sequence)
    }

    mutating func addToPage(_ entry: Entry) {
        guard let sequence = entry.sequence else { return }
        self.page[entry.conversation.conversation] = sequence
    }

    mutating func pageWasWritten() {
        for (conversation, sequence) in exchange(&self.page, with: [:]) { self.append(nil, conversation, sequence) }
    }

    private mutating func append(_ id: UInt16?, _ conversation: Conversation, _ sequence: UInt64) {
        // Who never acknowledges is found by what it asks for.
        if self.frames.count >= Self.limit { self.frames.removeFirst(Self.limit / 2) }
        self.frames.append((id, conversation, sequence))
    }

    mutating func take(through id: UInt16) -> [Conversation: UInt64] {
        guard let index = self.frames.lastIndex(where: { $0.id == id }) else { return [:] }
        defer { self.frames.removeSubrange(...index) }
        return Self.reached(self.frames[...index])
    }

    /// The client has all that it was handed.
    mutating func takeAll() -> [Conversation: UInt64] {
        defer { self.frames = [] }
        return Self.reached(self.frames[...])
    }

    /// It has not.
    mutating func forget() { (self.frames, self.page) = ([], [:]) }

    private static func reached(
        _ frames: ArraySlice<(id: UInt16?, conversation: Conversation, sequence: UInt64)>
    ) -> [Conversation: UInt64] {
        frames.reduce(into: [:]) { $0[$1.conversation] = max($0[$1.conversation] ?? 0, $1.sequence) }
    }
}
