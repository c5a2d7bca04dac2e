import ParleyCore

/// Users' lists of conversations, in SQL. Their order is the conversations' own: a message that is for a few moves its conversation up for all.
extension SQLConnection {
    private static let listColumns = """
        c.number, c.kind, c.a, c.b, c.last_sequence, c.active_sequence, c.active_at, theirs.joined, theirs.delivery,
        theirs.name, \(Self.placeColumns)
        """

    private static let listTables = """
        theirs JOIN conversations c ON c.number = theirs.number
        LEFT JOIN places p ON p.app = ?1 AND p.user_id = ?2 AND p.conversation = c.number
        """

    /// Something was said since he joined, or it is pinned; and something was said since he removed it.
    private static let isListed = """
        (p.pinned_at IS NOT NULL OR c.active_sequence > theirs.joined)
            AND (p.removed_through IS NULL OR p.removed_through < c.active_sequence)
        """

    func conversations(
        of user: UserID, in app: AppID, marked marks: Marks, from bookmark: ConversationPage.Bookmark?, limit: Int
    ) throws -> ConversationPage {
        let limit = max(1, limit)
        let order = "(p.pinned_at IS NOT NULL), COALESCE(p.pinned_at, c.active_at), c.number"
        let start = bookmark.map { [.bool($0.isPinned), .time($0.moment), .int($0.number)] as [SQLValue] } ?? []
        var rows = try self.all(
            """
            \(Self.ownConversations)
            SELECT \(Self.listColumns) FROM \(Self.listTables)
            WHERE \(Self.isListed) AND (?4 = 0 OR p.marks & ?4 <> 0)
                \(bookmark == nil ? "" : "AND (\(order)) < (?5, ?6, ?7)")
            ORDER BY (p.pinned_at IS NOT NULL) DESC, COALESCE(p.pinned_at, c.active_at) DESC, c.number DESC LIMIT ?3
            """, [.text(app), .text(user), .int(limit + 1), .int(Int64(marks.rawValue))] + start
        ) { try ListRow($0, of: user) }
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast() }
        return ConversationPage(
            summaries: try rows.map { try self.summary($0, in: app) }, next: hasMore ? rows.last?.bookmark : nil)
    }

    /// Nil: the user is not in it.
    func summary(of conversation: ConversationID, for user: UserID) throws -> ConversationSummary? {
        let row: ListRow?
        if let number = try self.conversation(conversation)?.number {
            row = try self.first(
                """
                \(Self.ownConversations)
                SELECT \(Self.listColumns) FROM \(Self.listTables) WHERE c.number = ?3
                """, [.text(conversation.app), .text(user), .int(number)]
            ) { try ListRow($0, of: user) }
        } else {
            row = try self.rowOfSilence(in: conversation, for: user)
        }
        return try row.map { try self.summary($0, in: conversation.app) }
    }

    /// Where nothing was ever said.
    private func rowOfSilence(in conversation: ConversationID, for user: UserID) throws -> ListRow? {
        var row = ListRow(place: try self.place(of: user, in: conversation))
        switch conversation.conversation {
        case .group(let id):
            guard let group = try self.group(id, in: conversation.app),
                let number = try self.groupNumber(id, in: conversation.app),
                try self.member(user, ofGroup: number) != nil
            else { return nil }
            row.name = group.name
        case .direct(let pair): guard user == pair.lesser || user == pair.greater else { return nil }
        case .system(let owner): guard user == owner else { return nil }
        case .room: return nil
        }
        return row
    }

    func unread(of user: UserID, in app: AppID) throws -> (messages: Int, conversations: Int) {
        var (messages, conversations) = (0, 0)
        for row in try self.listed(for: user, in: app) where !row.place.isMuted {
            // Once the sum is "this many or more", it matters only whether there is anything.
            let limit = max(1, Unread.limit - messages)
            let count = try self.unread(row, in: app, limit: limit).count
            messages = min(Unread.limit, messages + count)
            if count > 0 { conversations += 1 }
        }
        return (messages, conversations)
    }

    func unreadDirectMessages(of user: UserID, in app: AppID) throws -> Int {
        var messages = 0
        for row in try self.listed(for: user, in: app) {
            if case .direct = row.place.conversation { messages += try self.unread(row, in: app).count }
        }
        return messages
    }

    private func listed(for user: UserID, in app: AppID) throws -> [ListRow] {
        try self.all(
            "\(Self.ownConversations) SELECT \(Self.listColumns) FROM \(Self.listTables) WHERE \(Self.isListed)",
            [.text(app), .text(user)]
        ) { try ListRow($0, of: user) }
    }

    private func summary(_ row: ListRow, in app: AppID) throws -> ConversationSummary {
        var summary = ConversationSummary(
            place: row.place, lastSequence: row.lastSequence,
            activeAt: row.activeSequence > row.joinedAtSequence ? row.activeAt : .distantPast,
            lastMessage: try self.lastMessage(row, in: app), unread: try self.unread(row, in: app), name: row.name)
        if case .direct(let pair) = row.place.conversation, pair.lesser != pair.greater {
            let peer = pair.peer(of: row.place.user)
            let conversation = ConversationID(app: app, row.place.conversation)
            summary.peerReadThrough = try self.place(of: peer, in: conversation, number: row.number).readThrough
            summary.name = try self.first(
                "SELECT name FROM users WHERE app = ? AND id = ?", [.text(app), .text(peer)]
            ) { $0.optionalText(0) }.flatMap { $0 }
        }
        return summary
    }

    /// What is not delivered is not waiting: for a member with ``Member/Delivery/discard`` nothing is unread (Tencent: "not received"). The
    /// conversation is in his list all the same, and its history his to look up.
    private func unread(_ row: ListRow, in app: AppID, limit: Int = Unread.limit) throws -> Unread {
        guard row.delivery != .discard else { return Unread() }
        let outOfReach = row.lastSequence - min(Unread.reach, row.lastSequence)
        let after = max(row.shownAfter, row.place.readThrough, outOfReach)
        guard after < row.lastSequence else { return Unread() }
        return try self.unread(
            of: row.place.user, in: ConversationID(app: app, row.place.conversation), number: row.number, after: after,
            limit: limit)
    }

    /// Looked for backwards among the newest few hundred: the first is nearly always it. Nil: there is none, or it is further back.
    private func lastMessage(_ row: ListRow, in app: AppID) throws -> Entry? {
        let conversation = ConversationID(app: app, row.place.conversation)
        var viewer = Viewer(user: row.place.user, shownAfter: row.shownAfter)
        var upTo = row.activeSequence
        for limit in [1, 20, 200] {
            guard upTo > row.shownAfter else { return nil }
            let entries = try self.all(
                """
                SELECT \(Self.entryColumns) FROM entries e
                WHERE conversation = ? AND sequence BETWEEN ? AND ? AND kind = 'message' AND leaves_no_trace = 0
                ORDER BY sequence DESC LIMIT ?
                """, [.int(row.number), .sequence(row.shownAfter + 1), .sequence(upTo), .int(limit)]
            ) { try Entry(row: $0, in: conversation) }
            guard let oldest = entries.last?.sequence else { return nil }
            viewer.hidden = try self.hidden(
                from: viewer.user, in: app, inConversation: row.number, oldest...upTo)
            let last = entries.first {
                $0.message?.options.updatesConversation == true && $0.isVisible(to: viewer, for: .history)
            }
            if let last { return last }
            upTo = oldest - 1
        }
        return nil
    }
}

