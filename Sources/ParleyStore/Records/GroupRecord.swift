import ParleyCore

/// Groups in SQL. Members and mutes hang on a group's number, so that those of a group that ended cannot come back with its id.
extension SQLConnection {
    static let groupColumns = """
        id, type, name, owner, summary, announcement, avatar, capacity, join_policy, members_may_invite, is_muted,
        created_at, updated_at, attributes, lifetime_seconds, is_lifetime_fixed, is_kept_alive, is_distribution_stopped,
        origin_group, origin_message
        """

    func group(_ id: GroupID, in app: AppID) throws -> Group? {
        try self.first(
            "SELECT \(Self.groupColumns) FROM groups WHERE app = ? AND id = ?", [.text(app), .text(id)]
        ) { try Group(row: $0) }
    }

    /// Newest first; empty when the group `after` is no longer there.
    func groups(in app: AppID, after: GroupID?, limit: Int) throws -> [Group] {
        guard let after else {
            return try self.all(
                "SELECT \(Self.groupColumns) FROM groups WHERE app = ? ORDER BY number DESC LIMIT ?",
                [.text(app), .int(limit)]
            ) { try Group(row: $0) }
        }
        return try self.all(
            """
            SELECT \(Self.groupColumns) FROM groups
            WHERE app = ? AND number < (SELECT number FROM groups WHERE app = ? AND id = ?)
            ORDER BY number DESC LIMIT ?
            """, [.text(app), .text(app), .text(after), .int(limit)]
        ) { try Group(row: $0) }
    }

    func snapshot(of id: GroupID, in app: AppID, now: Timestamp) throws -> GroupSnapshot? {
        guard let group = try self.group(id, in: app), let number = try self.groupNumber(id, in: app) else {
            return nil
        }
        var snapshot = GroupSnapshot(group: group)
        for member in try self.members(ofGroup: number) { snapshot.members[member.user] = member }
        snapshot.mutes = try self.mutes(inGroup: number, now: now)
        snapshot.standings = try self.standings(inGroup: number, now: now)
        return snapshot
    }

    func groupNumber(_ id: GroupID, in app: AppID) throws -> Int64? {
        try self.first("SELECT number FROM groups WHERE app = ? AND id = ?", [.text(app), .text(id)]) { $0.int(0) }
    }

