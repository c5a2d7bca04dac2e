import ParleyCore

/// How far providers have been told, and what became of each notice, in SQL.
extension SQLConnection {
    // MARK: Progress

    func pushProgress(of provider: String, in app: AppID) throws -> MessageID? {
        try self.first(
            "SELECT through FROM push_progress WHERE app = ? AND provider = ?", [.text(app), .text(provider)]
        ) { $0.id(0) }
    }

    /// Never moves back.
    func advancePush(_ provider: String, in app: AppID, through id: MessageID) throws {
        try self.run(
            """
            INSERT INTO push_progress (app, provider, through) VALUES (?, ?, ?)
            ON CONFLICT (app, provider) DO UPDATE SET through = excluded.through WHERE through < excluded.through
            """, [.text(app), .text(provider), .id(id)])
    }

    /// As rules of callbacks do (``beginAtEnd(_:in:)``).
    func beginPushAtEnd(_ providers: some Sequence<String>, in app: AppID) throws {
        for provider in providers {
            try self.run(
                """
                INSERT INTO push_progress (app, provider, through) VALUES (?, ?, ?)
                ON CONFLICT (app, provider) DO UPDATE SET through = excluded.through
                """, [.text(app), .text(provider), .id(try self.greatestID() ?? MessageID(rawValue: 0))])
        }
    }

    // MARK: Records

    /// A record with a number replaces what was noted under it.
    func note(_ records: [PushRecord], in app: AppID, offsetMinutes: Int) throws {
        var changes: [PushCount.Key: Int] = [:]
        for record in records {
            if let number = record.id {
                guard let before = try self.countedPush(number, in: app, offsetMinutes) else { continue }
                changes[before, default: 0] -= 1
                try self.replacePush(number, with: record)
            } else {
                try self.insert(record, in: app)
            }
            changes[PushCount.Key(record.sentAt, offsetMinutes, record.kind, record.outcome), default: 0] += 1
        }
        for (key, change) in changes where change != 0 { try self.count(change, under: key, in: app) }
    }

