internal import ParleyJSON

/// The life of a chat, without I/O: what comes in goes to ``handle(_:at:)``, and what is to be done comes out. Time is given, and random numbers too.
///
///     askingToken ─▶ connecting ─▶ greeting ─▶ online
///          ▲              └───────────┴──────────┴─▶ waiting ─▶ connecting …
///          └── the server says that the token is not good (any more)     └─▶ ended, for good
struct Machine {
    enum Phase: Equatable {
        case idle
        case askingToken
        case connecting
        /// Connected; the server's `welcome` is awaited.
        case greeting(until: Duration)
        case online(since: Duration)
        case waiting(until: Duration)
        case ended(Chat.Ending)
    }

    enum Input {
        case start
        case token(String)
        case noToken(String)
        case opened
        /// The server answered, but not with 101.
        case refused(status: Int, message: String)
        /// Could not connect.
        case failed(String)
        /// A text frame.
        case frame([UInt8])
        /// A ping or a pong.
        case heard
        case closed(code: Int?)
        case request(Int, frame: [UInt8], isRepeatable: Bool, timeout: Duration?)
        case cancel(Int)
        /// A frame that has no answer. Nothing, when there is no connection.
        case tell([UInt8])
        case watch([UserID])
        case unwatch([UserID])
        case sync([Conversation: Int64])
        /// Whether the socket is read.
        case reading(Bool)
        /// ``deadline`` has come, or something else has that makes another attempt promising.
        case tick
        case retry
        case close
    }

    enum Action: Equatable {
        case askToken
        case connect(token: String)
        case write([UInt8])
        case ping
        /// Without a word, or with a close frame.
        case drop
        case closeSocket
        case emit(Chat.Event, bytes: Int)
        case answer(Int, Result<Answer, ChatError>)
        /// Nothing will come any more.
        case finish(Chat.Ending)
    }

    /// An answer's bytes, to be read where it is awaited.
    struct Answer: Equatable, Sendable { let bytes: [UInt8] }

    static let greetingTimeout = Duration.seconds(15)
    /// A connection that lived this long was a good one: the next attempt is a first one.
    static let stable = Duration.seconds(10)
    static let maximumFrame = 256 << 10

    private(set) var phase = Phase.idle
    private let configuration: Chat.Configuration
    private let random: () -> Double
    private var requests = Requests()
    private var positions = Positions()
    private var liveness = Liveness(at: .zero)
    private var watched: Set<UserID> = []
    private var token: String?
    /// The provider has just made it: when it is refused, another one would be too.
    private var tokenIsFresh = false
    private var wasOnline = false
    private var failures = 0
    private var closing: Chat.Ending?
    private var isReading = true
    /// With a ``CursorStore``: what is in it, which the server is told to go on from.
    private var savedCursors: [Conversation: Int64]?

    init(
        _ configuration: Chat.Configuration,
        random: @escaping () -> Double = { .random(in: 0...1) }
    ) {
        self.configuration = configuration
        self.random = random
    }

    /// Before ``Input/start``.
    mutating func useSaved(_ cursors: [Conversation: Int64]) {
        self.savedCursors = cursors
        self.positions = Positions(cursors)
    }

    mutating func saved(_ cursors: [Conversation: Int64]) { self.savedCursors?.merge(cursors) { $1 } }

    /// Whether somebody waits for an answer.
    var isAwaited: Bool { !self.requests.isEmpty }

    var isEnded: Bool { if case .ended = self.phase { true } else { false } }

    /// When ``Input/tick`` is due; nil when nothing is waited for.
    var deadline: Duration? {
        let own: Duration? =
            switch self.phase {
            case .greeting(let until), .waiting(let until): until
            case .online: self.liveness.deadline
            case .idle, .askingToken, .connecting, .ended: nil
            }
        return [own, self.requests.deadline].compactMap { $0 }.min()
    }

