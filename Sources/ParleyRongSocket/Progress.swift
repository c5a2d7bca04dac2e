import ParleyCore
import ParleyRongCloud

/// Where one client is in its user's messages. A value without I/O: what is read, from where, and what of it the client has already.
///
///     unknown ──first pull──▶ behind ──pulled to the end──▶ live ──the client lost something──▶ behind …
///
/// Live, the server hands over what comes; until then the client is only told that there is something, and asks.
struct Progress: Sendable {
    /// Read on after it.
    private(set) var position = MessageID(rawValue: 0)
    private(set) var isLive = false
    /// The client has asked: before that it wants nothing, and would not know what to ask for.
    private(set) var hasBegun = false
    private var stamps = Stamps()
    /// The time of the newest message of another's that was handed over.
    private var lastReceived: Int64 = 0
    /// That of the newest of the user's own that the client knows of.
    private var lastSent: Int64 = 0
    /// What the client was told last to ask from.
    private var given: Int64 = 0

    /// What a client asks for: messages of others that are later than `received`, and of its own, where it wants them, later than `sent`.
    struct Wish: Hashable, Sendable {
        var received: Int64
        /// Nil: none.
        var sent: Int64?

        func includes(_ time: Int64, isOwn: Bool) -> Bool {
            isOwn ? self.sent.map { time > $0 } ?? false : time > self.received
        }
    }

    /// Whether the client has all that it was handed.
    func isUpToDate(_ wish: Wish) -> Bool { self.isLive && wish.received >= self.lastReceived }

    /// The client asks. What it has not got although it was handed over is read again.
    ///
    /// - Parameter retainedSince: what is older is not kept for clients.
    mutating func begin(_ wish: Wish, retainedSince: Timestamp) {
        defer { self.hasBegun = true }
        self.lastSent = max(self.lastSent, wish.sent ?? 0)
        guard !self.isUpToDate(wish) else { return self.stamps.pass(wish.received) }
        // The next page.
        if !self.isLive, self.given > 0, wish.received == self.given { return }
        // Of its own messages a client that has none yet knows no time.
        let oldest = min(wish.received, wish.sent.map { $0 > 0 ? $0 : wish.received } ?? wish.received)
        let start = max(oldest - Stamps.overlap, retainedSince.milliseconds)
        self.position = MessageID(sentAt: Timestamp(milliseconds: start), slot: 0)
        self.stamps = Stamps()
        self.lastReceived = wish.received
        self.isLive = false
    }

    /// The next entry, whoever may see it.
    ///
    /// - Returns: its time.
    mutating func pass(_ id: MessageID) -> Int64 {
        self.position = id
        return self.stamps.next(id)
    }

    /// It was handed over.
    mutating func handed(over time: Int64, isOwn: Bool) {
        if isOwn {
            self.lastSent = max(self.lastSent, time)
        } else {
            self.lastReceived = max(self.lastReceived, time)
        }
    }

    /// There is nothing up to here that was not looked at.
    mutating func reach(_ id: MessageID) { self.position = max(self.position, id) }

    mutating func caughtUp() { self.isLive = true }

    /// What was read has not been handed over, and nobody knows how far: the client is to ask again.
    mutating func lose() {
        self.isLive = false
        self.given = 0
    }

    /// What the client is to ask from next time.
    mutating func give(_ wish: Wish) -> Int64 {
        self.given = max(wish.received, self.stamps.last)
        return self.given
    }

    /// What the client has as its own cursor, as far as it was told.
    private var lastTime: Int64 { max(self.stamps.last, self.lastReceived, self.given) }

    /// A time for what is in no log: later than what the client has, because it may pass over anything else, and before anything that is still to come,
    /// because it will ask for what is later.
    ///
    /// - Parameters:
    ///   - isOwn: the user did it on another device. Of what he says clients keep another time.
    ///   - connectedAt: what is older than that apps are shown as missed.
    func timeOfEvent(isOwn: Bool = false, connectedAt: Timestamp) -> Int64 {
        max(
            (isOwn ? self.lastSent : self.lastTime) + 1, self.position.sentAt.milliseconds - 1,
            connectedAt.milliseconds)
    }

    /// The client has it as its cursor.
    mutating func told(at time: Int64, isOwn: Bool) {
        if isOwn { self.lastSent = time } else { self.stamps.pass(time) }
    }

    /// What a client must hear of to ask: it is no cursor.
    func timeOfNotice(at now: Timestamp) -> Int64 { max(self.lastTime + 1, now.milliseconds) }
}
