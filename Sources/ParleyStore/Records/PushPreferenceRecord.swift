import ParleyCore

/// How users want to be woken, and templates, in SQL.
extension SQLConnection {
    func pushPreferences(of user: UserID, in app: AppID) throws -> [PushScope: PushPreferences] {
        let rows = try self.all(
            """
            SELECT kind, a, b, level, quiet_start, quiet_seconds, quiet_level, quiet_until, shows_details, language,
                template
            FROM push_preferences WHERE app = ? AND user_id = ?
            """, [.text(app), .text(user)]
        ) { (try PushScope(row: $0), try PushPreferences(row: $0)) }
        return Dictionary(rows) { _, later in later }
    }

    func save(_ preferences: PushPreferences, of user: UserID, for scope: PushScope, in app: AppID) throws {
        let key = scope.values(in: app) + [.text(user)]
        guard !preferences.isEmpty else {
            try self.run(
                "DELETE FROM push_preferences WHERE app = ? AND kind = ? AND a = ? AND b = ? AND user_id = ?", key)
            return
        }
        try self.run(
            """
            INSERT OR REPLACE INTO push_preferences
                (app, kind, a, b, user_id, level, quiet_start, quiet_seconds, quiet_level, quiet_until, shows_details,
                language, template)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            key + [
                .text(preferences.level?.rawValue), .int((preferences.quietHours?.start).map { Int64($0) }),
                .int((preferences.quietHours?.seconds).map { Int64($0) }),
                .text(preferences.quietHours?.level.rawValue), .int(preferences.quietUntil?.milliseconds),
                preferences.showsDetails.map { .bool($0) } ?? .null, .text(preferences.language),
                .text(preferences.template),
            ])
    }

    // MARK: Templates

    func pushTemplates(_ name: String?, in app: AppID) throws -> [PushTemplate] {
        try self.all(
            """
            SELECT name, language, title, text, created_at, updated_at FROM push_templates
            WHERE app = ? \(name == nil ? "" : "AND name = ?") ORDER BY created_at, number
            """, [.text(app)] + (name.map { [.text($0)] } ?? [])
        ) { row in
            PushTemplate(
                name: row.text(0), language: row.text(1), title: row.text(2), text: row.text(3), createdAt: row.time(4),
                updatedAt: row.time(5))
        }
    }

    func save(_ template: PushTemplate, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO push_templates (app, name, language, title, text, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, name, language) DO UPDATE SET title = excluded.title, text = excluded.text,
                created_at = excluded.created_at, updated_at = excluded.updated_at
            """,
            [
                .text(app), .text(template.name), .text(template.language), .text(template.title), .text(template.text),
                .time(template.createdAt), .time(template.updatedAt),
            ])
    }

    func deletePushTemplate(_ name: String, in app: AppID) throws -> Bool {
        try self.run("DELETE FROM push_templates WHERE app = ? AND name = ?", [.text(app), .text(name)]) > 0
    }
}

extension PushScope {
    /// For `app = ? AND kind = ? AND a = ? AND b = ?`. No kind of conversation is called as the wider scopes are.
    fileprivate func values(in app: AppID) -> [SQLValue] {
        switch self {
        case .everywhere: Self.wide("everywhere", in: app)
        case .groups: Self.wide("groups", in: app)
        case .direct: Self.wide("directs", in: app)
        case .conversation(let conversation): ConversationID(app: app, conversation).values
        }
    }

    private static func wide(_ kind: String, in app: AppID) -> [SQLValue] {
        [.text(app), .text(kind), .text(""), .text("")]
    }

    fileprivate init(row: SQLRow) throws {
        switch row.text(0) {
        case "everywhere": self = .everywhere
        case "groups": self = .groups
        case "directs": self = .direct
        case let kind: self = .conversation(try Conversation(kind: kind, a: row.text(1), b: row.text(2)))
        }
    }
}

extension PushPreferences {
    fileprivate init(row: SQLRow) throws {
        self.init()
        self.level = try row.optionalText(3).map(PushLevel.init(stored:))
        if let level = row.optionalText(6) {
            self.quietHours = QuietHours(
                start: Int(row.int(4)), seconds: Int(row.int(5)), level: try PushLevel(stored: level))
        }
        self.quietUntil = row.isNull(7) ? nil : row.time(7)
        self.showsDetails = row.isNull(8) ? nil : row.bool(8)
        self.language = row.optionalText(9)
        self.template = row.optionalText(10)
    }
}

extension PushLevel {
    fileprivate init(stored: String) throws {
        guard let level = PushLevel(rawValue: stored) else { throw StoreFault.unreadable("push level \(stored)") }
        self = level
    }
}