    mutating func handle(_ input: Input, at now: Duration) -> [Action] {
        if self.isEnded { return self.afterTheEnd(input) }
        switch input {
        case .start: return self.begin()
        case .token(let token): return self.got(token)
        case .noToken(let why): return self.lost(.noToken(why), at: now)
        case .opened:
            guard self.phase == .connecting else { return [.drop] }
            self.phase = .greeting(until: now + Self.greetingTimeout)
            self.closing = nil
            return []
        case .refused(let status, let message): return self.refused(status, message, at: now)
        case .failed(let why): return self.lost(.network(why), at: now)
        case .frame(let bytes):
            self.liveness.heard(at: now)
            return self.received(bytes, at: now)
        case .heard:
            self.liveness.heard(at: now)
            return []
        case .closed(let code): return self.closed(code, at: now)
        case .request(let number, let frame, let isRepeatable, let timeout):
            guard frame.count <= Self.maximumFrame else { return [.answer(number, .failure(.tooLarge))] }
            self.requests.add(number, frame, isRepeatable: isRepeatable, deadline: timeout.map { now + $0 })
            return self.writeRequests()
        case .cancel(let number):
            guard self.requests.remove(number) else { return [] }
            return [.answer(number, .failure(.cancelled))] + self.writeRequests()
        case .tell(let frame):
            if case .online = self.phase { return [.write(frame)] }
            return []
        case .watch(let users):
            self.watched.formUnion(users)
            return []
        case .unwatch(let users):
            self.watched.subtract(users)
            return []
        case .sync(let cursors):
            for (conversation, sequence) in cursors { self.positions.move(conversation, to: sequence) }
            self.savedCursors?.merge(cursors) { $1 }
            if case .online = self.phase { return Self.sync(cursors) }
            return []
        case .reading(let isReading):
            self.isReading = isReading
            self.liveness.reading(isReading, at: now)
            return []
        case .tick: return self.tick(at: now)
        case .retry:
            guard case .waiting = self.phase else { return [] }
            return self.connect()
        case .close: return self.end(.closed, tellingServer: true)
        }
    }

    private func afterTheEnd(_ input: Input) -> [Action] {
        guard case .ended(let ending) = self.phase else { return [] }
        return switch input {
        case .request(let number, _, _, _): [.answer(number, .failure(.ended(ending)))]
        case .opened: [.drop]
        default: []
        }
    }
}

// Connecting, and what ends a connection.
extension Machine {
    private mutating func begin() -> [Action] {
        guard self.phase == .idle else { return [] }
        return self.connect()
    }

    private mutating func connect() -> [Action] {
        guard let token else {
            self.phase = .askingToken
            return [.askToken]
        }
        self.phase = .connecting
        return [.connect(token: token)]
    }

    private mutating func got(_ token: String) -> [Action] {
        guard self.phase == .askingToken else { return [] }
        self.token = token
        self.tokenIsFresh = true
        return self.connect()
    }

    private mutating func refused(_ status: Int, _ message: String, at now: Duration) -> [Action] {
        let ending = Chat.Ending.refused(status: status, message: message)
        if status == 401 {
            guard !self.tokenIsFresh else { return self.end(ending) }
            self.token = nil
            return self.lost(ending, at: now)
        }
        // Something between us and the server may say so for a while; but what never was a server of ours will not become one.
        let isWrongPlace = (400..<500).contains(status) && ![408, 425, 429].contains(status)
        return isWrongPlace && !self.wasOnline ? self.end(ending) : self.lost(ending, at: now)
    }

    private mutating func closed(_ code: Int?, at now: Duration) -> [Action] {
        let ending: Chat.Ending =
            switch code {
            case nil: self.closing ?? .network("the connection was lost")
            case 1001: .goingAway
            case 1011: .fault
            case 4001: .kicked
            case 4002: .tokenExpired
            case 4003: .userInactive
            case 4004: .replaced
            case 4005: .loggedInElsewhere
            case .some(let code): self.closing ?? .closedByServer(code: code)
            }
        switch ending {
        case .kicked, .userInactive, .replaced, .loggedInElsewhere: return self.end(ending)
        case .tokenExpired:
            self.token = nil
            return self.lost(ending, at: now)
        default: return self.lost(ending, at: now)
        }
    }

    /// This connection, or the attempt, is over; there will be another.
    private mutating func lost(_ ending: Chat.Ending, at now: Duration) -> [Action] {
        switch self.phase {
        case .online(let since): if now - since >= Self.stable { self.failures = 0 }
        case .askingToken, .connecting, .greeting: break
        case .idle, .waiting, .ended: return []
        }
        let delay = self.configuration.backoff.delay(attempt: self.failures, random: self.random())
        self.failures += 1
        self.phase = .waiting(until: now + delay)
        self.closing = nil
        let failed = self.requests.disconnected().map { Action.answer($0, .failure(.disconnected)) }
        return failed + [.emit(.disconnected(ending, retryIn: delay), bytes: 0)]
    }

