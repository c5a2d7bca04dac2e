import ParleyCore

/// What users say of themselves, and who is told, in SQL.
extension SQLConnection {
    func status(of user: UserID, in app: AppID) throws -> UserStatus? {
        try self.first(
            "SELECT text, states, changed_at FROM user_statuses WHERE app = ? AND user_id = ?",
            [.text(app), .text(user)], UserStatus.init(row:))
    }

    func save(_ status: UserStatus, of user: UserID, in app: AppID) throws {
        let states = Dictionary(status.states.map { ($0.key.rawValue, $0.value) }) { $1 }
        try self.run(
            """
            INSERT OR REPLACE INTO user_statuses (app, user_id, text, states, changed_at) VALUES (?, ?, ?, ?, ?)
            """,
            [
                .text(app), .text(user), .text(status.text), .text(Attributes.encode(states)), .time(status.changedAt),
            ])
    }

    // MARK: Subscriptions

    /// Newest first, without those that have expired.
    func subscriptions(of user: UserID, in app: AppID, now: Timestamp) throws -> [PresenceSubscription] {
        try self.all(
            """
            SELECT target_id, expires_at FROM presence_subscriptions
            WHERE app = ? AND user_id = ? AND expires_at > ? ORDER BY number DESC
            """, [.text(app), .text(user), .time(now)]
        ) { PresenceSubscription(to: UserID($0.text(0)), until: $0.time(1)) }
    }

    func subscribers(to user: UserID, in app: AppID, now: Timestamp) throws -> [UserID] {
        try self.all(
            "SELECT user_id FROM presence_subscriptions WHERE app = ? AND target_id = ? AND expires_at > ?",
            [.text(app), .text(user), .time(now)]
        ) { UserID($0.text(0)) }
    }

    func save(_ subscription: PresenceSubscription, of user: UserID, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO presence_subscriptions (app, user_id, target_id, expires_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, user_id, target_id) DO UPDATE SET expires_at = excluded.expires_at
            """, [.text(app), .text(user), .text(subscription.target), .time(subscription.expiresAt)])
    }

    func deleteSubscription(of user: UserID, to target: UserID, in app: AppID) throws {
        try self.run(
            "DELETE FROM presence_subscriptions WHERE app = ? AND user_id = ? AND target_id = ?",
            [.text(app), .text(user), .text(target)])
    }

    func purgeSubscriptions(at moment: Timestamp, limit: Int) throws -> Int {
        try self.run(
            """
            DELETE FROM presence_subscriptions WHERE number IN
                (SELECT number FROM presence_subscriptions WHERE expires_at <= ? LIMIT ?)
            """, [.time(moment), .int(limit)])
    }

    // MARK: Profiles

    func profile(of user: UserID, in app: AppID) throws -> [String: String] {
        try self.first("SELECT texts FROM profiles WHERE app = ? AND user_id = ?", [.text(app), .text(user)]) {
            try Attributes.decode($0.text(0))
        } ?? [:]
    }

    func save(_ profile: [String: String], of user: UserID, in app: AppID) throws {
        guard !profile.isEmpty else {
            try self.run("DELETE FROM profiles WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
            return
        }
        try self.run(
            """
            INSERT INTO profiles (app, user_id, texts, byte_count) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, user_id) DO UPDATE SET texts = excluded.texts, byte_count = excluded.byte_count
            """, [.text(app), .text(user), .text(Attributes.encode(profile)), .int(profile.byteCount)])
    }

    func profileByteCount(in app: AppID) throws -> Int {
        try self.first("SELECT TOTAL(byte_count) FROM profiles WHERE app = ?", [.text(app)]) { Int($0.int(0)) } ?? 0
    }

    func forgetStatuses(of user: UserID, in app: AppID) throws {
        for sql in [
            "DELETE FROM user_statuses WHERE app = ? AND user_id = ?",
            "DELETE FROM profiles WHERE app = ? AND user_id = ?",
            "DELETE FROM presence_subscriptions WHERE app = ? AND user_id = ?",
            "DELETE FROM presence_subscriptions WHERE app = ? AND target_id = ?",
        ] {
            try self.run(sql, [.text(app), .text(user)])
        }
    }
}

extension UserStatus {
    fileprivate init(row: SQLRow) throws {
        let states = try Attributes.decode(row.text(1))
        self.init(
            text: row.text(0), states: Dictionary(states.map { (DeviceID($0.key), $0.value) }) { $1 },
            changedAt: row.time(2))
    }
}

extension [String: String] {
    /// Of names and texts.
    fileprivate var byteCount: Int { self.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } }
}
