internal import NIOCore
internal import ParleyJSON

extension Chat {
    /// The user's conversations: pinned ones first, then by what was last said. Answered at once, also while what was missed is still coming.
    /// - Parameters:
    ///   - page: ``ConversationPage/next`` of the page before; nil for the first.
    ///   - limit: 1 to 100.
    public func conversations(from page: String? = nil, limit: Int = 50) async throws(ChatError) -> ConversationPage {
        try Self.read(
            try await self.command("conversations") { json in
                json.field("from", ifAny: page)
                json.field("limit", limit)
            }, ConversationPage.init)
    }

    /// Backwards from the newest, or from `before`, exclusive: the newest first.
    /// - Parameter limit: 1 to 200.
    public func history(
        of conversation: Conversation, before: Int64? = nil, limit: Int = 50
    ) async throws(ChatError) -> HistoryPage {
        try await self.history(conversation, "before", before, limit)
    }

    /// Forwards from `after`, exclusive: the oldest first.
    /// - Parameter limit: 1 to 200.
    public func history(
        of conversation: Conversation, after: Int64, limit: Int = 50
    ) async throws(ChatError) -> HistoryPage {
        try await self.history(conversation, "after", after, limit)
    }

    private func history(
        _ conversation: Conversation, _ key: String, _ sequence: Int64?, _ limit: Int
    ) async throws(ChatError) -> HistoryPage {
        let json = try await self.command("history") { json in
            json.field("conversation", conversation.name)
            if let sequence { json.field(key, sequence) }
            json.field("limit", limit)
        }
        var page = try Self.read(json, HistoryPage.init)
        for index in page.messages.indices { page.messages[index].conversation = conversation }
        return page
    }

    public func unread() async throws(ChatError) -> Unread {
        try Self.read(try await self.command("unread") { _ in }, Unread.init)
    }

    /// The user has read the conversation, up to `sequence` or all of it. The user's other devices are told, and the other of a direct conversation.
    public func markRead(_ conversation: Conversation, upTo sequence: Int64? = nil) async throws(ChatError) {
        _ = try await self.command("read") { json in
            json.field("conversation", conversation.name)
            if let sequence { json.field("seq", sequence) }
        }
    }

    /// The user has read these messages of a group, whose senders asked.
    public func sendReceipts(for messages: [MessageID], in conversation: Conversation) async throws(ChatError) {
        _ = try await self.command("receipt") { json in
            json.field("conversation", conversation.name)
            json.field("messages", messages.lazy.map(\.rawValue))
        }
    }

    /// Who has read a message that this user sent, asking for receipts.
    public func receipts(for message: MessageID) async throws(ChatError) -> Receipts {
        try Self.read(try await self.command("receipts") { $0.field("message", message.rawValue) }, Receipts.init)
    }

    /// Changes what is not nil of this user's view of a conversation.
    /// - Parameters:
    ///   - isRemoved: true takes it from the list until something is said again.
    ///   - isCleared: true hides all that was said so far, for this user.
    @discardableResult
    public func change(
        _ conversation: Conversation, isPinned: Bool? = nil, isMuted: Bool? = nil, isRemoved: Bool? = nil,
        isCleared: Bool? = nil
    ) async throws(ChatError) -> ConversationState {
        try Self.read(
            try await self.command("conversation") { json in
                json.field("conversation", conversation.name)
                if let isPinned { json.field("pinned", isPinned) }
                if let isMuted { json.field("muted", isMuted) }
                if let isRemoved { json.field("removed", isRemoved) }
                if let isCleared { json.field("cleared", isCleared) }
            }, ConversationState.init)
    }

    /// The groups that the user is in, in the order of their ids, also those in which nothing was said yet.
    /// - Parameters:
    ///   - page: ``GroupPage/next`` of the page before; nil for the first.
    ///   - limit: 1 to 500.
    public func groups(after page: String? = nil, limit: Int = 100) async throws(ChatError) -> GroupPage {
        try Self.read(
            try await self.command("groups") { json in
                json.field("after", ifAny: page)
                json.field("limit", limit)
            }, GroupPage.init)
    }

    /// The members of a group.
    /// - Parameters:
    ///   - user: ``MemberPage/next`` of the page before; nil for the first.
    ///   - limit: 1 to 500.
    public func members(
        of conversation: Conversation, after user: UserID? = nil, limit: Int = 100
    ) async throws(ChatError) -> MemberPage {
        try Self.read(
            try await self.command("members") { json in
                json.field("conversation", conversation.name)
                json.field("after", ifAny: user?.rawValue)
                json.field("limit", limit)
            }, MemberPage.init)
    }

    /// Names and portraits. Users that are not known are left out.
    public func users(_ users: [UserID]) async throws(ChatError) -> [User] {
        var found: [User] = []
        for start in stride(from: 0, to: users.count, by: 100) {
            let some = users[start...].prefix(100)
            let json = try await self.command("users") { $0.field("users", some.lazy.map(\.rawValue)) }
            found += json["users"]?.array?.compactMap { User($0) } ?? []
        }
        return found
    }

    /// From now on ``Event/presence(_:)`` says whether these users are online: at once, and when it changes. Kept up across reconnects. At most 3,000.
    public func watch(_ users: [UserID]) async throws(ChatError) {
        try await self.watch("watch", users)
        await self.session.handle(.watch(users))
    }

    public func unwatch(_ users: [UserID]) async throws(ChatError) {
        await self.session.handle(.unwatch(users))
        try await self.watch("unwatch", users)
    }

    /// What a command of either may name (1,000), and within the size of a frame.
    static var watchedAtOnce: Int { 500 }

    private func watch(_ command: String, _ users: [UserID]) async throws(ChatError) {
        for start in stride(from: 0, to: users.count, by: Self.watchedAtOnce) {
            let some = users[start...].prefix(Self.watchedAtOnce)
            _ = try await self.command(command) { $0.field("users", some.lazy.map(\.rawValue)) }
        }
    }

    /// Moves to these positions: back, and what follows comes again.
    public func sync(_ cursors: [Conversation: Int64]) async { await self.session.handle(.sync(cursors)) }

    /// How long the server takes to answer.
    public func ping() async throws(ChatError) -> Duration {
        let began = ContinuousClock.now
        _ = try await self.command("ping") { _ in }
        return ContinuousClock.now - began
    }
}
