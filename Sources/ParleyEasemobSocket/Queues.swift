import ParleyCore
import ParleyEasemob

/// What a connection has offered its client of each queue, and what it has to say beside conversations. A value without I/O.
///
/// A client fetches a queue page by page, and the key that a page ends with comes back when the client has it (facts/easemob-client.md 3.1). SDKs pass over a
/// page whose key is that of the page before it, of whichever queue (3.2, rule 2): so no two pages of a connection have the same.
///
/// Events that are kept (``ParleyCore/EventLog``) are read from where the device was, and then come as they happen. Where too many come, no more are taken in, and
/// they are read when the client has got so far: none is lost. The others are for who is there.
struct Queues {
    /// Events beyond this make the oldest give way that are not kept: what is true now can be looked up.
    static let eventLimit = 1000

    private var offers: [Conversation: Offer] = [:]
    private var lastKey: UInt64 = 0
    private var turns: UInt64 = 0
    private(set) var events: [Happened] = []
    private var eventsOffered = 0
    /// Of the page that they are.
    private var eventsKey: UInt64 = 0
    private var areEventsNoticed = false
    /// Everything that is kept up to here has been looked at. Nil: nothing has.
    private(set) var position: MessageID?
    /// There is more of it after ``position``, or may be.
    private(set) var isBehind = true
    /// The newest that came while it was behind.
    ///
    /// What is committed is heard of: a read that begins later has it, or nothing of it is kept for this user.
    private(set) var heardOf = MessageID(rawValue: 0)
    /// It could not be read, and has not been tried again.
    private var hasFailed = false
    /// How far the client is known to have it.
    private var confirmed = MessageID(rawValue: 0)

    private struct Offer {
        var key: UInt64
        var through: UInt64
    }

    struct Happened {
        /// Of an entry for those online only: its own, to be known again by the connection that said it.
        var id: MessageID
        /// By which it is kept; nil: it is not.
        var keptAs: MessageID?
        var meta: WireMeta
    }

    // MARK: Conversations

    /// - Returns: the page's key.
    mutating func offer(_ conversation: Conversation, through sequence: UInt64, endingWith id: MessageID) -> UInt64 {
        let key = self.key(id)
        self.offers[conversation] = Offer(key: key, through: sequence)
        return key
    }

    /// How far the client has the conversation, when it says the key of the last page of it; nil: it is another's.
    mutating func accept(_ key: UInt64, of conversation: Conversation) -> UInt64? {
        guard let offer = self.offers[conversation], offer.key == key else { return nil }
        self.offers[conversation] = nil
        return offer.through
    }

    /// The message that a page's key was made of: of a page that an earlier connection offered.
    static func message(in key: UInt64) -> MessageID? { MessageID(easemobNumber: key & ~self.turnBits) }

    /// Bits that no id of ours has.
    private static let turnBits: UInt64 = 0xFF0

    private mutating func key(_ id: MessageID) -> UInt64 {
        var key = id.easemobNumber
        if key == self.lastKey & ~Self.turnBits {
            self.turns = self.turns % 0xFF + 1
            key |= self.turns << 4
        }
        self.lastKey = key
        return key
    }

    // MARK: Events

    /// - Returns: whether the client is to be told that there is something.
    mutating func add(_ happened: some Collection<Happened>) -> Bool {
        guard !happened.isEmpty else { return false }
        self.events.append(contentsOf: happened)
        self.makeRoom()
        defer { self.areEventsNoticed = true }
        return !self.areEventsNoticed
    }

    private mutating func makeRoom() {
        var excess = self.events.count - Self.eventLimit
        guard excess > 0 else { return }
        var (rest, offered) = ([Happened](), 0)
        for (index, happened) in self.events.enumerated() {
            if excess > 0, happened.keptAs == nil {
                excess -= 1
            } else {
                rest.append(happened)
                if index < self.eventsOffered { offered += 1 }
            }
        }
        (self.events, self.eventsOffered) = (rest, offered)
    }

    /// The client has the page that it was offered with this key.
    ///
    /// - Returns: up to where it has what is kept; nil: no further than before.
    mutating func acceptEvents(_ key: UInt64) -> MessageID? {
        self.events.removeFirst(self.accepted(key))
        self.eventsOffered = 0
        guard let position = self.position else { return nil }
        let through = self.events.lazy.compactMap(\.keptAs).first?.predecessor ?? position
        guard through > self.confirmed else { return nil }
        self.confirmed = through
        return through
    }

    /// How many of those on offer. The key of a page that was offered anew since speaks for what that page ended with; one that comes once more, for nothing.
    private func accepted(_ key: UInt64) -> Int {
        if key == self.eventsKey { return self.eventsOffered }
        let last = Self.message(in: key)
        return self.events.prefix(self.eventsOffered).lastIndex { $0.id == last }.map { $0 + 1 } ?? 0
    }

    /// - Parameter isSaidHere: what the client has said itself it is not told.
    /// - Returns: the next ones and their key; nil: there are none.
    mutating func offerEvents(
        _ limit: Int, isSaidHere: (MessageID) -> Bool
    ) -> (metas: [WireMeta], key: UInt64)? {
        self.events.removeAll { isSaidHere($0.id) }
        let some = self.events.prefix(limit)
        self.eventsOffered = some.count
        guard let last = some.last else {
            self.areEventsNoticed = false
            return nil
        }
        self.areEventsNoticed = true
        self.eventsKey = self.key(last.id)
        return (some.map(\.meta), self.eventsKey)
    }

    // MARK: What is kept

    /// Where the device is in what is kept.
    mutating func begin(_ beginning: EventBeginning) {
        self.position = beginning.after
        self.confirmed = beginning.isNew ? beginning.after.predecessor : beginning.after
    }

    /// Something that is kept has happened.
    ///
    /// - Returns: whether it is to be added now. If not, it was read already, or is read in its turn.
    mutating func hear(_ id: MessageID) -> Bool {
        if let position = self.position, id <= position { return false }
        guard !self.isBehind, self.events.count < Self.eventLimit else {
            self.isBehind = true
            self.heardOf = max(self.heardOf, id)
            return false
        }
        self.position = id
        return true
    }

    /// What is kept after ``position`` was read up to `id`, and is to be added.
    ///
    /// - Parameter heardOf: ``heardOf`` when the read began.
    mutating func read(through id: MessageID, hasMore: Bool, heardOf: MessageID) {
        let through = hasMore ? id : max(id, heardOf)
        self.position = through
        self.isBehind = hasMore || self.heardOf > through
    }

    /// What is kept could not be read.
    mutating func failed() { self.hasFailed = true }

    /// Whether it is to be tried again, now that more of it has happened. Once for each failure.
    mutating func takeFailure() -> Bool {
        defer { self.hasFailed = false }
        return self.hasFailed
    }
}

extension MessageID {
    fileprivate var predecessor: MessageID { MessageID(rawValue: self.rawValue - min(self.rawValue, 1)) }
}
