import ParleyCore

/// Events that found a connection's outbox full.
///
/// What somebody is typing is forgotten, and what became of it does not matter a moment later. But places, deletions and receipts change the picture
/// that a client has, and nothing will tell it again. So they wait here, in little: each is a *state* (how far somebody has read, how often a message
/// was read), and of one state only the newest waits. Bounded all the same: a client with more than that to be told is better off connecting again,
/// and asking. Who is online is looked up when there is room, and needs no place here.
struct Postponed {
    /// Deleted messages count one by one.
    static let limit = 4096

    fileprivate enum Key: Hashable {
        case place(Conversation)
        case pinned(MessageID)
        case membership(Conversation)
        case deleted(Conversation)
        case read(Conversation, UserID)
        case receipt(MessageID)
        case attributes(Conversation)
        case ended(Conversation)
        case status(UserID)
        case subscriptions
        case contact(DirectPair)
        case group(GroupHappening)
        case reacted(MessageID)
        case thread(ThreadChange)
    }

    private var events: [Key: (event: Event, number: UInt64)] = [:]
    private var lastNumber: UInt64 = 0
    private var weight = 0

    var isEmpty: Bool { self.events.isEmpty }

    /// False: there is too much.
    mutating func add(_ event: Event) -> Bool {
        guard let key = Key(event) else { return true }
        let older = self.remove(key)
        let event = event.after(older)
        // After whatever waits already: it is told in the order in which it last changed.
        self.lastNumber += 1
        self.events[key] = (event, self.lastNumber)
        self.weight += event.weight
        return self.weight <= Self.limit
    }

    /// In order, until `tell` says that there is no room for more.
    mutating func tellAll(_ tell: (Event) -> Bool) {
        for (key, value) in self.events.sorted(by: { $0.value.number < $1.value.number }) {
            guard tell(value.event) else { return }
            self.remove(key)
        }
    }

    @discardableResult
    private mutating func remove(_ key: Key) -> Event? {
        guard let event = self.events.removeValue(forKey: key)?.event else { return nil }
        self.weight -= event.weight
        return event
    }
}

extension Postponed.Key {
    fileprivate init?(_ event: Event) {
        switch event {
        case .place(let change): self = .place(change.place.conversation)
        case .pinned(let change): self = .pinned(change.message)
        case .membership(let conversation, _): self = .membership(conversation)
        case .deleted(let conversation, _): self = .deleted(conversation)
        case .read(let conversation, let user, _, _): self = .read(conversation, user)
        case .acknowledged(_, let acknowledgement, _, _): self = .receipt(acknowledgement.id)
        case .attributes(let conversation, _): self = .attributes(conversation)
        case .ended(let conversation): self = .ended(conversation)
        case .status(let user, _): self = .status(user)
        case .subscriptions: self = .subscriptions
        case .group(let happening): self = .group(happening)
        case .reacted(let change): self = .reacted(change.message)
        case .thread(var change):
            // Of what was said only the newest is so.
            if case .said = change.kind { change.kind = .said(ThreadOverview(messageCount: 0, last: nil)) }
            change.by = nil
            self = .thread(change)
        case .contact(let change): self = .contact(DirectPair(change.from, change.to))
        case .typing, .delivered, .presence: return nil
        }
    }
}

extension Event {
    /// What a client is told that was not told the older one.
    fileprivate func after(_ older: Event?) -> Event {
        switch (self, older) {
        case (.deleted(let conversation, let messages), .deleted(_, let others)):
            return .deleted(conversation, others + messages)
        case (.place(var change), .place(let earlier)):
            change.before = earlier.before
            change.clearedUpTo = change.clearedUpTo ?? earlier.clearedUpTo
            if change.device != earlier.device { change.device = nil }
            return .place(change)
        default: return self
        }
    }

    fileprivate var weight: Int { if case .deleted(_, let messages) = self { messages.count } else { 1 } }

    /// It leaves no picture that would be wrong without it.
    var isTransient: Bool { Postponed.Key(self) == nil }
}
