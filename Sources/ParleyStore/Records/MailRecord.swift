import ParleyCore

/// A user's mail, in SQL: which entries are his is found out by their numbers alone, and only those of one page are read.
extension SQLConnection {
    func mail(of user: UserID, in app: AppID, after: MessageID, limit: Int) throws -> Mail {
        let limit = min(max(1, limit), Mail.limit)
        let newest = try self.first("SELECT MAX(id) FROM entries") { $0.id(0) }
        guard let newest, newest > after else { return Mail(through: after) }
        // One more tells whether there is more.
        let envelopes =
            try self.recentMail(of: user, in: app, after: after, limit: limit + 1)
            ?? self.mergedMail(of: user, in: app, after: after, limit: limit + 1)
        let letters = try self.open(envelopes.prefix(limit))
        let hasMore = letters.count < envelopes.count
        return Mail(
            items: try self.items(letters, of: user, in: app),
            through: hasMore ? letters.last?.id ?? after : newest, hasMore: hasMore)
    }

    // MARK: The end of the log

    /// Who keeps up looks at everybody's entries since, and whose those few are: that costs the same in however many conversations he is.
    /// Nil: there are more than a few. (From about so many on, going through a user's 20 groups costs less.)
    private func recentMail(
        of user: UserID, in app: AppID, after: MessageID, limit: Int
    ) throws -> [Envelope]? {
        let few = 32
        let recent = try self.all(
            "SELECT id, conversation, sequence FROM entries WHERE id > ? ORDER BY id LIMIT ?",
            [.id(after), .int(few + 1)]
        ) { (id: $0.id(0) as MessageID, number: $0.int(1), sequence: $0.sequence(2)) }
        guard recent.count <= few else { return nil }
        var letterboxes: [Int64: Letterbox] = [:]
        for letterbox in try self.recentLetterboxes(of: user, in: app, after: after) {
            letterboxes[letterbox.number] = letterbox
        }
        let envelopes: [Envelope] = recent.compactMap { entry in
            guard let letterbox = letterboxes[entry.number], entry.sequence > letterbox.joinedAtSequence else {
                return nil
            }
            return Envelope(id: entry.id, letterbox: letterbox)
        }
        return Array(envelopes.prefix(limit))
    }

    /// The same as ``ownConversations``, from the other side: of the conversations in which something was said last, those that are his.
    ///
    /// `+c.app`: by itself SQLite would go through all of the App's conversations.
    private func recentLetterboxes(of user: UserID, in app: AppID, after: MessageID) throws -> [Letterbox] {
        try self.all(
            """
            SELECT \(Self.letterboxColumns), m.joined_at_sequence, m.delivery
            FROM conversations c
            LEFT JOIN groups g ON c.kind = 'group' AND g.app = ?1 AND g.id = c.a AND g.origin_group IS NULL
            LEFT JOIN members m ON m.group_number = g.number AND m.user_id = ?2
            LEFT JOIN places p ON p.app = ?1 AND p.user_id = ?2 AND p.conversation = c.number
            WHERE c.number IN (SELECT conversation FROM entries WHERE id > ?3)
                AND +c.app = ?1 AND c.retired_at IS NULL
                AND CASE c.kind WHEN 'group' THEN m.number IS NOT NULL WHEN 'direct' THEN c.a = ?2 OR c.b = ?2
                    WHEN 'system' THEN c.a = ?2 ELSE 0 END
            """, [.text(app), .text(user), .id(after)]
        ) { try Letterbox($0, in: app) }
    }

    // MARK: The whole log

    /// Of each conversation in which something was said since, as many as are needed: in rounds, until none can have any that comes before the last of those found.
    private func mergedMail(of user: UserID, in app: AppID, after: MessageID, limit: Int) throws -> [Envelope] {
        var unfinished = try self.letterboxes(of: user, in: app, since: after.sentAt).map { letterbox in
            let start = try self.lastSequence(
                before: MessageID(rawValue: after.rawValue + 1), after: letterbox.joinedAtSequence,
                upTo: letterbox.lastSequence, inConversation: letterbox.number)
            return Pile(letterbox: letterbox, sequence: start)
        }
        var envelopes: [Envelope] = []
        var bound: MessageID?
        while !unfinished.isEmpty {
            // So that one round reads little more than all of them are to give.
            let count = max(4, 2 * limit / unfinished.count)
            for index in unfinished.indices {
                envelopes += try self.take(count, from: &unfinished[index], before: bound)
            }
            envelopes.sort { $0.id < $1.id }
            if envelopes.count >= limit {
                envelopes.removeSubrange(limit...)
                bound = envelopes.last?.id
            }
            unfinished.removeAll { pile in pile.isFinished || bound.map { pile.id >= $0 } ?? false }
        }
        return envelopes
    }

    /// From the index by sequence alone.
    private func take(_ count: Int, from pile: inout Pile, before bound: MessageID?) throws -> [Envelope] {
        var envelopes: [Envelope] = []
        try self.each(
            "SELECT id, sequence FROM entries WHERE conversation = ? AND sequence > ? ORDER BY sequence LIMIT ?",
            [.int(pile.letterbox.number), .sequence(pile.sequence), .int(count)]
        ) { row in
            (pile.id, pile.sequence) = (row.id(0), row.sequence(1))
            if let bound, pile.id > bound { return false }
            envelopes.append(Envelope(id: pile.id, letterbox: pile.letterbox))
            return true
        }
        if envelopes.count < count { pile.isFinished = true }
        return envelopes
    }

