import ParleyCore

/// What rules read and change, on the writer's thread, inside the batch's transaction. Of no use once the closure it was handed to has ended.
final class Transaction: DirectoryTransaction {
    let app: AppID
    private let openBatch: Batch
    private var isOpen = true
    private var groupNumbers: [GroupID: Int64] = [:]
    private var announcements: [Announcement] = []

    var batch: Batch {
        precondition(self.isOpen, "a transaction was used after its closure had ended")
        return self.openBatch
    }

    var connection: SQLConnection { self.batch.connection }
    var now: Timestamp { self.batch.now }

    init(_ batch: Batch, app: AppID) {
        self.openBatch = batch
        self.app = app
    }

    static func run<Result>(
        in batch: Batch, _ app: AppID, _ body: (Transaction) throws -> Result
    ) throws -> Result {
        let transaction = Transaction(batch, app: app)
        defer { transaction.isOpen = false }
        let result = try body(transaction)
        for announcement in transaction.announcements { try batch.announce(announcement) }
        return result
    }

    // MARK: Users

    func user(_ id: UserID) throws -> User? { try self.connection.user(id, in: self.app) }

    func departure(of user: UserID) throws -> Timestamp? { try self.connection.departure(of: user, in: self.app) }

    func save(_ user: User) throws {
        // What came for him who had the id before is not for this one.
        if try self.departure(of: user.id) != nil, try self.user(user.id) == nil {
            try self.connection.forgetEvents(of: user.id, in: self.app)
        }
        try self.connection.save(user, in: self.app)
        self.batch.record(.user(self.app, user.id, user))
    }

    func delete(_ user: UserID) throws {
        for group in try self.groups(of: user) { try self.remove(user, from: group) }
        for blocker in try self.connection.blockers(of: user, in: self.app) {
            self.batch.record(.block(self.app, blocker, user, false))
        }
        try self.connection.forgetBlocks(of: user, in: self.app)
        try self.connection.forgetCursors(of: user, in: self.app)
        try self.connection.forgetEvents(of: user, in: self.app)
        try self.connection.forgetPush(of: user, in: self.app)
        try self.connection.forgetContacts(of: user, in: self.app)
        try self.connection.forgetStatuses(of: user, in: self.app)
        try self.connection.forgetReactions(of: user, in: self.app)
        try self.clearPlaces(of: user)
        try self.connection.deleteUser(user, in: self.app, at: self.now)
        self.batch.record(.blocksForgotten(self.app, user))
        self.batch.record(.user(self.app, user, nil))
    }

    func block(_ user: UserID, by blocker: UserID) throws {
        try self.connection.block(user, by: blocker, in: self.app)
        self.batch.record(.block(self.app, blocker, user, true))
    }

    func unblock(_ user: UserID, by blocker: UserID) throws {
        try self.connection.unblock(user, by: blocker, in: self.app)
        self.batch.record(.block(self.app, blocker, user, false))
    }

    // MARK: Groups

    func group(_ id: GroupID) throws -> Group? { try self.connection.group(id, in: self.app) }

    func save(_ group: Group) throws {
        try self.connection.save(group, in: self.app)
        self.batch.record(.group(self.app, group))
    }

    func delete(_ group: GroupID) throws {
        if let number = try self.number(of: group) {
            self.batch.recordEnd(of: group, in: self.app, members: try self.connection.memberIDs(ofGroup: number))
            self.batch.altersTheLog = true
            try self.connection.deleteGroup(number)
            self.groupNumbers[group] = nil
        }
        try self.batch.book.retire(
            ConversationID(app: self.app, .group(group)), at: self.now, on: self.connection)
    }

    func number(of group: GroupID) throws -> Int64? {
        if let number = self.groupNumbers[group] { return number }
        let number = try self.connection.groupNumber(group, in: self.app)
        self.groupNumbers[group] = number
        return number
    }

    func existingNumber(of group: GroupID) throws -> Int64 {
        guard let number = try self.number(of: group) else { throw Rejection.groupNotFound(group) }
        return number
    }

    // MARK: Members

    func member(_ user: UserID, of group: GroupID) throws -> Member? {
        try self.number(of: group).flatMap { try self.connection.member(user, ofGroup: $0) }
    }

    func members(of group: GroupID) throws -> [Member] {
        try self.number(of: group).map { try self.connection.members(ofGroup: $0) } ?? []
    }

    func memberIDs(of group: GroupID) throws -> [UserID] {
        try self.number(of: group).map { try self.connection.memberIDs(ofGroup: $0) } ?? []
    }

    func memberCount(of group: GroupID) throws -> Int {
        try self.number(of: group).map { try self.connection.memberCount(ofGroup: $0) } ?? 0
    }

    func groups(of user: UserID) throws -> [GroupID] { try self.connection.groupIDs(of: user, in: self.app) }

