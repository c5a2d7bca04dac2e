import ParleyCore

/// Reactions to messages in SQL: a row for each user and kind.
extension SQLConnection {
    /// - Returns: false when it was there before.
    func react(
        _ kind: String, to message: MessageID, inConversation number: Int64, by user: UserID, at moment: Timestamp
    ) throws -> Bool {
        try self.run(
            "INSERT OR IGNORE INTO reactions (conversation, message, kind, user_id, at) VALUES (?, ?, ?, ?, ?)",
            [.int(number), .id(message), .text(kind), .text(user), .time(moment)]) > 0
    }

    /// - Returns: false when there was none.
    func takeBack(_ kind: String, to message: MessageID, by user: UserID) throws -> Bool {
        try self.run(
            "DELETE FROM reactions WHERE message = ? AND kind = ? AND user_id = ?",
            [.id(message), .text(kind), .text(user)]) > 0
    }

    func forgetReactions(to message: MessageID) throws {
        try self.run("DELETE FROM reactions WHERE message = ?", [.id(message)])
    }

    /// Those of a user of an App, to whatever.
    func forgetReactions(of user: UserID, in app: AppID) throws {
        try self.run(
            """
            DELETE FROM reactions
            WHERE user_id = ? AND (SELECT c.app FROM conversations c WHERE c.number = reactions.conversation) = ?
            """, [.text(user), .text(app)])
    }

    /// In the order in which the first of a kind was added. However many there are, of each kind a few rows are read.
    func reactions(to message: MessageID, for user: UserID?) throws -> [Reaction] {
        let kinds = try self.all(
            """
            SELECT c.kind, c.count, first.at, last.at,
                EXISTS (SELECT 1 FROM reactions WHERE message = ?1 AND kind = c.kind AND user_id = ?2)
            FROM reaction_counts c
            JOIN reactions first
                ON first.number = (SELECT MIN(number) FROM reactions WHERE message = ?1 AND kind = c.kind)
            JOIN reactions last
                ON last.number = (SELECT MAX(number) FROM reactions WHERE message = ?1 AND kind = c.kind)
            WHERE c.message = ?1 ORDER BY first.number
            """, [.id(message), .text(user?.rawValue)]
        ) { row in
            Reaction(
                kind: row.text(0), count: Int(row.int(1)), users: [], isOwn: row.bool(4), firstAt: row.time(2),
                lastAt: row.time(3))
        }
        return try kinds.map { kind in
            var reaction = kind
            reaction.users = try self.reactors(kind.kind, to: message, after: nil, limit: Reaction.usersShown)
                .map(\.user)
            return reaction
        }
    }

    func reactors(_ kind: String, to message: MessageID, after: Int64?, limit: Int) throws -> [Reactor] {
        try self.all(
            """
            SELECT user_id, at, number FROM reactions WHERE message = ? AND kind = ? AND number > ?
            ORDER BY number LIMIT ?
            """, [.id(message), .text(kind), .int(after ?? 0), .int(limit)]
        ) { Reactor(user: UserID($0.text(0)), at: $0.time(1), position: $0.int(2)) }
    }
}