    private func insert(_ record: PushRecord, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO push_records
                (sent_at, milliseconds, attempts, outcome, status, detail, app, provider, kind, message, user_id, device,
                title, text)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            record.result + [
                .text(app), .text(record.provider), .text(record.kind), .id(record.message), .text(record.user),
                .text(record.device), .text(record.title), .text(record.text),
            ])
    }

    private func replacePush(_ number: Int64, with record: PushRecord) throws {
        try self.run(
            """
            UPDATE push_records
            SET sent_at = ?, milliseconds = ?, attempts = ?, outcome = ?, status = ?, detail = ? WHERE number = ?
            """, record.result + [.int(number)])
    }

    func pushed(_ messages: ClosedRange<MessageID>, by provider: String, in app: AppID) throws -> Set<PushRecord.Key> {
        let keys = try self.all(
            Self.pushedMessages,
            [.text(app), .text(provider), .id(messages.lowerBound), .id(messages.upperBound)]
        ) { PushRecord.Key(message: $0.id(0), user: UserID($0.text(1)), device: $0.text(2)) }
        return Set(keys)
    }

    static let pushedMessages = """
        SELECT message, user_id, device FROM push_records WHERE app = ? AND provider = ? AND message BETWEEN ? AND ?
        """

    /// Newest first. The outcome is said in the statement, for the sake of the partial index; `+`: in the order of the table, not of the messages.
    func pushes(
        in app: AppID, provider: String?, outcome: PushRecord.Outcome?, user: UserID?, before: Int64?, limit: Int
    ) throws -> [PushRecord] {
        let byProvider = provider == nil ? "" : "AND +provider = ?"
        let toUser = user == nil ? "" : "AND user_id = ?"
        let failed = outcome == .accepted ? "" : "AND outcome <> 'accepted'"
        let withOutcome = outcome.map { "AND outcome = '\($0.rawValue)' \(failed)" } ?? ""
        return try self.all(
            """
            SELECT number, provider, kind, message, user_id, device, title, text, sent_at, milliseconds, attempts,
                outcome, status, detail
            FROM push_records
            WHERE app = ? AND number < ? \(byProvider) \(toUser) \(withOutcome) ORDER BY number DESC LIMIT ?
            """,
            [.text(app), .int(before ?? Int64.max)] + (provider.map { [.text($0)] } ?? [])
                + (user.map { [.text($0)] } ?? []) + [.int(max(0, limit))],
            PushRecord.init(row:))
    }

    // MARK: Counts

    private func countedPush(_ number: Int64, in app: AppID, _ offsetMinutes: Int) throws -> PushCount.Key? {
        try self.first(
            "SELECT sent_at, kind, outcome FROM push_records WHERE number = ? AND app = ?", [.int(number), .text(app)]
        ) { row in
            PushCount.Key(
                row.time(0), offsetMinutes, try PushProvider.Kind(stored: row.text(1)),
                try PushRecord.Outcome(stored: row.text(2)))
        }
    }

    private func count(_ change: Int, under key: PushCount.Key, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO push_counts (app, day, kind, outcome, count) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (app, day, kind, outcome) DO UPDATE SET count = count + excluded.count
            """, [.text(app), .time(key.day), .text(key.kind), .text(key.outcome), .int(change)])
    }

    /// Of all days that have a moment in `from` ..< `to`.
    func pushCounts(in app: AppID, from: Timestamp, to: Timestamp) throws -> [PushCount] {
        try self.all(
            """
            SELECT day, kind, outcome, count FROM push_counts
            WHERE app = ? AND day > ? AND day < ? AND count > 0 ORDER BY day, kind, outcome
            """, [.text(app), .time(from.adding(milliseconds: -PushCount.Key.dayMilliseconds)), .time(to)]
        ) { row in
            PushCount(
                day: row.time(0), kind: try PushProvider.Kind(stored: row.text(1)),
                outcome: try PushRecord.Outcome(stored: row.text(2)), count: Int(row.int(3)))
        }
    }

    // MARK: What is kept of them

    /// The newest record of an App that is one too many.
    func newestSurplusPush(in app: AppID, keeping limit: Int) throws -> Int64? {
        try self.first(
            "SELECT number FROM push_records WHERE app = ? ORDER BY number DESC LIMIT 1 OFFSET ?",
            [.text(app), .int(max(0, limit))]
        ) { $0.int(0) }
    }

    /// But for what its provider has not got past: after a crash nothing else says that it was pushed.
    func purgePushes(in app: AppID, through number: Int64, limit: Int) throws -> Int {
        try self.run(
            """
            DELETE FROM push_records WHERE number IN (
                SELECT r.number FROM push_records r
                LEFT JOIN push_progress p ON p.app = r.app AND p.provider = r.provider
                WHERE r.app = ? AND r.number <= ? AND (p.through IS NULL OR r.message <= p.through)
                ORDER BY r.number LIMIT ?)
            """, [.text(app), .int(number), .int(limit)])
    }

    func outdatedPushes(before moment: Timestamp, limit: Int) throws -> [Int64] {
        try self.all(
            "SELECT number FROM push_records WHERE sent_at < ? LIMIT ?", [.time(moment), .int(limit)]
        ) { $0.int(0) }
    }

    /// Unless it has been sent again since.
    func deletePush(_ number: Int64, ifBefore moment: Timestamp) throws {
        try self.run("DELETE FROM push_records WHERE number = ? AND sent_at < ?", [.int(number), .time(moment)])
    }
}

extension PushRecord {
    fileprivate var result: [SQLValue] {
        [
            .time(self.sentAt), .int(self.milliseconds), .int(self.attempts), .text(self.outcome),
            .int(self.status.map { Int64($0) }), .text(self.detail),
        ]
    }

    fileprivate init(row: SQLRow) throws {
        self.init(
            id: row.int(0), provider: row.text(1), kind: try PushProvider.Kind(stored: row.text(2)),
            message: row.id(3), user: UserID(row.text(4)), device: row.text(5), title: row.text(6), text: row.text(7),
            sentAt: row.time(8), milliseconds: row.int(9), attempts: Int(row.int(10)),
            outcome: try Outcome(stored: row.text(11)), status: row.isNull(12) ? nil : Int(row.int(12)),
            detail: row.text(13))
    }
}

extension PushCount {
    /// What is counted together.
    fileprivate struct Key: Hashable {
        let day: Timestamp
        let kind: PushProvider.Kind
        let outcome: PushRecord.Outcome

        static let dayMilliseconds: Int64 = 24 * 3600 * 1000

        /// - Parameter offsetMinutes: by how much the App's days begin before those of UTC.
        init(
            _ sentAt: Timestamp, _ offsetMinutes: Int, _ kind: PushProvider.Kind, _ outcome: PushRecord.Outcome
        ) {
            let (local, day) = (sentAt.milliseconds + Int64(offsetMinutes) * 60_000, Self.dayMilliseconds)
            let sinceMidnight = (local % day + day) % day
            self.day = Timestamp(milliseconds: sentAt.milliseconds - sinceMidnight)
            self.kind = kind
            self.outcome = outcome
        }
    }
}

extension PushProvider.Kind {
    fileprivate init(stored: String) throws {
        guard let kind = Self(rawValue: stored) else { throw StoreFault.unreadable("push provider of kind \(stored)") }
        self = kind
    }
}

extension PushRecord.Outcome {
    fileprivate init(stored: String) throws {
        guard let outcome = Self(rawValue: stored) else { throw StoreFault.unreadable("push with outcome \(stored)") }
        self = outcome
    }
}
