import ParleyCore

/// Entries in SQL.
extension SQLConnection {
    /// As ``Entry/init(row:in:)`` reads them.
    static let entryColumns = """
        e.id, e.sequence, e.kind, e.is_recalled, e.sender, e.dialect, e.record, e.native, e.leaves_no_trace, e.edited_by,
        e.edited_at, e.edit_count
        """
    static let entryColumnCount: Int32 = 12

    /// What ordinary messages have is the columns' default: naming them cost what could be measured (2 of 15 µs), this costs nothing.
    ///
    /// - Parameter digest: of the key by which it is known should it come again (``RepeatKey``).
    func insertEntry(
        _ id: MessageID, _ sequence: UInt64, inConversation number: Int64, _ body: EntryBody, _ digest: [UInt8]?
    ) throws {
        let values: [SQLValue] = [
            .id(id), .int(number), .sequence(sequence), .text(body.kind), .text(body.sender), .text(body.dialect),
            .blob(body.record), body.native.map { .blob($0) } ?? .null, digest.map { .blob($0) } ?? .null,
        ]
        let traits = body.traits
        guard !traits.isOrdinary else {
            try self.run(
                """
                INSERT INTO entries (id, conversation, sequence, kind, sender, dialect, record, native, repeat_digest)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, values)
            return
        }
        try self.run(
            """
            INSERT INTO entries
                (id, conversation, sequence, kind, sender, dialect, record, native, repeat_digest, counts, mentions,
                wants_receipts, target)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            values + [
                .int(traits.counts.rawValue), .int(traits.mentions.rawValue), .bool(traits.wantsReceipts),
                traits.target.map { .id($0) } ?? .null,
            ])
    }

    /// Oldest first.
    func entries(of conversation: ConversationID, after: UInt64, limit: Int) throws -> [Entry] {
        try self.all(
            """
            SELECT \(Self.entryColumns) FROM entries e
            WHERE conversation = (\(Self.liveConversation)) AND sequence > ? ORDER BY sequence LIMIT ?
            """, conversation.values + [.sequence(after), .int(max(0, limit))]
        ) { try Entry(row: $0, in: conversation) }
    }

    /// Newest first.
    func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) throws -> [Entry] {
        try self.all(
            """
            SELECT \(Self.entryColumns) FROM entries e
            WHERE conversation = (\(Self.liveConversation)) AND sequence <= ? ORDER BY sequence DESC LIMIT ?
            """, conversation.values + [.sequence(upTo ?? UInt64.max), .int(max(0, limit))]
        ) { try Entry(row: $0, in: conversation) }
    }

    /// Newest first. All of it is in the index.
    func ids(of conversation: ConversationID, upTo: UInt64?, limit: Int) throws -> [EntryID] {
        try self.all(
            """
            SELECT sequence, id FROM entries
            WHERE conversation = (\(Self.liveConversation)) AND sequence <= ? ORDER BY sequence DESC LIMIT ?
            """, conversation.values + [.sequence(upTo ?? UInt64.max), .int(max(0, limit))]
        ) { EntryID(sequence: $0.sequence(0), id: $0.id(1)) }
    }

    func entry(_ sequence: UInt64, of conversation: ConversationID) throws -> Entry? {
        try self.first(
            """
            SELECT \(Self.entryColumns) FROM entries e
            WHERE conversation = (\(Self.liveConversation)) AND sequence = ?
            """, conversation.values + [.sequence(sequence)]
        ) { try Entry(row: $0, in: conversation) }
    }

    func entry(_ id: MessageID, in app: AppID) throws -> Entry? {
        try self.first(
            """
            SELECT \(Self.entryColumns), c.kind, c.a, c.b
            FROM entries e JOIN conversations c ON c.number = e.conversation
            WHERE e.id = ? AND c.app = ? AND c.retired_at IS NULL
            """, [.id(id), .text(app)]
        ) { row in
            let first = Self.entryColumnCount
            let conversation = try Conversation(kind: row.text(first), a: row.text(first + 1), b: row.text(first + 2))
            return try Entry(row: row, in: ConversationID(app: app, conversation))
        }
    }

    /// Also the edits that it has had: who reads on after an absence must not find there what was taken back. It is pinned no longer.
    func markRecalled(_ id: MessageID, leavesNoTrace: Bool, in app: AppID) throws {
        let marked = try self.run(
            """
            UPDATE entries SET is_recalled = 1, leaves_no_trace = ? WHERE id = ? AND \(Self.isLive)
            """, [.bool(leavesNoTrace), .id(id), .text(app)])
        guard marked > 0 else { return }
        try self.supersedeEdits(of: id)
        try self.run("DELETE FROM pinned_messages WHERE id = ?", [.id(id)])
        try self.forgetReactions(to: id)
    }

    /// Earlier edits no longer say what is so.
    func replace(_ id: MessageID, with body: EntryBody, _ mark: EditMark, in app: AppID) throws {
        let replaced = try self.run(
            """
            UPDATE entries SET dialect = ?, record = ?, native = ?, edited_by = ?, edited_at = ?, edit_count = ?
            WHERE id = ? AND \(Self.isLive)
            """,
            [
                .text(body.dialect), .blob(body.record), body.native.map { .blob($0) } ?? .null, .text(mark.by),
                .time(mark.at), .int(mark.count), .id(id), .text(app),
            ])
        if replaced > 0 { try self.supersedeEdits(of: id) }
    }

