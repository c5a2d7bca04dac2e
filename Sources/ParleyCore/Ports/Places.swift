/// How users see conversations: their lists, how far they have read, what they hid. Changed through a ``DirectoryTransaction``.
package protocol Places: Sendable {
    /// A new ``Place`` where there is none.
    func place(of user: UserID, in conversation: ConversationID) async throws -> Place
    /// Of the conversations that the user has pinned, or muted; a group that is muted and not pinned is not among them, because the member's delivery says
    /// it.
    func markedPlaces(of user: UserID, in app: AppID) async throws -> [Place]
    /// The user's list, from a bookmark on (nil: from the top): groups he is in, direct and system conversations in which something was said (in a
    /// group: since he joined) or that are pinned, without those he removed. What he cleared stays in the list. At most `limit`.
    ///
    /// Only messages that update the conversation and are kept make it appear, and move it up.
    ///
    /// - Parameter marks: only those that have one of these; none: all.
    func conversations(
        of user: UserID, in app: AppID, marked marks: Marks, from: ConversationPage.Bookmark?, limit: Int
    ) async throws -> ConversationPage
    /// One of them, or one that is not in the list: removed, or nothing was said there yet. Nil: the user is not in it.
    func summary(of conversation: Conversation, for user: UserID, in app: AppID) async throws -> ConversationSummary?
    /// Over all conversations in the list that are not muted: how many messages, in how many conversations.
    func unread(of user: UserID, in app: AppID) async throws -> (messages: Int, conversations: Int)
    /// In all of the user's direct conversations, those that are muted too: what is muted does not ring, but is not read. At most ``Unread/limit`` of each.
    func unreadDirectMessages(of user: UserID, in app: AppID) async throws -> Int
    /// Which of these the user has deleted for himself.
    func hidden(
        from user: UserID, in conversation: ConversationID, _ sequences: ClosedRange<UInt64>
    ) async throws -> Set<UInt64>
    /// Last pinned first; none that was recalled, or is kept no longer.
    func pinnedMessages(of conversation: ConversationID) async throws -> [PinnedMessage]
    /// Of those of the messages that have some. In the order in which the first of a kind was added.
    ///
    /// - Parameter user: whose own they may be; nil: nobody asks.
    func reactions(to messages: [MessageID], for user: UserID?) async throws -> [MessageID: [Reaction]]
    /// Who has reacted to a message in that way, in the order of doing so, after the position (nil: from the first), at most `limit`.
    func reactors(_ kind: String, to message: MessageID, after: Int64?, limit: Int) async throws -> [Reactor]
    /// Who has read a message that asks for receipts, in the order of reading.
    func readers(of sequence: UInt64, in conversation: ConversationID) async throws -> [ReadReceipt]
}

extension Places {
    package func conversations(
        of user: UserID, in app: AppID, from bookmark: ConversationPage.Bookmark?, limit: Int
    ) async throws -> ConversationPage {
        try await self.conversations(of: user, in: app, marked: [], from: bookmark, limit: limit)
    }
}