    func save(_ group: Group, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO groups (app, \(Self.groupColumns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, id) DO UPDATE SET type = excluded.type, name = excluded.name, owner = excluded.owner,
                summary = excluded.summary, announcement = excluded.announcement, avatar = excluded.avatar,
                capacity = excluded.capacity, join_policy = excluded.join_policy,
                members_may_invite = excluded.members_may_invite, is_muted = excluded.is_muted,
                created_at = excluded.created_at, updated_at = excluded.updated_at, attributes = excluded.attributes,
                lifetime_seconds = excluded.lifetime_seconds, is_lifetime_fixed = excluded.is_lifetime_fixed,
                is_kept_alive = excluded.is_kept_alive, is_distribution_stopped = excluded.is_distribution_stopped,
                origin_group = excluded.origin_group, origin_message = excluded.origin_message
            """,
            [
                .text(app), .text(group.id), .text(group.type), .text(group.name), .text(group.owner?.rawValue),
                .text(group.summary), .text(group.announcement), .text(group.avatar), .int(group.capacity),
                .text(group.joinPolicy), .bool(group.membersMayInvite), .bool(group.isMuted), .time(group.createdAt),
                .time(group.updatedAt), .text(Attributes.encode(group.attributes)), .int(group.lifetime?.seconds),
                .bool(group.lifetime?.isFixed ?? false), .bool(group.isKeptAlive), .bool(group.isDistributionStopped),
                .text(group.origin?.group.rawValue), group.origin.map { .id($0.message) } ?? .null,
            ])
    }

    /// The group's row, its members, mutes, standings and attributes. Where these are many the rest is left for later (``purgeEndedGroups(limit:)``). Its log is
    /// ``ConversationBook/retire(_:at:)``'s.
    func deleteGroup(_ number: Int64) throws {
        let limit = 1000
        try self.run("DELETE FROM groups WHERE number = ?", [.int(number)])
        guard try self.removeRows(ofGroup: number, limit: limit) == limit else { return }
        try self.run("INSERT INTO ended_groups (number) VALUES (?)", [.int(number)])
    }

    /// Of what hangs on a group's number, at most so many.
    /// - Returns: how many there were.
    func removeRows(ofGroup number: Int64, limit: Int) throws -> Int {
        let tables = [
            ("members", "user_id"), ("mutes", "user_id"), ("standings", "standing, user_id"),
            ("room_attributes", "key"),
        ]
        return try tables.reduce(0) { removed, table in
            let (name, key) = table
            return try removed
                + self.run(
                    """
                    DELETE FROM \(name) WHERE group_number = ?1 AND (\(key)) IN
                        (SELECT \(key) FROM \(name) WHERE group_number = ?1 LIMIT ?2)
                    """, [.int(number), .int(limit - removed)])
        }
    }

    /// In the order of joining.
    func groups(of user: UserID, in app: AppID) throws -> [(group: Group, member: Member)] {
        try self.all(
            """
            SELECT \(Self.membershipColumns) FROM members m JOIN groups g ON g.number = m.group_number
            WHERE m.app = ? AND m.user_id = ? ORDER BY m.joined_at, m.number
            """, [.text(app), .text(user)]
        ) { row in (try Group(row: row, from: Self.memberColumnCount), try Member(row: row)) }
    }

    func groupIDs(of user: UserID, in app: AppID) throws -> [GroupID] {
        try self.all(
            """
            SELECT g.id FROM members m JOIN groups g ON g.number = m.group_number
            WHERE m.app = ? AND m.user_id = ? ORDER BY m.joined_at, m.number
            """, [.text(app), .text(user)]
        ) { GroupID($0.text(0)) }
    }

    func groups(ownedBy user: UserID, in app: AppID) throws -> [GroupID] {
        try self.all(
            "SELECT id FROM groups WHERE app = ? AND owner = ? ORDER BY number", [.text(app), .text(user)]
        ) { GroupID($0.text(0)) }
    }

    private static let membershipColumns =
        Self.prefixed(Self.memberColumns, "m") + ", " + Self.prefixed(Self.groupColumns, "g")

    static func prefixed(_ columns: String, _ table: String) -> String {
        columns.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map { "\(table).\($0)" }.joined(separator: ", ")
    }
}

extension Group {
    init(row: SQLRow, from first: Int32 = 0) throws {
        guard let type = GroupType(rawValue: row.text(first + 1)),
            let joinPolicy = JoinPolicy(rawValue: row.text(first + 8))
        else { throw StoreFault.unreadable("group \(row.text(first))") }
        self.init(
            id: GroupID(row.text(first)), type: type, name: row.text(first + 2),
            owner: row.optionalText(first + 3).map { UserID($0) }, createdAt: row.time(first + 11))
        self.summary = row.text(first + 4)
        self.announcement = row.text(first + 5)
        self.avatar = row.text(first + 6)
        self.capacity = Int(row.int(first + 7))
        self.joinPolicy = joinPolicy
        self.membersMayInvite = row.bool(first + 9)
        self.isMuted = row.bool(first + 10)
        self.updatedAt = row.time(first + 12)
        self.attributes = try Attributes.decode(row.text(first + 13))
        if !row.isNull(first + 14) {
            self.lifetime = Lifetime(seconds: row.int(first + 14), isFixed: row.bool(first + 15))
        }
        self.isKeptAlive = row.bool(first + 16)
        self.isDistributionStopped = row.bool(first + 17)
        self.origin = row.optionalText(first + 18).map { ThreadOrigin(group: GroupID($0), message: row.id(first + 19)) }
    }
}

extension Lifetime {
    fileprivate init(seconds: Int64, isFixed: Bool) {
        self = isFixed ? .fixed(seconds: seconds) : .idle(seconds: seconds)
    }

    fileprivate var isFixed: Bool { if case .fixed = self { true } else { false } }
}
