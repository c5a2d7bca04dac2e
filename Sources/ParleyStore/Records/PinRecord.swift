import ParleyCore

/// Messages that are pinned in their conversation, in SQL.
extension SQLConnection {
    func pin(_ id: MessageID, inConversation number: Int64, by user: UserID, at moment: Timestamp) throws {
        try self.run(
            """
            INSERT INTO pinned_messages (id, conversation, pinned_by, pinned_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET pinned_by = excluded.pinned_by, pinned_at = excluded.pinned_at
            """, [.id(id), .int(number), .text(user), .time(moment)])
    }

    /// - Returns: false when it was not pinned there.
    func unpin(_ id: MessageID, inConversation number: Int64) throws -> Bool {
        try self.run(
            "DELETE FROM pinned_messages WHERE id = ? AND conversation = ?", [.id(id), .int(number)]) > 0
    }

    func pinCount(inConversation number: Int64) throws -> Int {
        try self.first(
            "SELECT COUNT(*) FROM pinned_messages WHERE conversation = ?", [.int(number)]
        ) { Int($0.int(0)) } ?? 0
    }

    /// Last pinned first; of one millisecond, the newer message first.
    func pinnedMessages(of conversation: ConversationID) throws -> [PinnedMessage] {
        try self.all(
            """
            SELECT \(Self.entryColumns), p.pinned_by, p.pinned_at
            FROM pinned_messages p JOIN entries e ON e.id = p.id
            WHERE p.conversation = (\(Self.liveConversation)) ORDER BY p.pinned_at DESC, p.id DESC
            """, conversation.values
        ) { row in
            PinnedMessage(
                entry: try Entry(row: row, in: conversation), by: UserID(row.text(Self.entryColumnCount)),
                at: row.time(Self.entryColumnCount + 1))
        }
    }
}
