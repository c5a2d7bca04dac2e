import ParleyCore

/// Where one client is in its user's messages. A value without I/O: what is read, from where, and what of it the client has already.
///
///     unknown ──first pull──▶ behind ──pulled to the end──▶ live ──the client lost something──▶ behind …
///
/// Live, the server hands over what comes; until then the client is only told that there is something, and asks.
struct Progress: Sendable {
    /// Read on after it.
    private(set) var position = MessageID(rawValue: 0)
    private(set) var isLive = false
    private var stamps = Stamps()
    /// The time of the newest message of another's that was handed over.
    private var lastReceived: Int64 = 0

    /// What a client asks for: messages of others that are later than `received`, and of its own, where it wants them, later than `sent`.
    struct Wish: Hashable, Sendable {
        var received: Int64
        /// Nil: none.
        var sent: Int64?

        func includes(_ time: Int64, isOwn: Bool) -> Bool {
            isOwn ? self.sent.map { time > $0 } ?? false : time > self.received
        }
    }

    /// The client asks. What it has not got although it was handed over is read again.
    ///
    /// - Parameter retainedSince: what is older is not kept for clients.
    mutating func begin(_ wish: Wish, retainedSince: Timestamp) {
        if self.isLive, wish.received >= self.lastReceived {
            self.stamps.pass(wish.received)
            return
        }
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
        if !isOwn { self.lastReceived = max(self.lastReceived, time) }
    }

    /// There is nothing up to here that was not looked at.
    mutating func reach(_ id: MessageID) { self.position = max(self.position, id) }

    mutating func caughtUp() { self.isLive = true }

    /// What the client is to ask from next time.
    func cursor(for wish: Wish) -> Int64 { max(wish.received, self.stamps.last) }

    /// What a client must hear of to ask.
    var nextTime: Int64 { max(self.stamps.last, self.lastReceived) + 1 }
}
