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
}
