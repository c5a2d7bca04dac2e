package import NIOCore
package import ParleyCore

/// What a connection does next: a state machine that knows no wire format, no channel and no clock of its own.
///
///     waiting ──nothing to wait for──▶ connecting ──positioned──▶ catching up ──nothing left──▶ live
///        └──────────────────────────────────┴──────────────────────────┴──────────────────────┴──▶ ended
///
/// It waits for older connections that it replaces to end, so that what they confirmed is known, and for the client to say where it is, if that was agreed
/// (``Client/Beginning/whenAsked``). Silence and a token's end count from the first moment, so who never says it is dropped like anyone.
///
/// Beside the phase it keeps whether the outbox is full (then nothing is read for the connection, and a session that stays so is dead), and
/// the one ping that is under way.
package struct Session: Sendable {
    package enum Phase: Hashable, Sendable {
        /// So many older connections have to end, and perhaps the client has to begin, before anything is looked up.
        case waiting(replaced: Int, forClient: Bool)
        /// Where the device has got to is still being looked up.
        case connecting
        /// That many conversations hold what was missed before the connection.
        case catchingUp(Int)
        case live
        case ended(Ending)
    }

    package enum Action: Hashable, Sendable {
        case nothing
        /// Find out where the device has got to.
        case lookUp
        /// Tell the client that it has everything.
        case announceReady
        /// There is room again: read on from where the cursors are.
        case readOn
        case ping(UInt32)
        case end(Ending)
    }

    package struct Limits: Sendable {
        package var outboxFull: TimeAmount
        package var pingAfterSilence: TimeAmount
        package var closeAfterSilence: TimeAmount
        package var tokenExpiresAt: Timestamp

        package init(_ configuration: HubConfiguration, tokenExpiresAt: Timestamp) {
            self.outboxFull = configuration.outboxFullLimit
            self.pingAfterSilence = configuration.pingAfterSilence
            self.closeAfterSilence = configuration.closeAfterSilence
            self.tokenExpiresAt = tokenExpiresAt
        }
    }

    package private(set) var phase: Phase
    package private(set) var outboxFullSince: NIODeadline?
    private let limits: Limits
    private var lastHeardAt: NIODeadline
    private var lastPingNumber: UInt32 = 0
    private var lastPingAt: NIODeadline?
    private(set) var isPingUnanswered = false

    package init(limits: Limits, waitsForClient: Bool = false, at now: NIODeadline) {
        // The one is for whoever has to find out how many there are to replace.
        self.phase = .waiting(replaced: 1, forClient: waitsForClient)
        self.limits = limits
        self.lastHeardAt = now
    }

    package var hasEnded: Bool {
        if case .ended = self.phase { true } else { false }
    }
}

// MARK: Waiting

extension Session {
    /// It is known how many older connections have to end first.
    package mutating func replaces(_ count: Int) -> Action { self.waits(forReplaced: { $0 - 1 + count }) }

    /// One of them has ended.
    package mutating func replacedOneEnded() -> Action { self.waits(forReplaced: { $0 - 1 }) }

    /// The client has said where it is.
    package mutating func clientBegan() -> Action {
        guard case .waiting(let replaced, true) = self.phase else { return .nothing }
        return self.waits(forReplaced: replaced, forClient: false)
    }

    private mutating func waits(forReplaced change: (Int) -> Int) -> Action {
        guard case .waiting(let replaced, let forClient) = self.phase else { return .nothing }
        return self.waits(forReplaced: change(replaced), forClient: forClient)
    }

    private mutating func waits(forReplaced replaced: Int, forClient: Bool) -> Action {
        guard replaced == 0, !forClient else {
            self.phase = .waiting(replaced: replaced, forClient: forClient)
            return .nothing
        }
        self.phase = .connecting
        return .lookUp
    }
}

// MARK: What was missed

extension Session {
    /// Where the device has got to is known; `behind` conversations hold something that it has not read.
    package mutating func positioned(behind: Int) -> Action {
        guard self.phase == .connecting else { return .nothing }
        self.phase = behind == 0 ? .live : .catchingUp(behind)
        return behind == 0 ? .announceReady : .nothing
    }

    /// One of the conversations that were behind is not any more.
    package mutating func caughtUpInOne() -> Action {
        guard case .catchingUp(let behind) = self.phase else { return .nothing }
        self.phase = behind == 1 ? .live : .catchingUp(behind - 1)
        return behind == 1 ? .announceReady : .nothing
    }
}

// MARK: The outbox

extension Session {
    package mutating func outbox(isFull: Bool, at now: NIODeadline) -> Action {
        guard !self.hasEnded, isFull != (self.outboxFullSince != nil) else { return .nothing }
        self.outboxFullSince = isFull ? now : nil
        return isFull ? .nothing : .readOn
    }
}

// MARK: Signs of life

extension Session {
    package mutating func heard(at now: NIODeadline) { self.lastHeardAt = now }

    /// Asked when something has been written that nobody has confirmed: a ping, unless one is under way, or the last is not yet `interval` ago.
    package mutating func unconfirmed(at now: NIODeadline, every interval: TimeAmount) -> Action {
        guard !self.isPingUnanswered else { return .nothing }
        if let last = self.lastPingAt, now < last + interval { return .nothing }
        return self.ping(at: now)
    }

    /// True: the answer to the ping that is under way, so that everything written before it has been read.
    package mutating func ponged(_ number: UInt32) -> Bool {
        guard self.isPingUnanswered, number == self.lastPingNumber else { return false }
        self.isPingUnanswered = false
        return true
    }

    /// Asked every second or so.
    package mutating func swept(at now: NIODeadline, wallClock: Timestamp) -> Action {
        guard !self.hasEnded else { return .nothing }
        if wallClock >= self.limits.tokenExpiresAt { return .end(.disconnected(.tokenExpired)) }
        if let since = self.outboxFullSince, now >= since + self.limits.outboxFull { return .end(.tooSlow) }
        if now >= self.lastHeardAt + self.limits.closeAfterSilence { return .end(.silent) }
        guard self.outboxFullSince == nil, now >= self.lastHeardAt + self.limits.pingAfterSilence else {
            return .nothing
        }
        if let last = self.lastPingAt, now < last + self.limits.pingAfterSilence { return .nothing }
        return self.ping(at: now)
    }

    private mutating func ping(at now: NIODeadline) -> Action {
        guard !self.hasEnded else { return .nothing }
        self.lastPingNumber &+= 1
        self.lastPingAt = now
        self.isPingUnanswered = true
        return .ping(self.lastPingNumber)
    }
}

// MARK: The end

extension Session {
    /// False: it had ended before, and the first reason stands.
    package mutating func end(_ ending: Ending) -> Bool {
        guard !self.hasEnded else { return false }
        self.phase = .ended(ending)
        return true
    }
}
