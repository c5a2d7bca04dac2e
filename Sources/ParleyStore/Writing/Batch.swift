import ParleyCore

/// One transaction under way, and what is to be told when it is committed. Used by the writer's thread only.
final class Batch {
    let connection: SQLConnection
    let book: ConversationBook
    private let repeats: RepeatBook
    let now: Timestamp
    private let identifiers: MessageIDSource
    private let apps: AppBook
    private let audience: EventAudience
    /// Of Apps that are not in memory.
    private var settings: [AppID: AppSettings] = [:]
    private(set) var commit = Commit()
    private(set) var happenings: [Happening] = []
    /// What was said before is no longer as it was.
    var altersTheLog = false
    private(set) var changes: [DirectoryChange] = []

    init(
        connection: SQLConnection, book: ConversationBook, repeats: RepeatBook, now: Timestamp,
        identifiers: MessageIDSource, apps: AppBook, audience: EventAudience
    ) {
        self.connection = connection
        self.book = book
        self.repeats = repeats
        self.now = now
        self.identifiers = identifiers
        self.apps = apps
        self.audience = audience
    }

    /// As great as any id so far.
    var newestID: MessageID { self.identifiers.latest }

    /// The next sequence and a new id, or the first receipt again. The id is made here, on the one thread that writes, so that ids ascend
    /// with sequences.
    func append(_ draft: PreparedDraft) throws -> Receipt {
        let page = try self.book.openPage(of: draft.conversation, on: self.connection)
        if let first = try self.firstReceipt(of: draft, inConversation: page.number) { return first }
        let receipt = Receipt(id: self.identifiers.next(), sequence: page.lastSequence + 1)
        try self.connection.insertEntry(
            receipt.id, page.lastSequence + 1, inConversation: page.number, draft.stored, draft.repeatKey?.digest)
        self.book.advance(page, sentAt: receipt.sentAt, isActivity: draft.stored.traits.isActivity)
        try self.remember(receipt, of: draft, inConversation: page.number)
        self.commit.entries.append(
            Entry(conversation: draft.conversation, sequence: receipt.sequence, id: receipt.id, body: draft.body))
        return receipt
    }

    private func firstReceipt(of draft: PreparedDraft, inConversation number: Int64) throws -> Receipt? {
        if let key = draft.repeatKey {
            return try self.repeats.firstReceipt(
                for: key, inConversation: number, now: self.now, on: self.connection)
        }
        guard let key = draft.deduplication?.key else { return nil }
        return try self.connection.firstReceipt(for: key, inConversation: number, now: self.now)
    }

    private func remember(_ receipt: Receipt, of draft: PreparedDraft, inConversation number: Int64) throws {
        if let key = draft.repeatKey {
            self.repeats.remember(receipt.id, for: key, inConversation: number, now: self.now)
        } else if let repeats = draft.deduplication {
            try self.connection.remember(
                receipt, for: repeats.key, inConversation: number,
                until: self.now.adding(seconds: repeats.lifetimeSeconds))
        }
    }

    /// With an id from the same source as the entries', on the same thread: no follower has passed it over when it is committed.
    func note(_ happening: Happening.Body, in app: AppID) throws {
        guard try self.wants(happening.topic, in: app) else { return }
        let happening = Happening(id: self.identifiers.next(), app: app, body: happening)
        try self.connection.insert(happening)
        self.happenings.append(happening)
        self.commit.hasHappenings = true
    }

    func wants(_ topic: CallbackTopic, in app: AppID) throws -> Bool {
        if let settings = self.apps.app(app)?.settings ?? self.settings[app] { return settings.wants(topic) }
        let settings = try self.connection.app(app)?.settings ?? AppSettings()
        self.settings[app] = settings
        return settings.wants(topic)
    }

    /// What is kept has an id from the same source as the entries'. What is kept already, word for word, is not told again.
    func announce(_ announcement: Announcement) throws {
        guard announcement.isKept, try self.audience.listens(in: announcement.app, on: self.connection) else {
            self.commit.announcements.append(announcement)
            return
        }
        for var piece in announcement.pieces {
            let id = self.identifiers.next()
            guard try self.connection.keep(piece, as: id) else { continue }
            piece.id = id
            self.commit.announcements.append(piece)
        }
    }

    func begin(_ device: DeviceID, of user: UserID, in app: AppID) throws {
        try self.connection.beginEvents(of: device, of: user, in: app, now: self.now)
        self.audience.began(in: app)
    }

    func record(_ change: DirectoryChange) { self.changes.append(change) }

    func record(_ amendment: Amendment) { self.commit.amendments.append(amendment) }

    func record(_ change: MembershipChange) {
        self.commit.memberships.append(change)
        self.changes.append(.member(change))
    }

    /// What is remembered of the group goes as a whole.
    func recordEnd(of group: GroupID, in app: AppID, members: [UserID]) {
        self.commit.memberships += members.map {
            MembershipChange(app: app, group: group, user: $0, member: nil)
        }
        self.changes.append(.groupDeleted(app, group))
    }

    /// Runs `body` so that, if it throws, it undoes what it did and nothing else.
    func isolated<Result>(_ body: (Batch) throws -> Result) throws -> Result {
        let (mark, repeatMark, changeCount) = (self.book.mark, self.repeats.mark, self.changes.count)
        let entryCount = self.commit.entries.count
        let membershipCount = self.commit.memberships.count
        let announcementCount = self.commit.announcements.count
        let amendmentCount = self.commit.amendments.count
        let happeningCount = self.happenings.count
        try self.connection.run("SAVEPOINT job")
        do {
            let result = try body(self)
            try self.connection.run("RELEASE job")
            return result
        } catch {
            // After a full disk or an I/O error nothing is left of the whole transaction; who runs the batch sees that.
            if self.connection.isInTransaction {
                try self.connection.run("ROLLBACK TO job")
                try self.connection.run("RELEASE job")
            }
            self.book.rollBack(to: mark)
            self.repeats.rollBack(to: repeatMark)
            self.changes.removeSubrange(changeCount...)
            self.commit.entries.removeSubrange(entryCount...)
            self.commit.memberships.removeSubrange(membershipCount...)
            self.commit.announcements.removeSubrange(announcementCount...)
            self.commit.amendments.removeSubrange(amendmentCount...)
            self.happenings.removeSubrange(happeningCount...)
            throw error
        }
    }
}

/// A draft whose rows are already made.
final class PreparedDraft: Sendable {
    let conversation: ConversationID
    let body: Entry.Body
    let stored: EntryBody
    let deduplication: DeduplicationKey?
    /// Nil: there is no key, or one that lives long.
    let repeatKey: RepeatKey?

    /// - Throws: ``StoreFault/unwritable(_:)``.
    init(_ draft: Draft) throws {
        self.conversation = draft.conversation
        self.body = draft.body
        self.stored = try EntryBody(draft.body)
        self.deduplication = draft.deduplication
        self.repeatKey = draft.deduplication.flatMap { RepeatKey($0) }
    }
}
