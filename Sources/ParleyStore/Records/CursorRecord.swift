import ParleyCore

/// How far devices have read, in SQL: each device's own cursor, and the furthest of a user's devices, which a new device starts from.
extension SQLConnection {
    /// Never moves back.
    func confirm(_ cursor: Cursor, inConversation number: Int64, now: Timestamp) throws {
        let sequence = SQLValue.sequence(cursor.sequence)
        let user: [SQLValue] = [.text(cursor.conversation.app), .text(cursor.user)]
        try self.run(
            """
            INSERT INTO cursors (app, user_id, device, conversation, sequence, updated_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, user_id, device, conversation) DO UPDATE
            SET sequence = excluded.sequence, updated_at = excluded.updated_at
            WHERE cursors.sequence <= excluded.sequence
            """, user + [.text(cursor.device), .int(number), sequence, .time(now)])
        try self.run(
            """
            INSERT INTO furthest_cursors (app, user_id, conversation, sequence) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, user_id, conversation) DO UPDATE SET sequence = excluded.sequence
            WHERE furthest_cursors.sequence < excluded.sequence
            """, user + [.int(number), sequence])
    }

    func furthest(of users: [UserID], in app: AppID, inConversation number: Int64) throws -> [UserID: UInt64] {
        var furthest: [UserID: UInt64] = [:]
        for user in users {
            furthest[user] = try self.first(
                "SELECT sequence FROM furthest_cursors WHERE app = ? AND user_id = ? AND conversation = ?",
                [.text(app), .text(user), .int(number)]
            ) { $0.sequence(0) }
        }
        return furthest
    }

    func forgetCursors(of user: UserID, in app: AppID) throws {
        try self.run("DELETE FROM cursors WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM furthest_cursors WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM known_devices WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
    }
}
