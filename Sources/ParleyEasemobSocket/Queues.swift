import ParleyCore
import ParleyEasemob

/// What a connection has offered its client of each queue, and what it has to say beside the log. A value without I/O.
///
/// A client fetches a queue page by page, and the key that a page ends with comes back when the client has it (facts/easemob-client.md 3.1). SDKs pass over a
/// page whose key is that of the page before it, of whichever queue (3.2, rule 2): so no two pages of a connection have the same.
struct Queues {
    /// Events beyond this make the oldest give way: what is true now can be looked up.
    static let eventLimit = 1000

    private var offers: [Conversation: Offer] = [:]
    private var lastKey: UInt64 = 0
    private var turns: UInt64 = 0
    private(set) var events: [Happened] = []
    private var eventsOffered = 0
    private var areEventsNoticed = false

    private struct Offer {
        var key: UInt64
        var through: UInt64
    }

    struct Happened {
        /// Of an entry for those online only: its own, to be known again by the connection that said it.
        var id: MessageID
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
        if self.events.count > Self.eventLimit {
            let excess = self.events.count - Self.eventLimit
            self.events.removeFirst(excess)
            self.eventsOffered = max(0, self.eventsOffered - excess)
        }
        defer { self.areEventsNoticed = true }
        return !self.areEventsNoticed
    }

    /// The client has what it was offered.
    mutating func acceptEvents() {
        self.events.removeFirst(self.eventsOffered)
        self.eventsOffered = 0
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
        return (some.map(\.meta), self.key(last.id))
    }
}
