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

    func forgetCursors(of user: UserID, in app: AppID) throws {
        try self.run("DELETE FROM cursors WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM furthest_cursors WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
    }

    /// One query whatever the number of conversations, and one more for those that have to be searched for the beginning of retention.
    func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) throws -> [Position] {
        let rows = try self.all(
            """
            WITH theirs (number, joined) AS (
                SELECT c.number, m.joined_at_sequence
                FROM members m JOIN groups g ON g.number = m.group_number
                JOIN conversations c ON c.app = m.app AND c.kind = 'group' AND c.a = g.id AND c.b = ''
                    AND c.retired_at IS NULL
                WHERE m.app = ?1 AND m.user_id = ?2
                UNION ALL
                SELECT number, 0 FROM conversations
                WHERE app = ?1 AND kind = 'direct' AND a = ?2 AND retired_at IS NULL
                UNION ALL
                SELECT number, 0 FROM conversations
                WHERE app = ?1 AND kind = 'direct' AND b = ?2 AND a <> ?2 AND retired_at IS NULL
                UNION ALL
                SELECT number, 0 FROM conversations
                WHERE app = ?1 AND kind = 'system' AND a = ?2 AND b = '' AND retired_at IS NULL
            )
            SELECT c.number, c.kind, c.a, c.b, c.last_sequence, c.last_sent_at, theirs.joined,
                COALESCE(own.sequence, furthest.sequence)
            FROM theirs JOIN conversations c ON c.number = theirs.number
            LEFT JOIN cursors own ON own.app = ?1 AND own.user_id = ?2 AND own.device = ?3
                AND own.conversation = c.number
            LEFT JOIN furthest_cursors furthest ON furthest.app = ?1 AND furthest.user_id = ?2
                AND furthest.conversation = c.number
            WHERE c.last_sequence > 0
            ORDER BY c.last_sent_at DESC, c.number
            """, [.text(app), .text(user), .text(device)]
        ) { row in
            PositionRow(
                number: row.int(0),
                conversation: try Conversation(kind: row.text(1), a: row.text(2), b: row.text(3)),
                lastSequence: row.sequence(4), lastSentAt: row.time(5), joinedAtSequence: row.sequence(6),
                confirmed: row.isNull(7) ? nil : row.sequence(7))
        }
        return try rows.map { row in
            let start =
                try row.confirmed
                ?? (row.lastSentAt < retainedSince
                    ? row.lastSequence
                    : self.lastSequence(before: retainedSince, inConversation: row.number, of: row.lastSequence))
            return Position(
                conversation: row.conversation, cursor: max(start, row.joinedAtSequence),
                lastSequence: row.lastSequence, lastSentAt: row.lastSentAt)
        }
    }

    /// By halves: ids ascend with sequences. What history has lost counts as older.
    private func lastSequence(before moment: Timestamp, inConversation number: Int64, of last: UInt64) throws -> UInt64
    {
        let bound = MessageID(sentAt: moment, slot: 0)
        var (older, newer) = (UInt64(0), last + 1)
        while newer - older > 1 {
            let middle = older + (newer - older) / 2
            let id = try self.first(
                "SELECT id FROM entries WHERE conversation = ? AND sequence = ?", [.int(number), .sequence(middle)]
            ) { $0.id(0) }
            if let id, id >= bound { newer = middle } else { older = middle }
        }
        return older
    }
}

private struct PositionRow {
    var number: Int64
    var conversation: Conversation
    var lastSequence: UInt64
    var lastSentAt: Timestamp
    var joinedAtSequence: UInt64
    var confirmed: UInt64?
}
