import ParleyCore

/// What a user has not read, in SQL: no counter is kept for anyone (a message would have to touch one for each member), the entries after his place
/// are counted. That reads a few columns of each, at most ``Unread/limit`` of them.
extension SQLConnection {
    /// - Parameter after: counting begins behind it.
    func unread(
        of user: UserID, in conversation: ConversationID, number: Int64, after: UInt64, limit: Int = Unread.limit
    ) throws -> Unread {
        let hidden = try self.hidden(
            from: user, in: conversation.app, inConversation: number, after...UInt64.max)
        if hidden.isEmpty, let unread = try self.plainUnread(of: user, number: number, after: after, limit: limit) {
            return unread
        }
        return try self.closelyUnread(
            of: user, in: conversation, number: number, after: after, hidden: hidden, limit: limit)
    }

    private static let candidates = """
        FROM entries WHERE conversation = ? AND sequence > ? AND counts <> 0 AND is_recalled = 0 AND sender <> ?
        ORDER BY sequence DESC
        """

    /// Nil: some of them are only for certain users, or mention certain users, so that their records must be read.
    private func plainUnread(of user: UserID, number: Int64, after: UInt64, limit: Int) throws -> Unread? {
        let unread = try self.first(
            """
            SELECT COUNT(*), MAX(CASE WHEN mentions = 1 THEN sequence END), MAX(counts = 2 OR mentions = 2)
            FROM (SELECT sequence, counts, mentions \(Self.candidates) LIMIT ?)
            """, [.int(number), .sequence(after), .text(user), .int(limit)]
        ) { row in
            row.bool(2) ? nil : Unread(count: Int(row.int(0)), mention: row.isNull(1) ? nil : row.sequence(1))
        }
        return unread ?? nil
    }

    private func closelyUnread(
        of user: UserID, in conversation: ConversationID, number: Int64, after: UInt64, hidden: Set<UInt64>, limit: Int
    ) throws -> Unread {
        var unread = Unread()
        try self.each(
            """
            SELECT sequence, mentions, sender, dialect, CASE WHEN counts = 2 OR mentions = 2 THEN record END
            \(Self.candidates)
            """, [.int(number), .sequence(after), .text(user)]
        ) { row in
            let sequence = row.sequence(0)
            guard !hidden.contains(sequence) else { return true }
            var isMention = row.int(1) == 1
            if !row.isNull(4) {
                let body = EntryBody(
                    kind: .message, sender: row.optionalText(2), dialect: row.optionalText(3), record: row.blob(4),
                    native: nil)
                guard case .message(let message) = try body.body(), message.countsAsUnread(for: user) else {
                    return true
                }
                isMention = message.mentions(user)
            }
            unread.count += 1
            if isMention, unread.mention == nil { unread.mention = sequence }
            return unread.count < limit
        }
        return unread
    }
}

extension Message {
    fileprivate func countsAsUnread(for user: UserID) -> Bool {
        self.options.countsAsUnread && !self.options.isLiveOnly && self.isVisible(to: user, for: .delivery)
    }
}