    private mutating func end(_ ending: Chat.Ending, tellingServer: Bool = false) -> [Action] {
        let isConnected =
            switch self.phase {
            case .online, .greeting: true
            default: false
            }
        self.phase = .ended(ending)
        let failed = self.requests.removeAll().map { Action.answer($0, .failure(.ended(ending))) }
        return (tellingServer && isConnected ? [.closeSocket] : []) + failed
            + [.emit(.disconnected(ending, retryIn: nil), bytes: 0), .finish(ending)]
    }

    private mutating func tick(at now: Duration) -> [Action] {
        var actions = self.requests.expired(at: now).map { Action.answer($0, .failure(.timedOut)) }
        switch self.phase {
        case .waiting(let until) where now >= until: actions += self.connect()
        case .greeting(let until) where now >= until: actions += [.drop] + self.lost(.silence, at: now)
        case .online:
            switch self.liveness.verdict(at: now) {
            case .fine: break
            case .ask: actions.append(.ping)
            case .dead: actions += [.drop] + self.lost(.silence, at: now)
            }
        default: break
        }
        return actions + self.writeRequests()
    }
}

// What the server says.
extension Machine {
    private mutating func received(_ bytes: [UInt8], at now: Duration) -> [Action] {
        guard let json = try? JSON(parsing: bytes) else {
            return [.emit(.unreadable(String(decoding: bytes, as: UTF8.self)), bytes: bytes.count)]
        }
        if let request = json["request"] { return self.answered(request, json, bytes) }
        switch json["type"]?.string {
        case "closing":
            self.closing = json["reason"]?.string.flatMap(Chat.Ending.init(reason:))
            return []
        case "error", "pong", "done": return []
        default: break
        }
        guard let event = Chat.Event(json), self.positions.isNew(event) else { return [] }
        let emit = Action.emit(event, bytes: bytes.count)
        if case .connected = event { return [emit] + self.welcomed(at: now) }
        return [emit]
    }

    private mutating func answered(_ request: JSON, _ json: JSON, _ bytes: [UInt8]) -> [Action] {
        guard let number = request.int.map(Int.init), self.requests.remove(number) else { return [] }
        let isError = json["type"]?.string == "error"
        let result: Result<Answer, ChatError> =
            isError ? .failure(.refused(Refusal(json))) : .success(Answer(bytes: bytes))
        return [.answer(number, result)] + self.writeRequests()
    }

    private mutating func welcomed(at now: Duration) -> [Action] {
        guard case .greeting = self.phase else { return [] }
        self.phase = .online(since: now)
        self.wasOnline = true
        self.tokenIsFresh = false
        self.liveness = Liveness(at: now)
        if !self.isReading { self.liveness.reading(false, at: now) }
        var actions: [Action] = []
        if let savedCursors { actions += Self.sync(savedCursors) }
        let watched = self.watched.map(\.rawValue).sorted()
        for start in stride(from: 0, to: watched.count, by: Chat.watchedAtOnce) {
            actions.append(.write(Self.watch(watched[start...].prefix(Chat.watchedAtOnce))))
        }
        return actions + self.writeRequests()
    }

    private mutating func writeRequests() -> [Action] {
        guard case .online = self.phase else { return [] }
        var actions: [Action] = []
        while let frame = self.requests.next() { actions.append(.write(frame)) }
        return actions
    }

    /// As many frames as it takes, and one where there is nothing to say: the server waits for it.
    private static func sync(_ cursors: [Conversation: Int64]) -> [Action] {
        let cursors = cursors.sorted { $0.key.name < $1.key.name }
        return stride(from: 0, to: max(1, cursors.count), by: Self.cursorsAtOnce).map { start in
            let some = cursors[start...].prefix(Self.cursorsAtOnce)
            let frame = JSONWriter.object { json in
                json.field("type", "sync")
                json.field("cursors") { json in
                    json.object { json in
                        for (conversation, sequence) in some { json.field(conversation.name, sequence) }
                    }
                }
            }
            return .write(frame)
        }
    }

    /// Of the 10,000 that one `sync` may name those that fit into a frame, however long the names.
    static let cursorsAtOnce = 500

    private static func watch(_ users: ArraySlice<String>) -> [UInt8] {
        JSONWriter.object {
            $0.field("type", "watch")
            $0.field("users", users)
        }
    }
}

extension Chat.Ending {
    /// From a `closing` frame.
    init?(reason: String) {
        switch reason {
        case "goingAway": self = .goingAway
        case "fault": self = .fault
        case "kicked": self = .kicked
        case "tokenExpired": self = .tokenExpired
        case "userInactive": self = .userInactive
        case "replaced": self = .replaced
        case "loggedInElsewhere": self = .loggedInElsewhere
        default: return nil
        }
    }
}
