/// Apps, users, groups and who is in them. What the send path reads is answered from memory.
///
/// All changes go through ``write(_:_:)``: rules are synchronous code over a ``DirectoryTransaction``, so that what they read cannot change under
/// them, and what they appended is in the same transaction.
package protocol Directory: Contacts, Statuses, Rooms, Threads, EventLog {
    func apps() async throws -> [App]
    func app(_ id: AppID) async throws -> App?
    /// The App whose credential in `dialect` has this key. Answered from memory once known.
    func app(dialect: DialectName, key: String) async throws -> App?
    /// Creates or replaces. The key of a credential must not be another App's.
    func save(_ app: App) async throws
    /// In one transaction: what others change at the same time is not lost.
    /// - Returns: the App afterwards; nil, where there is none.
    @discardableResult
    func changeApp(_ id: AppID, _ change: @escaping @Sendable (inout App) throws -> Void) async throws -> App?

    func user(_ id: UserID, in app: AppID) async throws -> User?
    /// In the order of creation, after the user `after` (nil: from the first), at most `limit`.
    func users(in app: AppID, after: UserID?, limit: Int) async throws -> [User]
    /// Who may not speak in all groups, all rooms or to anybody alone, in the order of creation, at most `limit` after the first `offset`.
    func usersMuted(in app: AppID, at moment: Timestamp, offset: Int, limit: Int) async throws -> [User]

    func group(_ id: GroupID, in app: AppID) async throws -> GroupSnapshot?
    /// Newest first, after the group `after` (nil: from the newest), at most `limit`.
    func groups(in app: AppID, after: GroupID?, limit: Int) async throws -> [Group]
    /// The groups that `user` is in, in the order of joining.
    func groups(of user: UserID, in app: AppID) async throws -> [(group: Group, member: Member)]

    func hasBlocked(_ user: UserID, _ other: UserID, in app: AppID) async throws -> Bool
    /// Whom `user` has blocked, newest first.
    func blocked(by user: UserID, in app: AppID) async throws -> [UserID]

    /// Runs `body` on the writer's thread, inside a transaction, and returns when what it did is durable. If `body` throws, nothing was done.
    func write<Result: Sendable>(
        in app: AppID, _ body: @escaping @Sendable (any DirectoryTransaction) throws -> Result
    ) async throws -> Result
}

