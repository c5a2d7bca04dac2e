import ParleyCore

// The list of conversations: `qryRelation`, `qryRelationR`, `delRelation`.

extension ClientQuery {
    /// v2 and v3.
    func conversationsOldSDK() async throws -> [UInt8] {
        let input = try self.read(WireRelationsInput.self)
        return try await self.conversations(RelationRange(type: input.type, count: input.count, time: 0, order: 0))
    }

    /// v4 and v5.
    func conversations() async throws -> [UInt8] {
        let input = try self.read(WireRelationQryInput.self)
        return try await self.conversations(
            RelationRange(type: input.type, count: input.count, time: input.startTime, order: input.order))
    }

    /// The conversation appears again when something is said in it.
    func removeConversation() async throws -> [UInt8] {
        let input = try self.read(WireRelationsInput.self)
        guard let conversation = try self.conversation(input.type, self.target) else { return [] }
        try await self.core.changePlace(in: conversation, of: self.user, in: self.app) { place, last, _ in
            if last > 0 { place.removedThrough = last }
        }
        return []
    }

    private func conversations(_ range: RelationRange) async throws -> [UInt8] {
        let (summaries, isFinished) = try await self.summaries(range)
        var output = WireRelationsOutput.with { $0.isFinished = isFinished }
        var bytes = 0
        for (index, summary) in summaries.enumerated() {
            // As with history: what shares a millisecond is not torn apart.
            let isTie = index > 0 && summaries[index - 1].activeAt == summary.activeAt
            guard isTie || index < range.count && bytes < Self.pageBytes else {
                output.isFinished = false
                break
            }
            guard let relation = try await self.relation(summary) else { continue }
            bytes += relation.msg.content.count
            output.info.append(relation)
        }
        return output.wireBytes
    }

    /// Newest first; the user's list has the pinned ones before the others. A few more than were asked for.
    private func summaries(_ range: RelationRange) async throws -> ([ConversationSummary], isFinished: Bool) {
        var found: [ConversationSummary] = []
        var bookmark: ConversationPage.Bookmark?
        for _ in 0..<Self.listPages {
            let page = try await self.core.places.conversations(
                of: self.user, in: self.app, from: bookmark, limit: Self.listPage)
            found += page.summaries.filter { range.includes($0) }
            let others = found.filter { $0.place.pinnedAt == nil }
            let isEnough =
                others.count > range.count && others[range.count - 1].activeAt > others[others.count - 1].activeAt
            guard let next = page.next, !range.isPassed(by: next) else {
                return (found.sorted { $0.activeAt > $1.activeAt }, true)
            }
            if isEnough { break }
            bookmark = range.skipping(to: next)
        }
        return (found.sorted { $0.activeAt > $1.activeAt }, false)
    }

    private static let listPage = 100
    private static let listPages = 100

    /// Nil: there is nothing to show, and only v5 can do without a message.
    private func relation(_ summary: ConversationSummary) async throws -> WireRelationInfo? {
        guard let (entry, message) = try await self.lastMessage(summary) else { return nil }
        let (type, target) = summary.place.conversation.wireName(for: self.user, of: entry.message?.sender)
        let readTime = try await self.readTime(summary)
        return .with {
            $0.type = Int32(type.rawValue)
            $0.userID = target
            $0.msg = message
            $0.readMsgTime = readTime
            $0.unreadCount = Int64(summary.unread.count)
            $0.versionTime = summary.activeAt.milliseconds
        }
    }

    /// The last one may be of those that clients are not shown: then it is the one before.
    private func lastMessage(_ summary: ConversationSummary) async throws -> (Entry, WireDownStreamMessage)? {
        guard let entry = summary.lastMessage else { return nil }
        if let message = self.spelled(entry) { return (entry, message) }
        guard let sequence = entry.sequence else { return nil }
        var walk = HistoryWalk(self, summary.place.conversation, from: .before(sequence), pieces: 20)
        while let entry = try await walk.next() {
            if let message = self.spelled(entry) { return (entry, message) }
        }
        return nil
    }

    private func readTime(_ summary: ConversationSummary) async throws -> Int64 {
        if summary.unread.count == 0 { return summary.activeAt.milliseconds }
        let through = summary.place.readThrough
        guard through > 0 else { return 0 }
        let entry = try await self.core.log.entry(through, of: self.id(of: summary.place.conversation))
        return entry?.sentAt.milliseconds ?? 0
    }
}

/// Which conversations of the list a client asks for.
private struct RelationRange {
    /// SDKs say 1 and mean all types: they choose from the answer what the app asked for.
    let type: Int32
    let count: Int
    /// Milliseconds; 0: any time.
    let time: Int64
    /// Newer ones than `time`, in place of older ones.
    let isForward: Bool

    /// v2 says 0 for "as many as there are".
    init(type: Int32, count: Int32, time: Int64, order: Int32) {
        self.type = type
        self.count = count > 0 ? min(Int(count), 1000) : 300
        self.time = max(0, time)
        self.isForward = order == 1
    }

    func includes(_ summary: ConversationSummary) -> Bool {
        if self.time > 0 {
            let moment = summary.activeAt.milliseconds
            guard self.isForward ? moment > self.time : moment < self.time else { return false }
        }
        switch summary.place.conversation {
        case .direct: return self.type <= 1
        case .group(let group) where group.chatRoom != nil: return false
        case .group: return self.type <= 1 || self.type == ConversationType.group.rawValue
        case .system: return self.type <= 1 || self.type == ConversationType.system.rawValue
        case .room: return false
        }
    }

    /// All that follow are too old.
    func isPassed(by bookmark: ConversationPage.Bookmark) -> Bool {
        !bookmark.isPinned && self.isForward && bookmark.moment.milliseconds <= self.time
    }

    /// Behind the pinned ones the list is in the order of time, and what is too new need not be read.
    func skipping(to bookmark: ConversationPage.Bookmark) -> ConversationPage.Bookmark {
        guard self.time > 0, !self.isForward, !bookmark.isPinned, bookmark.moment.milliseconds > self.time else {
            return bookmark
        }
        return ConversationPage.Bookmark(isPinned: false, moment: Timestamp(milliseconds: self.time), number: 0)
    }
}

extension Conversation {
    /// What clients call it: to them, each whom the App speaks through is a conversation of its own.
    func wireName(for user: UserID, of sender: UserID?) -> (type: ConversationType, target: String) {
        switch self {
        case .direct(let pair): (.direct, pair.peer(of: user).rawValue)
        case .group(let group): (.group, group.rawValue)
        case .room(let room): (.room, room.rawValue)
        case .system(let owner): (.system, (sender ?? owner).rawValue)
        }
    }
}