private struct ListRow {
    /// 0, which is no conversation's: it has none yet.
    var number: Int64 = 0
    var place: Place
    var lastSequence: UInt64 = 0
    var activeSequence: UInt64 = 0
    var activeAt = Timestamp.distantPast
    var joinedAtSequence: UInt64 = 0
    var delivery: Member.Delivery?
    var name: String?

    init(place: Place) { self.place = place }

    init(_ row: SQLRow, of user: UserID) throws {
        let conversation = try Conversation(kind: row.text(1), a: row.text(2), b: row.text(3))
        self.number = row.int(0)
        self.place = Place(user: user, conversation: conversation).filled(from: row, 10)
        self.lastSequence = row.sequence(4)
        self.activeSequence = row.sequence(5)
        self.activeAt = row.time(6)
        self.joinedAtSequence = row.sequence(7)
        self.delivery = row.optionalText(8).flatMap(Member.Delivery.init(rawValue:))
        self.name = row.optionalText(9)
        if let delivery = self.delivery { self.place.isMuted = delivery != .notify }
    }

    var shownAfter: UInt64 { max(self.joinedAtSequence, self.place.clearedThrough) }

    var bookmark: ConversationPage.Bookmark {
        ConversationPage.Bookmark(
            isPinned: self.place.pinnedAt != nil, moment: self.place.pinnedAt ?? self.activeAt, number: self.number)
    }
}
