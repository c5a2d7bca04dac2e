import ParleyCore

/// How far backends have been called, and what became of each call, in SQL.
extension SQLConnection {
    // MARK: The log, of all conversations

    /// A range of the table, whatever the App: ids ascend with commits, so that nothing appears behind where a rule has been. The outer join makes the entries
    /// the loop that is outside, and lets none of them go uncounted.
    static let entriesInOrder = """
        SELECT \(Self.entryColumns), c.app, c.kind, c.a, c.b
        FROM entries e LEFT JOIN conversations c ON c.number = e.conversation AND c.retired_at IS NULL
        WHERE e.id > ? ORDER BY e.id LIMIT ?
        """

    func entriesInOrder(in app: AppID, after: MessageID, limit: Int) throws -> [(id: MessageID, entry: Entry?)] {
        try self.all(Self.entriesInOrder, [.id(after), .int(limit)]) { row in
            let id: MessageID = row.id(0)
            let first = Self.entryColumnCount
            guard row.optionalText(first) == app.rawValue else { return (id, nil) }
            do {
                let conversation = try Conversation(
                    kind: row.text(first + 1), a: row.text(first + 2), b: row.text(first + 3))
                return (id, try Entry(row: row, in: ConversationID(app: app, conversation)))
            } catch StoreFault.unreadable {
                // One row that cannot be read would otherwise be the end of every follower.
                return (id, nil)
            }
        }
    }

    // MARK: Progress

    func progress(of rule: String, in app: AppID) throws -> MessageID? {
        try self.first(
            "SELECT through FROM callback_progress WHERE app = ? AND rule = ?", [.text(app), .text(rule)]
        ) { $0.id(0) }
    }

    /// Never moves back.
    func advance(_ rule: String, in app: AppID, through id: MessageID) throws {
        try self.run(
            """
            INSERT INTO callback_progress (app, rule, through) VALUES (?, ?, ?)
            ON CONFLICT (app, rule) DO UPDATE SET through = excluded.through WHERE through < excluded.through
            """, [.text(app), .text(rule), .id(id)])
    }

    /// A rule that is made begins with what is said from then on, also where one of the same name was removed before. Not when it is removed: a server that
    /// has not yet heard of it may note once more.
    func beginAtEnd(_ rules: some Sequence<String>, in app: AppID) throws {
        for rule in rules {
            try self.run(
                """
                INSERT INTO callback_progress (app, rule, through) VALUES (?, ?, ?)
                ON CONFLICT (app, rule) DO UPDATE SET through = excluded.through
                """, [.text(app), .text(rule), .id(try self.greatestID() ?? MessageID(rawValue: 0))])
        }
    }

    // MARK: Calls

