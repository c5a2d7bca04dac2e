import ParleyCore

/// Happenings in SQL, by themselves and among the entries.
extension SQLConnection {
    func insert(_ happening: Happening) throws {
        try self.run(
            "INSERT INTO happenings (id, app, body) VALUES (?, ?, ?)",
            [.id(happening.id), .text(happening.app), .blob(happening.body.record)])
    }

    func happening(_ id: MessageID, in app: AppID) throws -> Happening? {
        try self.first("SELECT body FROM happenings WHERE id = ? AND app = ?", [.id(id), .text(app)]) { row in
            Happening(id: id, app: app, body: try Happening.Body(record: row.blob(0)))
        }
    }

    // MARK: In the order of ids

    /// A range of each table, whatever the App, and of the two the first `limit`: exactly the first `limit` of both together.
    func occurrences(
        in app: AppID, after: MessageID, limit: Int
    ) throws -> (occurrences: [Occurrence], through: MessageID) {
        let limit = max(0, limit)
        let entries = try self.entriesInOrder(in: app, after: after, limit: limit)
        let happenings = try self.happeningsInOrder(in: app, after: after, limit: limit)
        guard !happenings.isEmpty else {
            return (entries.compactMap { $0.entry.map { .entry($0) } }, entries.last?.id ?? after)
        }
        let all =
            (entries.map { ($0.id, $0.entry.map { Occurrence.entry($0) }) }
            + happenings.map { ($0.id, $0.happening.map { Occurrence.happening($0) }) })
            .sorted { $0.0 < $1.0 }.prefix(limit)
        return (all.compactMap(\.1), all.last?.0 ?? after)
    }

    private func happeningsInOrder(
        in app: AppID, after: MessageID, limit: Int
    ) throws -> [(id: MessageID, happening: Happening?)] {
        try self.all(
            "SELECT id, app, body FROM happenings WHERE id > ? ORDER BY id LIMIT ?", [.id(after), .int(limit)]
        ) { row in
            let id: MessageID = row.id(0)
            guard row.text(1) == app.rawValue else { return (id, nil) }
            return (id, Happening(id: id, app: app, body: try Happening.Body(record: row.blob(2))))
        }
    }

    // MARK: What is kept of them

    func newestSurplusHappening(in app: AppID, keeping limit: Int) throws -> MessageID? {
        try self.first(
            "SELECT id FROM happenings WHERE app = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
            [.text(app), .int(max(0, limit))]
        ) { $0.id(0) }
    }

    func purgeHappenings(in app: AppID, through id: MessageID, limit: Int) throws -> Int {
        try self.rememberGreatestID()
        return try self.run(
            """
            DELETE FROM happenings WHERE id IN
                (SELECT id FROM happenings WHERE app = ? AND id <= ? ORDER BY id LIMIT ?)
            """, [.text(app), .id(id), .int(limit)])
    }

    func purgeHappenings(before bound: MessageID, limit: Int) throws -> Int {
        try self.rememberGreatestID()
        return try self.run(
            "DELETE FROM happenings WHERE id IN (SELECT id FROM happenings WHERE id < ? ORDER BY id LIMIT ?)",
            [.id(bound), .int(limit)])
    }
}
