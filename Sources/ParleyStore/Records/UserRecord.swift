import ParleyCore

/// Users and whom they have blocked, in SQL.
extension SQLConnection {
    private static let userColumns = """
        id, name, portrait, created_at, updated_at, is_active, tokens_valid_from, password_hash, muted_until, attributes,
        blocked_until, muted_in_rooms_until, muted_in_direct_until
        """

    func user(_ id: UserID, in app: AppID) throws -> User? {
        try self.first(
            "SELECT \(Self.userColumns) FROM users WHERE app = ? AND id = ?", [.text(app), .text(id)], User.init(row:))
    }

    /// Empty when the user `after` is no longer there.
    func users(in app: AppID, after: UserID?, limit: Int) throws -> [User] {
        guard let after else {
            return try self.all(
                "SELECT \(Self.userColumns) FROM users WHERE app = ? ORDER BY number LIMIT ?",
                [.text(app), .int(limit)], User.init(row:))
        }
        return try self.all(
            """
            SELECT \(Self.userColumns) FROM users
            WHERE app = ? AND number > (SELECT number FROM users WHERE app = ? AND id = ?) ORDER BY number LIMIT ?
            """, [.text(app), .text(app), .text(after), .int(limit)], User.init(row:))
    }

    func usersMuted(in app: AppID, at moment: Timestamp, offset: Int, limit: Int) throws -> [User] {
        try self.all(
            """
            SELECT \(Self.userColumns) FROM users WHERE number IN (
                SELECT number FROM users WHERE app = ?1 AND muted_until > ?2
                UNION SELECT number FROM users WHERE app = ?1 AND muted_in_rooms_until > ?2
                UNION SELECT number FROM users WHERE app = ?1 AND muted_in_direct_until > ?2)
            ORDER BY number LIMIT ?3 OFFSET ?4
            """, [.text(app), .time(moment), .int(limit), .int(offset)], User.init(row:))
    }

    func save(_ user: User, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO users (app, \(Self.userColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, id) DO UPDATE SET name = excluded.name, portrait = excluded.portrait,
                created_at = excluded.created_at, updated_at = excluded.updated_at, is_active = excluded.is_active,
                tokens_valid_from = excluded.tokens_valid_from, password_hash = excluded.password_hash,
                muted_until = excluded.muted_until, attributes = excluded.attributes,
                blocked_until = excluded.blocked_until, muted_in_rooms_until = excluded.muted_in_rooms_until,
                muted_in_direct_until = excluded.muted_in_direct_until
            """,
            [
                .text(app), .text(user.id), .text(user.name), .text(user.portrait), .time(user.createdAt),
                .time(user.updatedAt), .bool(user.isActive), .time(user.tokensValidFrom), .text(user.passwordHash),
                .int(user.mutedInGroupsUntil?.milliseconds), .text(Attributes.encode(user.attributes)),
                .int(user.blockedUntil?.milliseconds), .int(user.mutedInRoomsUntil?.milliseconds),
                .int(user.mutedInDirectUntil?.milliseconds),
            ])
    }

    func deleteUser(_ id: UserID, in app: AppID, at moment: Timestamp) throws {
        try self.run("DELETE FROM users WHERE app = ? AND id = ?", [.text(app), .text(id)])
        try self.run(
            "INSERT OR REPLACE INTO departures (app, user_id, at) VALUES (?, ?, ?)",
            [.text(app), .text(id), .time(moment)])
    }

    func departure(of id: UserID, in app: AppID) throws -> Timestamp? {
        try self.first("SELECT at FROM departures WHERE app = ? AND user_id = ?", [.text(app), .text(id)]) {
            $0.time(0)
        }
    }

    // MARK: Blocks

    /// Newest first.
    func blocked(by user: UserID, in app: AppID) throws -> [UserID] {
        try self.all(
            "SELECT blocked_id FROM blocks WHERE app = ? AND user_id = ? ORDER BY number DESC",
            [.text(app), .text(user)]
        ) { UserID($0.text(0)) }
    }

    func hasBlocked(_ user: UserID, _ other: UserID, in app: AppID) throws -> Bool {
        try self.first(
            "SELECT 1 FROM blocks WHERE app = ? AND user_id = ? AND blocked_id = ?",
            [.text(app), .text(user), .text(other)]
        ) { _ in true } ?? false
    }

    func blockCount(of user: UserID, in app: AppID) throws -> Int {
        try self.first("SELECT COUNT(*) FROM blocks WHERE app = ? AND user_id = ?", [.text(app), .text(user)]) {
            Int($0.int(0))
        } ?? 0
    }

    func blockers(of user: UserID, in app: AppID) throws -> [UserID] {
        try self.all("SELECT user_id FROM blocks WHERE app = ? AND blocked_id = ?", [.text(app), .text(user)]) {
            UserID($0.text(0))
        }
    }

    func block(_ user: UserID, by blocker: UserID, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO blocks (app, user_id, blocked_id) VALUES (?, ?, ?)
            ON CONFLICT (app, user_id, blocked_id) DO NOTHING
            """, [.text(app), .text(blocker), .text(user)])
    }

    func unblock(_ user: UserID, by blocker: UserID, in app: AppID) throws {
        try self.run(
            "DELETE FROM blocks WHERE app = ? AND user_id = ? AND blocked_id = ?",
            [.text(app), .text(blocker), .text(user)])
    }

    func forgetBlocks(of user: UserID, in app: AppID) throws {
        try self.run("DELETE FROM blocks WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM blocks WHERE app = ? AND blocked_id = ?", [.text(app), .text(user)])
    }
}

extension User {
    fileprivate init(row: SQLRow) throws {
        self.init(
            id: UserID(row.text(0)), name: row.optionalText(1), portrait: row.optionalText(2), createdAt: row.time(3))
        self.updatedAt = row.time(4)
        self.isActive = row.bool(5)
        self.tokensValidFrom = row.time(6)
        self.passwordHash = row.optionalText(7)
        self.mutedInGroupsUntil = row.isNull(8) ? nil : row.time(8)
        self.attributes = try Attributes.decode(row.text(9))
        self.blockedUntil = row.isNull(10) ? nil : row.time(10)
        self.mutedInRoomsUntil = row.isNull(11) ? nil : row.time(11)
        self.mutedInDirectUntil = row.isNull(12) ? nil : row.time(12)
    }
}
