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

    /// In the order in which the first of a kind was added. Of each kind its first users are read, and `user`, whatever their number.
    func reactions(to message: MessageID, for user: UserID?) throws -> [Reaction] {
        var reactions: [Reaction] = []
        try self.each(
            """
            SELECT kind, user_id, count, place, first_at, last_at FROM (
                SELECT kind, user_id, number, COUNT(*) OVER kinds AS count, MIN(number) OVER kinds AS first,
                    MIN(at) OVER kinds AS first_at, MAX(at) OVER kinds AS last_at,
                    ROW_NUMBER() OVER (PARTITION BY kind ORDER BY number) AS place
                FROM reactions WHERE message = ?1 WINDOW kinds AS (PARTITION BY kind))
            WHERE place <= ?2 OR user_id = ?3 ORDER BY first, number
            """, [.id(message), .int(Reaction.usersShown), .text(user?.rawValue)]
        ) { row in
            let kind = row.text(0)
            if reactions.last?.kind != kind {
                reactions.append(
                    Reaction(
                        kind: kind, count: Int(row.int(2)), users: [], isOwn: false, firstAt: row.time(4),
                        lastAt: row.time(5)))
            }
            let other = UserID(row.text(1))
            if other == user { reactions[reactions.count - 1].isOwn = true }
            if row.int(3) <= Reaction.usersShown { reactions[reactions.count - 1].users.append(other) }
            return true
        }
        return reactions
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