    func groups(ownedBy user: UserID) throws -> [GroupID] {
        try self.connection.groups(ownedBy: user, in: self.app)
    }

    func save(_ member: Member, of group: GroupID) throws {
        let number = try self.existingNumber(of: group)
        let rules = try self.group(group)?.type.rules
        var member = member
        if let existing = try self.connection.member(member.user, ofGroup: number) {
            member.joinedAtSequence = existing.joinedAtSequence
            try self.connection.update(member, inGroup: number)
            if member.joinedAt != existing.joinedAt {
                try self.connection.noteMembers(0, inGroup: number, at: member.joinedAt)
            }
        } else {
            let showsAll = rules?.showsHistoryFromBeforeJoining ?? true
            member.joinedAtSequence = showsAll ? 0 : try self.lastSequence(of: .group(group))
            try self.connection.insert(member, inGroup: number, of: self.app, after: self.batch.newestID)
            // Where nothing counts as unread, a row for each who ever came would say nothing.
            if showsAll, rules?.countsUnread ?? true { try self.passOver(group, for: member.user) }
        }
        self.batch.record(
            MembershipChange(
                app: self.app, group: group, user: member.user, member: member, isThread: rules?.isThread ?? false))
    }

    /// What was said before he joined he may look up, but it is not news to him.
    private func passOver(_ group: GroupID, for user: UserID) throws {
        let last = try self.lastSequence(of: .group(group))
        guard last > 0 else { return }
        var place = try self.place(of: user, in: .group(group))
        place.readThrough = last
        try self.save(place)
    }

    /// His place stays, but for where it stands in the list: should he come back, what he has read or cleared is not new, and it is never beyond
    /// what the conversation has reached by then.
    func remove(_ user: UserID, from group: GroupID) throws {
        guard let number = try self.number(of: group),
            try self.connection.removeMember(user, fromGroup: number, at: self.now)
        else { return }
        if let page = try self.page(of: .group(group)) {
            try self.connection.resetListing(of: user, in: self.app, inConversation: page.number)
        }
        self.batch.record(MembershipChange(app: self.app, group: group, user: user, member: nil))
    }

    func mutes(in group: GroupID) throws -> [UserID: Timestamp] {
        try self.number(of: group).map { try self.connection.mutes(inGroup: $0, now: self.now) } ?? [:]
    }

    func mute(_ user: UserID, in group: GroupID, until: Timestamp?) throws {
        let number = try self.existingNumber(of: group)
        let until = until.flatMap { $0 > self.now ? $0 : nil }
        try self.connection.mute(user, inGroup: number, until: until)
        self.batch.record(.mute(self.app, group, user, until))
    }

    // MARK: The log

    func entry(_ id: MessageID) throws -> Entry? { try self.connection.entry(id, in: self.app) }

    func entry(_ sequence: UInt64, of conversation: Conversation) throws -> Entry? {
        try self.connection.entry(sequence, of: ConversationID(app: self.app, conversation))
    }

    func lastSequence(of conversation: Conversation) throws -> UInt64 {
        try self.page(of: conversation)?.lastSequence ?? 0
    }

    func activeSequence(of conversation: Conversation) throws -> UInt64 {
        try self.page(of: conversation)?.end.activeSequence ?? 0
    }

    func page(of conversation: Conversation) throws -> ConversationBook.Page? {
        try self.batch.book.page(of: ConversationID(app: self.app, conversation), on: self.connection)
    }

    func append(_ body: Entry.Body, to conversation: Conversation) throws -> Receipt {
        let id = ConversationID(app: self.app, conversation)
        return try self.batch.append(PreparedDraft(Draft(conversation: id, body: body)))
    }

    func markRecalled(_ id: MessageID, leavesNoTrace: Bool) throws {
        self.batch.altersTheLog = true
        try self.connection.markRecalled(id, leavesNoTrace: leavesNoTrace, in: self.app)
    }

    func replace(_ id: MessageID, with message: Message, _ mark: EditMark) throws {
        self.batch.altersTheLog = true
        try self.connection.replace(id, with: EntryBody(.message(message)), mark, in: self.app)
    }

    func amend(_ id: MessageID, _ options: MessageOptions) throws {
        guard let entry = try self.entry(id), entry.message != nil else { return }
        self.batch.altersTheLog = true
        try self.connection.amend(entry, options)
        self.batch.record(Amendment(entry.conversation, entry.sequence ?? 0, options))
    }

    // MARK: Signals

    func note(_ happening: Happening.Body) throws { try self.batch.note(happening, in: self.app) }

    func wants(_ topic: CallbackTopic) throws -> Bool { try self.batch.wants(topic, in: self.app) }

    func announce(_ announcement: Announcement) { self.announcements.append(announcement) }
}
