import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Contacts who are blocked stay contacts. Source: facts/easemob-server.md 3.4.
struct BlockUsers: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/blocks/users", "Block users for a user",
        page: "添加用户至黑名单 (user_friend_blocklist_add)")
    static let area = Area.contacts
    static let callsPerSecond = 50

    /// Of one user.
    static let limit = 500

    let blocks: NamedBlocks

    init(_ call: Call) throws { self.blocks = try NamedBlocks(call) }

    func perform(_ call: Call) async throws { try await self.blocks.add(call) }

    func encode(_: Void, _ call: Call) -> Answer { self.blocks.answer }
}

/// The same at the path that client SDKs have for it.
struct BlockUsersOfClient: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/sdk/user/{username}/blocks", "Block users for a user (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts
    static let callsPerSecond = 50

    let blocks: NamedBlocks

    init(_ call: Call) throws { self.blocks = try NamedBlocks(call) }

    func perform(_ call: Call) async throws { try await self.blocks.add(call) }

    func encode(_: Void, _ call: Call) -> Answer { self.blocks.answer }
}

struct UnblockUser: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users/{username}/blocks/users/{blocked_username}",
        "Unblock a user for a user",
        page: "从黑名单移除用户 (user_friend_blocklist_remove)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts
    static let callsPerSecond = 50

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> User {
        let user = try await call.existingUser(call.user()).id
        let other = try await call.existingUser(call.user("blocked_username"))
        try await call.core.unblock([other.id], by: user, in: call.app.id)
        return other
    }

    func encode(_ other: User, _ call: Call) -> Answer { .users([other], call) }
}

struct UnblockUsersOfClient: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/sdk/user/{username}/blocks", "Unblock users for a user (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts
    static let callsPerSecond = 50

    let blocks: NamedBlocks

    init(_ call: Call) throws { self.blocks = try NamedBlocks(call) }

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user()).id
        try await call.core.unblock(self.blocks.users, by: user, in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { self.blocks.answer }
}

/// Those whom the body names.
struct NamedBlocks: Sendable {
    let users: [UserID]

    init(_ call: Call) throws {
        guard let users = try call.object().users("usernames"), !users.isEmpty else {
            throw Malformed("usernames", .missing)
        }
        guard users.count <= BlockUsers.limit else {
            throw Malformed("usernames", .tooMany(limit: BlockUsers.limit))
        }
        self.users = users
    }

    /// All or none of them.
    func add(_ call: Call) async throws {
        let (user, others) = (call.user(), self.users)
        try await call.core.directory.write(in: call.app.id) { transaction in
            try transaction.require([user] + others)
            try transaction.block(others, by: user)
            guard try transaction.blockCount(of: user) <= BlockUsers.limit else {
                throw Refusal.exceedsLimit("user block number exceed limit")
            }
        }
    }

    var answer: Answer {
        Answer.data { json in json.array(self.users) { $0.string($1.rawValue) } }.noEntities()
    }
}
