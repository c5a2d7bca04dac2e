import ParleyCore

/// Who has read what, in SQL: a row for each reader of a message that asks for it.
extension SQLConnection {
    /// Messages of others that ask for receipts, oldest first: of those after one sequence and up to another the newest `limit`.
    func entriesWantingReceipts(
        of conversation: ConversationID, number: Int64, after: UInt64, through: UInt64, limit: Int
    ) throws -> [Entry] {
        try self.all(
            """
            SELECT \(Self.entryColumns) FROM entries e INDEXED BY entries_wanting_receipts
            WHERE conversation = ? AND wants_receipts = 1 AND sequence > ? AND sequence <= ? AND is_recalled = 0
            ORDER BY sequence DESC LIMIT ?
            """, [.int(number), .sequence(after), .sequence(through), .int(limit)]
        ) { try Entry(row: $0, in: conversation) }.reversed()
    }

    /// - Returns: how many have read it by now, or nil when this user had before.
    func acknowledge(
        _ sequence: UInt64, inConversation number: Int64, by user: UserID, at moment: Timestamp
    ) throws -> Int? {
        let inserted = try self.run(
            """
            INSERT INTO receipts (conversation, sequence, user_id, at) VALUES (?, ?, ?, ?)
            ON CONFLICT (conversation, sequence, user_id) DO NOTHING
            """, [.int(number), .sequence(sequence), .text(user), .time(moment)])
        guard inserted > 0 else { return nil }
        return try self.first(
            "SELECT COUNT(*) FROM receipts WHERE conversation = ? AND sequence = ?",
            [.int(number), .sequence(sequence)]
        ) { Int($0.int(0)) }
    }

    /// In the order of reading; those of one millisecond by user id.
    func readers(of sequence: UInt64, in conversation: ConversationID) throws -> [ReadReceipt] {
        try self.all(
            """
            SELECT user_id, at FROM receipts
            WHERE conversation = (\(Self.liveConversation)) AND sequence = ? ORDER BY at, user_id
            """, conversation.values + [.sequence(sequence)]
        ) { ReadReceipt(user: UserID($0.text(0)), at: $0.time(1)) }
    }
}
