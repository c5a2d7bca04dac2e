import ParleyCore

/// Chat rooms in SQL. The type is written out, because the index of rooms is for it alone.
extension SQLConnection {
    func rooms(in app: AppID, _ selection: RoomSelection, offset: Int, limit: Int) throws -> [GroupID] {
        let condition =
            switch selection {
            case .all: "1"
            case .muted: "is_muted = 1"
            case .keptAlive: "is_kept_alive = 1"
            }
        return try self.all(
            """
            SELECT id FROM groups WHERE app = ? AND type = 'chatRoom' AND \(condition)
            ORDER BY number DESC LIMIT ? OFFSET ?
            """, [.text(app), .int(limit), .int(offset)]
        ) { GroupID($0.text(0)) }
    }

    func roomsOver(at moment: Timestamp, limit: Int) throws -> [(app: AppID, room: GroupID)] {
        try self.all("\(Self.roomsOver) LIMIT ?", [.time(moment), .int(limit)]) {
            (AppID($0.text(0)), GroupID($0.text(1)))
        }
    }

    func isOver(_ room: GroupID, in app: AppID, at moment: Timestamp) throws -> Bool {
        try self.first(
            "\(Self.roomsOver) AND g.app = ? AND g.id = ?", [.time(moment), .text(app), .text(room)]
        ) { _ in true } ?? false
    }

    private static let roomsOver = """
        SELECT g.app, g.id FROM groups g
        LEFT JOIN conversations c ON c.app = g.app AND c.kind = 'group' AND c.a = g.id AND c.b = ''
            AND c.retired_at IS NULL
        WHERE g.type = 'chatRoom' AND g.lifetime_seconds IS NOT NULL AND g.is_kept_alive = 0
            AND 1000 * g.lifetime_seconds + CASE WHEN g.is_lifetime_fixed = 1 THEN g.created_at
                ELSE MAX(g.created_at, g.members_changed_at, IFNULL(c.last_sent_at, 0)) END <= ?
        """

    func usersMutedInRooms(in app: AppID, at moment: Timestamp) throws -> [UserID: Timestamp] {
        let users = try self.all(
            "SELECT id, muted_in_rooms_until FROM users WHERE app = ? AND muted_in_rooms_until > ?",
            [.text(app), .time(moment)]
        ) { (UserID($0.text(0)), $0.time(1)) }
        return Dictionary(users, uniquingKeysWith: max)
    }

    // MARK: Standings

    func standings(inGroup number: Int64, now: Timestamp) throws -> [Standing: [UserID: Timestamp]] {
        var standings: [Standing: [UserID: Timestamp]] = [:]
        try self.each(
            "SELECT standing, user_id, until FROM standings WHERE group_number = ? AND until > ?",
            [.int(number), .time(now)]
        ) { row in
            if let standing = Standing(rawValue: row.text(0)) {
                standings[standing, default: [:]][UserID(row.text(1))] = row.time(2)
            }
            return true
        }
        return standings
    }

    func standing(_ standing: Standing, of user: UserID, inGroup number: Int64) throws -> Timestamp? {
        try self.first(
            "SELECT until FROM standings WHERE group_number = ? AND standing = ? AND user_id = ?",
            [.int(number), .text(standing), .text(user)]
        ) { $0.time(0) }
    }

    /// Nil: no longer. Those whose time is over are forgotten on this occasion.
    func set(_ standing: Standing, of user: UserID, inGroup number: Int64, until: Timestamp?, now: Timestamp) throws {
        try self.run(
            "DELETE FROM standings WHERE group_number = ? AND standing = ? AND (user_id = ? OR until <= ?)",
            [.int(number), .text(standing), .text(user), .time(now)])
        guard let until else { return }
        try self.run(
            "INSERT INTO standings (group_number, standing, user_id, until) VALUES (?, ?, ?, ?)",
            [.int(number), .text(standing), .text(user), .time(until)])
    }
}