    /// Those in which something was said at that moment or later.
    private func letterboxes(of user: UserID, in app: AppID, since: Timestamp) throws -> [Letterbox] {
        try self.all(
            """
            \(Self.ownConversations)
            SELECT \(Self.letterboxColumns), theirs.joined, theirs.delivery
            FROM theirs JOIN conversations c ON c.number = theirs.number
            LEFT JOIN places p ON p.app = ?1 AND p.user_id = ?2 AND p.conversation = c.number
            WHERE c.last_sent_at >= ?3 AND NOT theirs.is_thread
            """, [.text(app), .text(user), .time(since)]
        ) { try Letterbox($0, in: app) }
    }

    private static let letterboxColumns = "c.number, c.kind, c.a, c.b, c.last_sequence, p.cleared_through"

    // MARK: Entries

    /// As many as make up ``Mail/byteLimit``, and at least one.
    private func open(_ envelopes: ArraySlice<Envelope>) throws -> [Letter] {
        var (letters, byteCount) = ([] as [Letter], 0)
        for envelope in envelopes {
            let entry = try self.entry(envelope)
            letters.append(Letter(id: envelope.id, letterbox: envelope.letterbox, entry: entry))
            byteCount += entry?.nativeByteCount ?? 0
            if byteCount >= Mail.byteLimit { break }
        }
        return letters
    }

    private func items(_ letters: [Letter], of user: UserID, in app: AppID) throws -> [Mail.Item] {
        let hidden = try self.hidden(letters, from: user, in: app)
        return letters.compactMap { letter in
            guard let entry = letter.entry else { return nil }
            var viewer = Viewer(user: user, shownAfter: letter.letterbox.shownAfter)
            viewer.hidden = hidden[letter.letterbox.number] ?? []
            return Mail.Item(
                entry: entry,
                isVisible: letter.letterbox.delivery != .discard && entry.isVisible(to: viewer, for: .delivery))
        }
    }

    /// Nil: it cannot be read, which would otherwise be the end of his mail.
    private func entry(_ envelope: Envelope) throws -> Entry? {
        do {
            return try self.first("SELECT \(Self.entryColumns) FROM entries e WHERE id = ?", [.id(envelope.id)]) {
                try Entry(row: $0, in: envelope.letterbox.conversation)
            }
        } catch StoreFault.unreadable { return nil }
    }

    /// What the user has deleted in each conversation, among these and what they change.
    private func hidden(
        _ letters: [Letter], from user: UserID, in app: AppID
    ) throws -> [Int64: Set<UInt64>] {
        guard !letters.isEmpty, try self.hasDeletions(user, in: app) else { return [:] }
        var ranges: [Int64: ClosedRange<UInt64>] = [:]
        for letter in letters {
            guard let entry = letter.entry, let sequence = entry.sequence else { continue }
            let number = letter.letterbox.number
            let range = ranges[number] ?? sequence...sequence
            let lower = min(range.lowerBound, sequence, entry.changedSequence ?? sequence)
            ranges[number] = lower...max(range.upperBound, sequence)
        }
        var hidden: [Int64: Set<UInt64>] = [:]
        for (number, range) in ranges {
            hidden[number] = try self.hidden(from: user, in: app, inConversation: number, range)
        }
        return hidden
    }
}

/// A conversation of one user, as his mail comes from it.
private final class Letterbox {
    let number: Int64
    let conversation: ConversationID
    let lastSequence: UInt64
    let clearedThrough: UInt64
    /// 0 in all but groups.
    let joinedAtSequence: UInt64
    let delivery: Member.Delivery?

    init(_ row: SQLRow, in app: AppID) throws {
        self.number = row.int(0)
        self.conversation = ConversationID(
            app: app, try Conversation(kind: row.text(1), a: row.text(2), b: row.text(3)))
        self.lastSequence = row.sequence(4)
        self.clearedThrough = row.sequence(5)
        self.joinedAtSequence = row.sequence(6)
        self.delivery = row.optionalText(7).flatMap(Member.Delivery.init(rawValue:))
    }

    var shownAfter: UInt64 { max(self.joinedAtSequence, self.clearedThrough) }
}

/// An entry that is the user's, before it is read.
private struct Envelope {
    var id: MessageID
    var letterbox: Letterbox
}

/// One that was read.
private struct Letter {
    var id: MessageID
    var letterbox: Letterbox
    /// Nil: it could not be read.
    var entry: Entry?
}

/// How far a conversation has been gone through.
private struct Pile {
    var letterbox: Letterbox
    var sequence: UInt64
    var id = MessageID(rawValue: 0)
    var isFinished = false

    init(letterbox: Letterbox, sequence: UInt64) {
        self.letterbox = letterbox
        self.sequence = sequence
    }
}

extension Entry {
    /// Of the message that an edit is about.
    fileprivate var changedSequence: UInt64? {
        if case .edit(let edit) = self.body { edit.targetSequence } else { nil }
    }

    /// Of nothing else can there be much.
    fileprivate var nativeByteCount: Int {
        switch self.body {
        case .message(let message): message.native.payload.count
        case .edit(let edit): edit.message.native.payload.count
        case .recall, .notice: 0
        }
    }
}
