import ParleyCore

/// Conversations in SQL: a kind and up to two parties. One that ended (its group was deleted) keeps its row until its entries are purged,
/// but is not found any more.
extension SQLConnection {
    static let liveConversation = """
        SELECT number FROM conversations WHERE app = ? AND kind = ? AND a = ? AND b = ? AND retired_at IS NULL
        """

    func conversation(_ id: ConversationID) throws -> (number: Int64, lastSequence: UInt64, lastSentAt: Timestamp)? {
        try self.first(
            """
            SELECT number, last_sequence, last_sent_at FROM conversations
            WHERE app = ? AND kind = ? AND a = ? AND b = ? AND retired_at IS NULL
            """, id.values
        ) { ($0.int(0), $0.sequence(1), $0.time(2)) }
    }

    /// - Returns: the new conversation's number.
    func insertConversation(_ id: ConversationID) throws -> Int64 {
        try self.run("INSERT INTO conversations (app, kind, a, b) VALUES (?, ?, ?, ?)", id.values)
        return self.lastInsertedNumber
    }

    func updateConversation(_ number: Int64, lastSequence: UInt64, lastSentAt: Timestamp) throws {
        try self.run(
            "UPDATE conversations SET last_sequence = ?, last_sent_at = ? WHERE number = ?",
            [.sequence(lastSequence), .time(lastSentAt), .int(number)])
    }

    func retireConversation(_ number: Int64, at moment: Timestamp) throws {
        try self.run("UPDATE conversations SET retired_at = ? WHERE number = ?", [.time(moment), .int(number)])
    }
}

extension ConversationID {
    /// For `app = ? AND kind = ? AND a = ? AND b = ?`.
    var values: [SQLValue] {
        let (kind, a, b) = self.conversation.parties
        return [.text(self.app), .text(kind), .text(a), .text(b)]
    }
}

extension Conversation {
    fileprivate var parties: (kind: String, a: String, b: String) {
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