    /// A record with a number replaces what was noted under it, and is no longer wanted again.
    func note(_ record: CallbackRecord, in app: AppID) throws {
        let result: [SQLValue] = [
            .time(record.sentAt), .int(record.milliseconds), .int(record.attempts), .text(record.outcome),
            .int(record.status.map { Int64($0) }), .text(record.detail),
        ]
        guard let number = record.id else {
            try self.run(
                """
                INSERT INTO callback_calls
                    (sent_at, milliseconds, attempts, outcome, status, detail, app, rule, name, entry)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, result + [.text(app), .text(record.rule), .text(record.call), .id(record.entry)])
            return
        }
        try self.run(
            """
            UPDATE callback_calls
            SET sent_at = ?, milliseconds = ?, attempts = ?, outcome = ?, status = ?, detail = ?, is_wanted_again = 0
            WHERE number = ? AND app = ?
            """, result + [.int(number), .text(app)])
    }

    /// Newest first. The outcome is said in the statement, for the sake of the partial index.
    func calls(
        in app: AppID, rule: String?, outcome: CallbackRecord.Outcome?, before: Int64?, limit: Int
    ) throws -> [CallbackRecord] {
        let ofRule = rule == nil ? "" : "AND rule = ?"
        let withOutcome = outcome.map { "AND outcome = '\($0.rawValue)'" } ?? ""
        return try self.all(
            """
            SELECT \(Self.callColumns) FROM callback_calls
            WHERE app = ? AND number < ? \(ofRule) \(withOutcome) ORDER BY number DESC LIMIT ?
            """,
            [.text(app), .int(before ?? Int64.max)] + (rule.map { [.text($0)] } ?? []) + [.int(max(0, limit))]
        ) { try CallbackRecord(row: $0) }
    }

    func callsWantedAgain(of rule: String, in app: AppID, limit: Int) throws -> [CallbackRecord] {
        try self.all(
            """
            SELECT \(Self.callColumns) FROM callback_calls
            WHERE app = ? AND rule = ? AND is_wanted_again = 1 ORDER BY number LIMIT ?
            """, [.text(app), .text(rule), .int(max(0, limit))]
        ) { try CallbackRecord(row: $0) }
    }

    /// In order. Nil: of every rule.
    func callsGivenUp(in app: AppID, rule: String?, after: Int64, limit: Int) throws -> [Int64] {
        try self.all(
            """
            SELECT number FROM callback_calls
            WHERE app = ? AND number > ? AND outcome = 'given-up' AND is_wanted_again = 0
                \(rule == nil ? "" : "AND rule = ?")
            ORDER BY number LIMIT ?
            """, [.text(app), .int(after)] + (rule.map { [.text($0)] } ?? []) + [.int(limit)]
        ) { $0.int(0) }
    }

    /// - Returns: how many of them were given up, were this App's (and this rule's), and were not wanted already.
    func wantAgain(_ numbers: some Sequence<Int64>, in app: AppID, rule: String?) throws -> Int {
        try numbers.reduce(0) { count, number in
            try count
                + self.run(
                    """
                    UPDATE callback_calls SET is_wanted_again = 1
                    WHERE number = ? AND app = ? AND outcome = 'given-up' AND is_wanted_again = 0
                        \(rule == nil ? "" : "AND rule = ?")
                    """, [.int(number), .text(app)] + (rule.map { [.text($0)] } ?? []))
        }
    }

    private static let callColumns =
        "number, rule, name, entry, sent_at, milliseconds, attempts, outcome, status, detail"

    // MARK: What is kept of them

    /// The newest record of an App that is one too many.
    func newestSurplusCall(in app: AppID, keeping limit: Int) throws -> Int64? {
        try self.first(
            "SELECT number FROM callback_calls WHERE app = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
            [.text(app), .int(max(0, limit))]
        ) { $0.int(0) }
    }

    func purgeCalls(in app: AppID, through number: Int64, limit: Int) throws -> Int {
        try self.run(
            """
            DELETE FROM callback_calls WHERE number IN
                (SELECT number FROM callback_calls WHERE app = ? AND number <= ? ORDER BY number LIMIT ?)
            """, [.text(app), .int(number), .int(limit)])
    }

    func outdatedCalls(before moment: Timestamp, limit: Int) throws -> [Int64] {
        try self.all(
            "SELECT number FROM callback_calls WHERE sent_at < ? LIMIT ?", [.time(moment), .int(limit)]
        ) { $0.int(0) }
    }

    /// Unless it has been sent again since.
    func deleteCall(_ number: Int64, ifBefore moment: Timestamp) throws {
        try self.run("DELETE FROM callback_calls WHERE number = ? AND sent_at < ?", [.int(number), .time(moment)])
    }
}

extension CallbackRecord {
    fileprivate init(row: SQLRow) throws {
        guard let outcome = Outcome(rawValue: row.text(7)) else {
            throw StoreFault.unreadable("callback with outcome \(row.text(7))")
        }
        self.init(
            id: row.int(0), rule: row.text(1), call: row.text(2), entry: row.id(3), sentAt: row.time(4),
            milliseconds: row.int(5), attempts: Int(row.int(6)), outcome: outcome,
            status: row.isNull(8) ? nil : Int(row.int(8)), detail: row.text(9))
    }
}
