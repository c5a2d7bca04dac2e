import ParleyCore

/// Where a device reads on, in SQL.
extension SQLConnection {
    /// One query whatever the number of conversations, and one or two more for each in which something waits. Retention is searched for only where
    /// what comes next is past it.
    func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) throws -> [Position] {
        let rows = try self.all(
            """
            \(Self.ownConversations)
            SELECT c.number, c.kind, c.a, c.b, c.last_sequence, c.last_sent_at, theirs.joined,
                own.sequence, furthest.sequence, places.cleared_through
            FROM theirs JOIN conversations c ON c.number = theirs.number
            LEFT JOIN cursors own ON own.app = ?1 AND own.user_id = ?2 AND own.device = ?3
                AND own.conversation = c.number
            LEFT JOIN furthest_cursors furthest ON furthest.app = ?1 AND furthest.user_id = ?2
                AND furthest.conversation = c.number
            LEFT JOIN places ON places.app = ?1 AND places.user_id = ?2 AND places.conversation = c.number
            WHERE c.last_sequence > 0
            ORDER BY c.last_sent_at DESC, c.number
            """, [.text(app), .text(user), .text(device)]
        ) { row in
            PositionRow(
                number: row.int(0),
                conversation: try Conversation(kind: row.text(1), a: row.text(2), b: row.text(3)),
                lastSequence: row.sequence(4), lastSentAt: row.time(5), joinedAtSequence: row.sequence(6),
                own: row.isNull(7) ? nil : row.sequence(7), furthest: row.sequence(8), clearedThrough: row.sequence(9))
        }
        let hasDeletions = try self.hasDeletions(user, in: app)
        let beganAfter = try self.beginning(of: device, of: user, in: app)?.after
        return try rows.map { row in
            var row = row
            if row.own == nil, let beganAfter { row.own = try self.sequence(reachedBy: beganAfter, of: row) }
            var position = try self.position(row, retainedSince: retainedSince)
            if hasDeletions, position.cursor < position.lastSequence {
                position.hidden = try self.hidden(
                    from: user, in: app, inConversation: row.number, position.cursor + 1...position.lastSequence)
            }
            return position
        }
    }

    /// How far the conversation went when the newest id was this one.
    private func sequence(reachedBy id: MessageID, of row: PositionRow) throws -> UInt64 {
        if row.lastSentAt < id.sentAt { return row.lastSequence }
        return try self.lastSequence(
            before: MessageID(rawValue: id.rawValue + 1), after: 0, upTo: row.lastSequence, inConversation: row.number)
    }

    private func position(_ row: PositionRow, retainedSince: Timestamp) throws -> Position {
        let start = max(row.own ?? row.furthest, row.joinedAtSequence, row.clearedThrough)
        let retained = try self.beginningOfRetention(retainedSince, after: start, of: row)
        var position = Position(
            conversation: row.conversation, cursor: max(start, retained), lastSequence: row.lastSequence,
            lastSentAt: row.lastSentAt)
        position.clearedThrough = row.clearedThrough
        // A device that has confirmed nothing has missed nothing: it is new.
        if row.own != nil, retained > start { position.missedAfter = start }
        return position
    }

    /// The last sequence that is not kept for devices any more, or `start` where nothing after it has got so old.
    private func beginningOfRetention(
        _ moment: Timestamp, after start: UInt64, of row: PositionRow
    ) throws -> UInt64 {
        guard start < row.lastSequence else { return start }
        if row.lastSentAt < moment { return row.lastSequence }
        return try self.lastSequence(
            before: MessageID(sentAt: moment, slot: 0), after: start, upTo: row.lastSequence, inConversation: row.number
        )
    }

    /// The last sequence whose entry has a lesser id than `bound`, or is no longer kept; `start` where none after it has.
    func lastSequence(
        before bound: MessageID, after start: UInt64, upTo last: UInt64, inConversation number: Int64
    ) throws -> UInt64 {
        guard start < last else { return start }
        func isBefore(_ sequence: UInt64) throws -> Bool {
            let id = try self.first(
                "SELECT id FROM entries WHERE conversation = ? AND sequence = ?", [.int(number), .sequence(sequence)]
            ) { $0.id(0) }
            // What history has lost counts as older.
            return id.map { $0 < bound } ?? true
        }
        if try !isBefore(start + 1) { return start }
        // Most who ask are near the end: back from there in ever longer strides, then by halves, for ids ascend with sequences.
        var (older, newer, stride) = (start + 1, last + 1, 1 as UInt64)
        while newer - older > 1 {
            let middle = max(newer - min(newer, stride), older + (newer - older) / 2)
            if try isBefore(middle) { older = middle } else { newer = middle }
            stride *= 2
        }
        return older
    }

    func hasDeletions(_ user: UserID, in app: AppID) throws -> Bool {
        try self.first(
            "SELECT EXISTS (SELECT 1 FROM deletions WHERE app = ? AND user_id = ?)", [.text(app), .text(user)]
        ) { $0.bool(0) } ?? false
    }
}

private struct PositionRow {
    var number: Int64
    var conversation: Conversation
    var lastSequence: UInt64
    var lastSentAt: Timestamp
    var joinedAtSequence: UInt64
    /// Nil: the device is new.
    var own: UInt64?
    /// Of the user's devices; 0: none has confirmed anything.
    var furthest: UInt64
    var clearedThrough: UInt64
}