/// What a rule may read and change. Valid only inside the closure it was handed to.
package protocol DirectoryTransaction: ContactTransaction, StatusTransaction, RoomTransaction, ThreadTransaction,
    ReactionTransaction
{
    var app: AppID { get }
    var now: Timestamp { get }

    func user(_ id: UserID) throws -> User?
    /// Creates or replaces.
    func save(_ user: User) throws
    /// Also leaves the user's groups and forgets contacts, blocks, profile and status, cursors, places and reactions. What the user said stays, but not for who
    /// has the id next: his conversations are cleared.
    func delete(_ user: UserID) throws
    /// When a user of this id was deleted last.
    func departure(of user: UserID) throws -> Timestamp?

    func group(_ id: GroupID) throws -> Group?
    /// Creates or replaces.
    func save(_ group: Group) throws
    /// Also its members, mutes, standings and attributes, of which the last go a little later where they are many. Its log ends: a group made later with the same id starts with sequence 1.
    func delete(_ group: GroupID) throws

    func member(_ user: UserID, of group: GroupID) throws -> Member?
    /// In the order of joining.
    func members(of group: GroupID) throws -> [Member]
    /// The same, in no order.
    func memberIDs(of group: GroupID) throws -> [UserID]
    func memberCount(of group: GroupID) throws -> Int
    func groups(of user: UserID) throws -> [GroupID]
    /// Whether or not he is in them, in the order of creation.
    func groups(ownedBy user: UserID) throws -> [GroupID]
    /// Creates or replaces. A new member's `joinedAtSequence` is set to what the conversation has reached, or 0 where the type of the
    /// group shows what was said before.
    func save(_ member: Member, of group: GroupID) throws
    /// His place in the conversation stays, neither pinned, marked nor removed: should he come back, what he has read or cleared is not new. What was
    /// said before a member joined never counts as unread.
    func remove(_ user: UserID, from group: GroupID) throws

    func mutes(in group: GroupID) throws -> [UserID: Timestamp]
    /// Nil or a moment that has passed ends the mute.
    func mute(_ user: UserID, in group: GroupID, until: Timestamp?) throws

    func block(_ user: UserID, by: UserID) throws
    func unblock(_ user: UserID, by: UserID) throws

    func entry(_ id: MessageID) throws -> Entry?
    func entry(_ sequence: UInt64, of conversation: Conversation) throws -> Entry?
    func lastSequence(of conversation: Conversation) throws -> UInt64
    /// Of the newest message that updates the conversation and is kept: what moves it up in lists. 0 where there was none.
    func activeSequence(of conversation: Conversation) throws -> UInt64
    func append(_ body: Entry.Body, to conversation: Conversation) throws -> Receipt
    /// Marks a message as recalled, in history and for whoever has not read it yet, and the edits that it has had. It is pinned no longer, and has no
    /// reactions.
    func markRecalled(_ id: MessageID, leavesNoTrace: Bool) throws
    /// Puts another message in the place of one, in history and for whoever has not read it yet; edits before this one are marked as recalled. Sender,
    /// audience and what counts stay.
    func replace(_ id: MessageID, with message: Message, _ mark: EditMark) throws
    /// Changes how a message is treated, in history and for whoever has not read it yet, and in the edit that says what it says now. It is not edited by
    /// that. What counts stays, but for whether it asks for receipts.
    func amend(_ id: MessageID, _ options: MessageOptions) throws

    /// A new ``Place`` where there is none. In a group, ``Place/isMuted`` is what the member's delivery says.
    func place(of user: UserID, in conversation: Conversation) throws -> Place
    /// Creates or replaces; also in a conversation in which nothing was said yet. In a group, ``Place/isMuted`` is not kept here.
    func save(_ place: Place) throws
    /// Notes that `user` has read the messages of others after one sequence and up to another that ask for receipts and that he may see.
    /// Of more than 10,000 only the newest.
    /// - Returns: those that he had not read before, oldest first, with how many have read each by now.
    func acknowledge(
        after: UInt64, through: UInt64, of conversation: Conversation, by user: UserID
    ) throws -> [Acknowledgement]
    /// The same for one message. Nil: there is nothing to note.
    func acknowledge(_ id: MessageID, of conversation: Conversation, by user: UserID) throws -> Acknowledgement?
    /// Pins a message at this moment, or pins it anew.
    func pin(_ message: MessageID, of conversation: Conversation, by user: UserID) throws
    /// - Returns: false when it was not pinned there.
    func unpin(_ message: MessageID, of conversation: Conversation) throws -> Bool
    func pinCount(of conversation: Conversation) throws -> Int
    /// - Returns: false when it was hidden before.
    func hide(_ sequence: UInt64, of conversation: Conversation, from user: UserID) throws -> Bool
    /// For callbacks, in the order of what is appended. Writes nothing unless some rule of the App is told of it.
    func note(_ happening: Happening.Body) throws
    /// Whether it would.
    func wants(_ topic: CallbackTopic) throws -> Bool
    /// Tells those who are connected, once all is committed; and keeps what is kept for the others (``EventLog``), in the order of what is announced.
    func announce(_ announcement: Announcement)
}

extension DirectoryTransaction {
    /// - Parameter isSilent: it holds from now on, and clients are not told.
    package func announce(_ event: Event, to recipients: Announcement.Recipients, isSilent: Bool = false) {
        self.announce(Announcement(app: self.app, event: event, recipients: recipients, isSilent: isSilent))
    }
}
