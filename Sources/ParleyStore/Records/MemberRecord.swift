import ParleyCore

/// Members and mutes in SQL, by the number of their group.
extension SQLConnection {
    static let memberColumns = "user_id, role, joined_at, joined_at_sequence, name_card, delivery, attributes"
    static let memberColumnCount: Int32 = 7

    func member(_ user: UserID, ofGroup number: Int64) throws -> Member? {
        try self.first(
            "SELECT \(Self.memberColumns) FROM members WHERE group_number = ? AND user_id = ?",
            [.int(number), .text(user)], Member.init(row:))
    }

    /// In the order of joining.
    func members(ofGroup number: Int64) throws -> [Member] {
        try self.all(
            "SELECT \(Self.memberColumns) FROM members WHERE group_number = ? ORDER BY joined_at, number",
            [.int(number)], Member.init(row:))
    }

    /// In no order.
    func memberIDs(ofGroup number: Int64) throws -> [UserID] {
        try self.all("SELECT user_id FROM members WHERE group_number = ?", [.int(number)]) { UserID($0.text(0)) }
    }

    /// Kept beside the group: counting would cost as many steps as there are members.
    func memberCount(ofGroup number: Int64) throws -> Int {
        try self.first("SELECT member_count FROM groups WHERE number = ?", [.int(number)]) { Int($0.int(0)) } ?? 0
    }

    /// - Parameter newest: the greatest id so far: what is kept of the group's events up to it is not his.
    func insert(_ member: Member, inGroup number: Int64, of app: AppID, after newest: MessageID) throws {
        try self.run(
            """
            INSERT INTO members (group_number, app, joined_after, \(Self.memberColumns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .int(number), .text(app), .id(newest), .text(member.user), .text(member.role), .time(member.joinedAt),
                .sequence(member.joinedAtSequence), .text(member.nameCard), .text(member.delivery),
                .text(Attributes.encode(member.attributes)),
            ])
        try self.noteMembers(1, inGroup: number, at: member.joinedAt)
    }

    /// Somebody has come, come again, or left.
    /// - Parameter difference: how many more there are by that.
    func noteMembers(_ difference: Int, inGroup number: Int64, at moment: Timestamp) throws {
        try self.run(
            """
            UPDATE groups
            SET member_count = member_count + ?, members_changed_at = MAX(members_changed_at, ?) WHERE number = ?
            """, [.int(difference), .time(moment), .int(number)])
    }

    func update(_ member: Member, inGroup number: Int64) throws {
        try self.run(
            """
            UPDATE members SET role = ?, joined_at = ?, name_card = ?, delivery = ?, attributes = ?
            WHERE group_number = ? AND user_id = ?
            """,
            [
                .text(member.role), .time(member.joinedAt), .text(member.nameCard), .text(member.delivery),
                .text(Attributes.encode(member.attributes)), .int(number), .text(member.user),
            ])
    }

    /// - Returns: whether there was such a member.
    func removeMember(_ user: UserID, fromGroup number: Int64, at moment: Timestamp) throws -> Bool {
        let removed = try self.run(
            "DELETE FROM members WHERE group_number = ? AND user_id = ?", [.int(number), .text(user)])
        guard removed > 0 else { return false }
        try self.noteMembers(-1, inGroup: number, at: moment)
        return true
    }

    func mutes(inGroup number: Int64, now: Timestamp) throws -> [UserID: Timestamp] {
        let rows = try self.all(
            "SELECT user_id, until FROM mutes WHERE group_number = ? AND until > ?", [.int(number), .time(now)]
        ) { (UserID($0.text(0)), $0.time(1)) }
        return Dictionary(rows, uniquingKeysWith: max)
    }

    /// Nil ends the mute.
    func mute(_ user: UserID, inGroup number: Int64, until: Timestamp?) throws {
        guard let until else {
            try self.run("DELETE FROM mutes WHERE group_number = ? AND user_id = ?", [.int(number), .text(user)])
            return
        }
        try self.run(
            """
            INSERT INTO mutes (group_number, user_id, until) VALUES (?, ?, ?)
            ON CONFLICT (group_number, user_id) DO UPDATE SET until = excluded.until
            """, [.int(number), .text(user), .time(until)])
    }
}

extension Member {
    init(row: SQLRow) throws {
        guard let role = Role(rawValue: row.text(1)), let delivery = Delivery(rawValue: row.text(5)) else {
            throw StoreFault.unreadable("member \(row.text(0))")
        }
        self.init(user: UserID(row.text(0)), role: role, joinedAt: row.time(2), delivery: delivery)
        self.joinedAtSequence = row.sequence(3)
        self.nameCard = row.text(4)
        self.attributes = try Attributes.decode(row.text(6))
    }
}
