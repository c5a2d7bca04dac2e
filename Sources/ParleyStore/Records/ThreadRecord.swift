import ParleyCore

/// Threads in SQL: groups that have an origin.
extension SQLConnection {
    /// By the numbers of groups or, of one user's, by those of his memberships.
    func threads(_ selection: ThreadSelection) throws -> [FoundThread] {
        let order = selection.user == nil ? "g.number" : "m.number"
        let tables =
            selection.user == nil
            ? "groups g" : "members m JOIN groups g ON g.number = m.group_number AND m.app = ?1 AND m.user_id = ?4"
        let (comparison, direction) = selection.isOldestFirst ? (">", "ASC") : ("<", "DESC")
        let start = selection.after ?? (selection.isOldestFirst ? 0 : Int64.max)
        return try self.all(
            """
            SELECT \(order), \(Self.prefixed(Self.groupColumns, "g")) FROM \(tables)
            WHERE g.app = ?1 AND g.origin_group IS NOT NULL AND \(selection.group == nil ? "?2 = ''" : "g.origin_group = ?2")
                AND \(order) \(comparison) ?3
            ORDER BY \(order) \(direction) LIMIT ?\(selection.user == nil ? 4 : 5)
            """,
            [.text(selection.app), .text(selection.group?.rawValue ?? ""), .int(start)]
                + (selection.user.map { [.text($0)] } ?? []) + [.int(selection.limit)]
        ) { FoundThread(try Group(row: $0, from: 1), position: $0.int(0)) }
    }

    func threads(on messages: [MessageID], in app: AppID) throws -> [Group] {
        try messages.compactMap { message in
            try self.first(
                "SELECT \(Self.groupColumns) FROM groups WHERE app = ? AND origin_message = ?",
                [.text(app), .id(message)]
            ) { try Group(row: $0) }
        }
    }

    func thread(on message: MessageID, in app: AppID) throws -> GroupID? {
        try self.first("SELECT id FROM groups WHERE app = ? AND origin_message = ?", [.text(app), .id(message)]) {
            GroupID($0.text(0))
        }
    }

    func threads(of group: GroupID, joinedBy user: UserID?, in app: AppID) throws -> [GroupID] {
        guard let user else {
            return try self.all(
                "SELECT id FROM groups WHERE app = ? AND origin_group = ? ORDER BY number", [.text(app), .text(group)]
            ) { GroupID($0.text(0)) }
        }
        return try self.all(
            """
            SELECT g.id FROM members m JOIN groups g ON g.number = m.group_number
            WHERE m.app = ?1 AND m.user_id = ?2 AND g.app = ?1 AND g.origin_group = ?3 ORDER BY m.number
            """, [.text(app), .text(user), .text(group)]
        ) { GroupID($0.text(0)) }
    }

    func threadCount(joinedBy user: UserID?, in app: AppID) throws -> Int {
        let count =
            if let user {
                try self.first(
                    """
                    SELECT COUNT(*) FROM members m JOIN groups g ON g.number = m.group_number
                    WHERE m.app = ? AND m.user_id = ? AND g.origin_group IS NOT NULL
                    """, [.text(app), .text(user)]
                ) { Int($0.int(0)) }
            } else {
                try self.first(
                    "SELECT COUNT(*) FROM groups WHERE app = ? AND origin_group IS NOT NULL", [.text(app)]
                ) { Int($0.int(0)) }
            }
        return count ?? 0
    }

    /// What counts as unread for everyone else is what everyone else can read.
    func messageCount(of conversation: ConversationID) throws -> Int {
        try self.first(
            """
            SELECT COUNT(*) FROM entries
            WHERE conversation = (\(Self.liveConversation)) AND counts = 1 AND is_recalled = 0
            """, conversation.values
        ) { Int($0.int(0)) } ?? 0
    }
}