    func amend(_ entry: Entry, _ options: MessageOptions) throws {
        let edits = try self.all(
            "SELECT \(Self.entryColumns) FROM entries e WHERE target = ? AND is_recalled = 0", [.id(entry.id)]
        ) { try Entry(row: $0, in: entry.conversation) }
        for entry in [entry] + edits {
            guard let body = entry.body.amended(options) else { continue }
            try self.run(
                "UPDATE entries SET record = ?, wants_receipts = ? WHERE id = ?",
                [
                    .blob(try EntryBody(body).record), .bool(entry.message != nil && options.wantsReadReceipts),
                    .id(entry.id),
                ])
        }
    }

    private func supersedeEdits(of id: MessageID) throws {
        try self.run("UPDATE entries SET is_recalled = 1 WHERE target = ?", [.id(id)])
    }

    /// Of the App that is bound, and not in a conversation that ended.
    private static let isLive = """
        EXISTS (SELECT 1 FROM conversations c WHERE c.number = conversation AND c.app = ? AND c.retired_at IS NULL)
        """

    // MARK: Repeats

    /// Nil, if it is another message.
    func receipt(of id: MessageID, carrying digest: [UInt8], inConversation number: Int64) throws -> Receipt? {
        try self.first(
            "SELECT sequence FROM entries WHERE id = ? AND conversation = ? AND repeat_digest = ?",
            [.id(id), .int(number), .blob(digest)]
        ) { Receipt(id: id, sequence: $0.sequence(0), isRepeat: true) }
    }

    /// Of all conversations.
    func greatestEntry() throws -> MessageID? {
        try self.first("SELECT MAX(id) FROM entries") { $0.isNull(0) ? nil : $0.id(0) } ?? nil
    }

    /// Of messages that have one, the oldest first.
    func digests(
        after id: MessageID, limit: Int
    ) throws -> [(id: MessageID, conversation: Int64, digest: [UInt8])] {
        try self.all(
            """
            SELECT id, conversation, repeat_digest FROM entries WHERE id > ? AND repeat_digest IS NOT NULL
            ORDER BY id LIMIT ?
            """, [.id(id), .int(limit)]
        ) { ($0.id(0), $0.int(1), $0.blob(2)) }
    }

    /// The receipt of the first message with this key, if it came within its lifetime.
    func firstReceipt(for key: String, inConversation number: Int64, now: Timestamp) throws -> Receipt? {
        try self.first(
            "SELECT id, sequence FROM repeats WHERE conversation = ? AND key = ? AND expires_at > ?",
            [.int(number), .text(key), .time(now)]
        ) { Receipt(id: $0.id(0), sequence: $0.sequence(1), isRepeat: true) }
    }

    func remember(_ receipt: Receipt, for key: String, inConversation number: Int64, until: Timestamp) throws {
        try self.run(
            """
            INSERT INTO repeats (conversation, key, id, sequence, expires_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (conversation, key) DO UPDATE
            SET id = excluded.id, sequence = excluded.sequence, expires_at = excluded.expires_at
            """, [.int(number), .text(key), .id(receipt.id), .sequence(receipt.sequence ?? 0), .time(until)])
    }

    // MARK: The greatest id

    /// The greatest id ever given, also when what it was given to has been purged since.
    func greatestID() throws -> MessageID? {
        let stored = try Int64(clamping: self.greatestEntry()?.rawValue ?? 0)
        let happened = try self.first("SELECT MAX(id) FROM happenings") { $0.int(0) } ?? 0
        let kept = try self.first("SELECT MAX(id) FROM events") { $0.int(0) } ?? 0
        let purged = try self.first("SELECT value FROM marks WHERE name = 'greatest id'") { $0.int(0) } ?? 0
        let greatest = max(stored, happened, kept, purged)
        return greatest > 0 ? MessageID(rawValue: UInt64(greatest)) : nil
    }

    /// Before entries, happenings or events are purged.
    func rememberGreatestID() throws {
        guard let greatest = try self.greatestID() else { return }
        try self.run(
            """
            INSERT INTO marks (name, value) VALUES ('greatest id', ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [.id(greatest)])
    }
}

extension Entry {
    /// - Parameter row: begins with ``SQLConnection/entryColumns``.
    convenience init(row: SQLRow, in conversation: ConversationID) throws {
        guard let kind = EntryBody.Kind(rawValue: row.text(2)) else {
            throw StoreFault.unreadable("entry of kind \(row.text(2))")
        }
        let body = EntryBody(
            kind: kind, sender: row.optionalText(4), dialect: row.optionalText(5), record: row.blob(6),
            native: row.isNull(7) ? nil : row.blob(7))
        var fate = Fate(isRecalled: row.bool(3), leavesNoTrace: row.bool(8))
        if let editor = row.optionalText(9) {
            fate.edit = EditMark(by: UserID(editor), at: row.time(10), count: Int(row.int(11)))
        }
        self.init(
            conversation: conversation, sequence: row.sequence(1), id: row.id(0), body: try body.body(), fate: fate)
    }
}
