import ParleyCore

/// Places and deletions in SQL, by the number of their conversation: those of a conversation that ended cannot come back with its name.
extension SQLConnection {
    static let placeColumns = """
        p.read_through, p.cleared_through, p.removed_through, p.pinned_at, p.is_muted, p.marks
        """

    func place(of user: UserID, in conversation: ConversationID) throws -> Place {
        try self.place(of: user, in: conversation, number: try self.conversation(conversation)?.number)
    }

    /// A new one where there is none. In a group, what the member's delivery says is what it says of being muted.
    /// - Parameter number: nil: the conversation has not begun.
    func place(of user: UserID, in conversation: ConversationID, number: Int64?) throws -> Place {
        var place = Place(user: user, conversation: conversation.conversation)
        if let number {
            place =
                try self.first(
                    "SELECT \(Self.placeColumns) FROM places p WHERE app = ? AND user_id = ? AND conversation = ?",
                    [.text(conversation.app), .text(user), .int(number)]
                ) { place.filled(from: $0, 0) } ?? place
        }
        if case .group(let group) = conversation.conversation,
            let groupNumber = try self.groupNumber(group, in: conversation.app),
            let member = try self.member(user, ofGroup: groupNumber)
        {
            place.isMuted = member.delivery != .notify
        }
        return place
    }

    func markedPlaces(of user: UserID, in app: AppID) throws -> [Place] {
        try self.all(
            """
            SELECT c.kind, c.a, c.b, \(Self.placeColumns) FROM places p JOIN conversations c ON c.number = p.conversation
            WHERE p.app = ? AND p.user_id = ? AND (p.is_muted = 1 OR p.pinned_at IS NOT NULL) AND c.retired_at IS NULL
            """, [.text(app), .text(user)]
        ) { row in
            let conversation = try Conversation(kind: row.text(0), a: row.text(1), b: row.text(2))
            return Place(user: user, conversation: conversation).filled(from: row, 3)
        }
    }

    func save(_ place: Place, in app: AppID, number: Int64) throws {
        try self.run(
            """
            INSERT INTO places
                (app, user_id, conversation, read_through, cleared_through, removed_through, pinned_at, is_muted, marks)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, user_id, conversation) DO UPDATE SET read_through = excluded.read_through,
                cleared_through = excluded.cleared_through, removed_through = excluded.removed_through,
                pinned_at = excluded.pinned_at, is_muted = excluded.is_muted, marks = excluded.marks
            """,
            [
                .text(app), .text(place.user), .int(number), .sequence(place.readThrough),
                .sequence(place.clearedThrough), place.removedThrough.map { .sequence($0) } ?? .null,
                .int(place.pinnedAt?.milliseconds), .bool(place.isMuted), .int(Int64(place.marks.rawValue)),
            ])
    }

    /// Neither pinned, marked nor removed.
    func resetListing(of user: UserID, in app: AppID, inConversation number: Int64) throws {
        try self.run(
            """
            UPDATE places SET removed_through = NULL, pinned_at = NULL, marks = 0
            WHERE app = ? AND user_id = ? AND conversation = ?
            """, [.text(app), .text(user), .int(number)])
    }

    /// Receipts that the user gave stay: they are what others were told.
    func forgetPlaces(of user: UserID, in app: AppID) throws {
        try self.run("DELETE FROM places WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM deletions WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
    }

    // MARK: Deletions

    /// - Returns: false when it was hidden before.
    func hide(_ sequence: UInt64, inConversation number: Int64, from user: UserID, in app: AppID) throws -> Bool {
        let inserted = try self.run(
            """
            INSERT INTO deletions (app, user_id, conversation, sequence) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, user_id, conversation, sequence) DO NOTHING
            """, [.text(app), .text(user), .int(number), .sequence(sequence)])
        return inserted > 0
    }

    func hidden(
        from user: UserID, in app: AppID, inConversation number: Int64, _ sequences: ClosedRange<UInt64>
    ) throws -> Set<UInt64> {
        let hidden = try self.all(
            """
            SELECT sequence FROM deletions
            WHERE app = ? AND user_id = ? AND conversation = ? AND sequence BETWEEN ? AND ?
            """,
            [
                .text(app), .text(user), .int(number), .sequence(sequences.lowerBound), .sequence(sequences.upperBound),
            ]
        ) { $0.sequence(0) }
        return Set(hidden)
    }
}

extension Place {
    /// - Parameter first: where ``SQLConnection/placeColumns`` begin. All of them are null where nothing was kept.
    func filled(from row: SQLRow, _ first: Int32) -> Place {
        var place = self
        place.readThrough = row.sequence(first)
        place.clearedThrough = row.sequence(first + 1)
        place.removedThrough = row.isNull(first + 2) ? nil : row.sequence(first + 2)
        place.pinnedAt = row.isNull(first + 3) ? nil : row.time(first + 3)
        place.isMuted = row.bool(first + 4)
        place.marks = Marks(rawValue: UInt32(truncatingIfNeeded: row.int(first + 5)))
        return place
    }
}
