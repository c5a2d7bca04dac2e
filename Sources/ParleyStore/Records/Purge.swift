import ParleyCore

/// What is removed with time, in steps of at most `limit` rows.
extension SQLConnection {
    /// About `limit` of them: all that expire at one moment go at once.
    func purgeRepeats(at moment: Timestamp, limit: Int) throws -> Int {
        let last = try self.first(
            "SELECT expires_at FROM repeats ORDER BY expires_at LIMIT 1 OFFSET ?", [.int(limit - 1)]
        ) { $0.time(0) }
        return try self.run("DELETE FROM repeats WHERE expires_at <= ?", [.time(min(moment, last ?? moment))])
    }

    func purgeEntries(before bound: MessageID, limit: Int) throws -> Int {
        try self.rememberGreatestID()
        try self.run(
            """
            DELETE FROM receipts WHERE (conversation, sequence) IN (
                SELECT conversation, sequence FROM (
                    SELECT conversation, sequence, wants_receipts FROM entries WHERE id < ? ORDER BY id LIMIT ?)
                WHERE wants_receipts = 1)
            """, [.id(bound), .int(limit)])
        let oldest = "SELECT id FROM entries WHERE id < ? ORDER BY id LIMIT ?"
        try self.run("DELETE FROM pinned_messages WHERE id IN (\(oldest))", [.id(bound), .int(limit)])
        try self.run("DELETE FROM reactions WHERE message IN (\(oldest))", [.id(bound), .int(limit)])
        return try self.run("DELETE FROM entries WHERE id IN (\(oldest))", [.id(bound), .int(limit)])
    }

    /// What is left of a conversation that ended, and at last its row.
    func purgeRetired(limit: Int) throws -> Int {
        let retired = try self.first(
            "SELECT number FROM conversations WHERE retired_at IS NOT NULL ORDER BY number LIMIT 1"
        ) { $0.int(0) }
        guard let retired else { return 0 }
        try self.rememberGreatestID()
        let entries = try self.run(
            """
            DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE conversation = ? ORDER BY sequence LIMIT ?)
            """, [.int(retired), .int(limit)])
        guard entries < limit else { return entries }
        let repeats = try self.run(
            """
            DELETE FROM repeats WHERE conversation = ?1 AND key IN
                (SELECT key FROM repeats WHERE conversation = ?1 LIMIT ?2)
            """, [.int(retired), .int(limit)])
        guard repeats < limit else { return entries + repeats }
        let receipts = try self.run(
            """
            DELETE FROM receipts WHERE conversation = ?1 AND (sequence, user_id) IN
                (SELECT sequence, user_id FROM receipts WHERE conversation = ?1 LIMIT ?2)
            """, [.int(retired), .int(limit)])
        guard receipts < limit else { return entries + repeats + receipts }
        try self.run("DELETE FROM pinned_messages WHERE conversation = ?", [.int(retired)])
        let reactions = try self.run(
            "DELETE FROM reactions WHERE number IN (SELECT number FROM reactions WHERE conversation = ? LIMIT ?)",
            [.int(retired), .int(limit)])
        guard reactions < limit else { return entries + repeats + receipts + reactions }
        return try self.run("DELETE FROM conversations WHERE number = ?", [.int(retired)])
    }

    /// What is left of a group that ended, and at last that it did.
    func purgeEndedGroups(limit: Int) throws -> Int {
        guard let number = try self.first("SELECT number FROM ended_groups LIMIT 1", [], { $0.int(0) }) else {
            return 0
        }
        let removed = try self.removeRows(ofGroup: number, limit: limit)
        guard removed < limit else { return removed }
        return try removed + self.run("DELETE FROM ended_groups WHERE number = ?", [.int(number)])
    }

    /// Those not moved for long, and those in conversations that are gone.
    func outdatedCursors(before moment: Timestamp, limit: Int) throws -> [OutdatedCursor] {
        try self.all(
            """
            SELECT app, user_id, device, conversation, updated_at FROM cursors
            WHERE updated_at < ?1 OR conversation NOT IN (SELECT number FROM conversations WHERE retired_at IS NULL)
            LIMIT ?2
            """, [.time(moment), .int(limit)]
        ) {
            OutdatedCursor(
                app: $0.text(0), user: $0.text(1), device: $0.text(2), conversation: $0.int(3), at: $0.time(4))
        }
            + self.all(
                """
                SELECT app, user_id, conversation FROM furthest_cursors
                WHERE conversation NOT IN (SELECT number FROM conversations WHERE retired_at IS NULL) LIMIT ?
                """, [.int(limit)]
            ) { OutdatedCursor(app: $0.text(0), user: $0.text(1), device: nil, conversation: $0.int(2), at: nil) }
    }

    /// Unless it has moved since.
    func delete(_ cursor: OutdatedCursor) throws {
        let values: [SQLValue] = [.text(cursor.app), .text(cursor.user), .int(cursor.conversation)]
        guard let device = cursor.device, let updatedAt = cursor.at else {
            try self.run(
                "DELETE FROM furthest_cursors WHERE app = ? AND user_id = ? AND conversation = ?", values)
            return
        }
        try self.run(
            """
            DELETE FROM cursors WHERE app = ? AND user_id = ? AND conversation = ? AND device = ? AND updated_at = ?
            """, values + [.text(device), .time(updatedAt)])
    }
}

extension SQLConnection {
    /// Places in conversations that are gone.
    func outdatedPlaces(limit: Int) throws -> [OutdatedPlace] {
        try self.all(
            """
            SELECT app, user_id, conversation FROM places
            WHERE conversation NOT IN (SELECT number FROM conversations WHERE retired_at IS NULL) LIMIT ?
            """, [.int(limit)]
        ) { OutdatedPlace(app: $0.text(0), user: $0.text(1), conversation: $0.int(2), sequence: nil) }
    }

    /// Deletions of entries that are gone. An entry never comes back.
    func outdatedDeletions(limit: Int) throws -> [OutdatedPlace] {
        try self.all(
            """
            SELECT app, user_id, conversation, sequence FROM deletions d WHERE NOT EXISTS
                (SELECT 1 FROM entries e WHERE e.conversation = d.conversation AND e.sequence = d.sequence) LIMIT ?
            """, [.int(limit)]
        ) { OutdatedPlace(app: $0.text(0), user: $0.text(1), conversation: $0.int(2), sequence: $0.sequence(3)) }
    }

    func delete(_ place: OutdatedPlace) throws {
        let values: [SQLValue] = [.text(place.app), .text(place.user), .int(place.conversation)]
        guard let sequence = place.sequence else {
            try self.run("DELETE FROM places WHERE app = ? AND user_id = ? AND conversation = ?", values)
            return
        }
        try self.run(
            "DELETE FROM deletions WHERE app = ? AND user_id = ? AND conversation = ? AND sequence = ?",
            values + [.sequence(sequence)])
    }
}

struct OutdatedPlace: Sendable {
    var app: String
    var user: String
    var conversation: Int64
    /// Of a message that was deleted; nil: the place itself.
    var sequence: UInt64?
}

struct OutdatedCursor: Sendable {
    var app: String
    var user: String
    /// Nil: the furthest of the user's devices.
    var device: String?
    var conversation: Int64
    var at: Timestamp?
}
