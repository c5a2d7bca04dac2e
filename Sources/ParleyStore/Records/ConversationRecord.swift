import ParleyCore

/// Conversations in SQL: a kind and up to two parties. One that ended (its group was deleted) keeps its row until its entries are purged,
/// but is not found any more.
extension SQLConnection {
    /// `+?`: a plain `?` is compared with what partial indexes are for (`kind = 'direct'`), and a statement for which SQLite has looked at a value is prepared
    /// anew for the next one, which costs more than it does.
    static let liveConversation = """
        SELECT number FROM conversations WHERE app = ? AND kind = +? AND a = ? AND b = ? AND retired_at IS NULL
        """

    func conversation(_ id: ConversationID) throws -> ConversationRow? {
        try self.first(
            """
            SELECT number, last_sequence, last_sent_at, active_sequence, active_at FROM conversations
            WHERE app = ? AND kind = +? AND a = ? AND b = ? AND retired_at IS NULL
            """, id.values
        ) { row in
            ConversationRow(
                number: row.int(0),
                end: ConversationEnd(
                    lastSequence: row.sequence(1), lastSentAt: row.time(2), activeSequence: row.sequence(3),
                    activeAt: row.time(4)))
        }
    }

    /// Those that are a user's own as long as he is there, and not only while he is a member: direct ones, and `system`.
    func conversations(with user: UserID, in app: AppID) throws -> [Conversation] {
        try self.all(
            """
            SELECT kind, a, b FROM conversations
            WHERE app = ?1 AND kind = 'direct' AND a = ?2 AND retired_at IS NULL
            UNION SELECT kind, a, b FROM conversations
            WHERE app = ?1 AND kind = 'direct' AND b = ?2 AND retired_at IS NULL
            UNION SELECT kind, a, b FROM conversations
            WHERE app = ?1 AND kind = 'system' AND a = ?2 AND b = '' AND retired_at IS NULL
            """, [.text(app), .text(user)]
        ) { try Conversation(kind: $0.text(0), a: $0.text(1), b: $0.text(2)) }
    }

    /// - Returns: the new conversation's number.
    func insertConversation(_ id: ConversationID) throws -> Int64 {
        try self.run("INSERT INTO conversations (app, kind, a, b) VALUES (?, ?, ?, ?)", id.values)
        return self.lastInsertedNumber
    }

    func updateConversation(_ number: Int64, _ end: ConversationEnd) throws {
        try self.run(
            """
            UPDATE conversations SET last_sequence = ?, last_sent_at = ?, active_sequence = ?, active_at = ?
            WHERE number = ?
            """,
            [
                .sequence(end.lastSequence), .time(end.lastSentAt), .sequence(end.activeSequence), .time(end.activeAt),
                .int(number),
            ])
    }

    func retireConversation(_ number: Int64, at moment: Timestamp) throws {
        try self.run("UPDATE conversations SET retired_at = ? WHERE number = ?", [.time(moment), .int(number)])
    }
}

struct ConversationRow {
    var number: Int64
    var end: ConversationEnd
}

/// Where a conversation's log ends, and the newest message in it that counts in lists.
struct ConversationEnd {
    var lastSequence: UInt64 = 0
    var lastSentAt = Timestamp.distantPast
    var activeSequence: UInt64 = 0
    var activeAt = Timestamp.distantPast
}

extension ConversationID {
    /// For `app = ? AND kind = +? AND a = ? AND b = ?` (see ``SQLConnection/liveConversation``).
    var values: [SQLValue] {
        let (kind, a, b) = self.conversation.parties
        return [.text(self.app), .text(kind), .text(a), .text(b)]
    }
}

extension Conversation {
    var parties: (kind: String, a: String, b: String) {
        switch self {
        case .direct(let pair): ("direct", pair.lesser.rawValue, pair.greater.rawValue)
        case .group(let group): ("group", group.rawValue, "")
        case .room(let room): ("room", room.rawValue, "")
        case .system(let user): ("system", user.rawValue, "")
        }
    }

    init(kind: String, a: String, b: String) throws {
        switch kind {
        case "direct": self = .direct(UserID(a), UserID(b))
        case "group": self = .group(GroupID(a))
        case "room": self = .room(RoomID(a))
        case "system": self = .system(UserID(a))
        default: throw StoreFault.unreadable("conversation of kind \(kind)")
        }
    }
}
