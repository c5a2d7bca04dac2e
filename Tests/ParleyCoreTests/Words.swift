import ParleyCore
import ParleyTesting

/// What these tests say often.
extension Bench {
    static let alice = UserID("alice")
    static let bob = UserID("bob")
    static let group = GroupID("demo-group")

    func message(from sender: UserID = Bench.alice, _ options: MessageOptions = MessageOptions()) -> Message {
        Message(
            sender: sender, content: .text("hello"),
            native: Native(dialect: .parley, payload: Array(#"{"text":"hello"}"#.utf8)), options: options)
    }

    func send(
        to conversation: Conversation, from sender: UserID = Bench.alice, _ checks: Send.Checks = [],
        options: MessageOptions = MessageOptions(), isEphemeral: Bool = false, key: DeduplicationKey? = nil
    ) -> Send {
        Send(
            app: self.app.id, conversation: conversation, message: self.message(from: sender, options),
            isEphemeral: isEphemeral, checks: checks, deduplication: key)
    }

    @discardableResult
    func makeGroup(
        _ id: String, _ type: GroupType = .public, owner: UserID? = nil, members: [UserID] = [],
        _ change: (inout Group) -> Void = { _ in }
    ) async throws -> GroupID {
        var group = Group(id: GroupID(id), type: type, name: id, owner: owner, createdAt: self.clock.now())
        change(&group)
        try await self.core.createGroup(
            CreateGroup(
                app: self.app.id, group: group,
                members: members.map { Member(user: $0, joinedAt: self.clock.now()) }))
        return group.id
    }

    func members(of group: GroupID) async throws -> [UserID: Member] {
        try await self.core.directory.group(group, in: self.app.id)?.members ?? [:]
    }

    func entries(of conversation: Conversation) async throws -> [Entry] {
        try await self.core.log.entries(
            of: ConversationID(app: self.app.id, conversation), after: 0, limit: 1000)
    }

    // MARK: What is said and seen

    /// Says something, a second after what was said before.
    @discardableResult
    func say(
        _ text: String = "hello", in conversation: Conversation, from sender: UserID = Bench.alice,
        to audience: Audience = .everyone, _ change: (inout MessageOptions) -> Void = { _ in }
    ) async throws -> MessageID {
        self.clock.advance(seconds: 1)
        var command = self.send(to: conversation, from: sender)
        command.message.content = .text(text)
        command.message.audience = audience
        change(&command.message.options)
        return try await self.core.send(command).id
    }

    func list(
        of user: UserID, from bookmark: ConversationPage.Bookmark? = nil, limit: Int = 100
    ) async throws -> ConversationPage {
        try await self.core.places.conversations(of: user, in: self.app.id, from: bookmark, limit: limit)
    }

    func summary(of conversation: Conversation, for user: UserID) async throws -> ConversationSummary? {
        try await self.core.places.summary(of: conversation, for: user, in: self.app.id)
    }

    func unread(in conversation: Conversation, of user: UserID) async throws -> Unread? {
        try await self.summary(of: conversation, for: user)?.unread
    }

    func place(of user: UserID, in conversation: Conversation) async throws -> Place {
        try await self.core.places.place(of: user, in: ConversationID(app: self.app.id, conversation))
    }

    /// The texts of one page, newest first unless it is asked for forwards.
    func history(
        of conversation: Conversation, for user: UserID, from start: HistoryQuery.Start = .newest, limit: Int = 100
    ) async throws -> [String] {
        try await self.core.history(
            HistoryQuery(app: self.app.id, conversation: conversation, user: user, from: start, limit: limit)
        ).entries.map(\.text)
    }

    func announced(to user: UserID) -> [Event] {
        self.signals.announcements.filter { $0.recipients == .users([user]) }.map(\.event)
    }
}

extension Entry {
    var text: String {
        if case .text(let text) = self.message?.content { text } else { "" }
    }
}
