import ParleyCore
import ParleyDialectKit
import ParleyJSON

enum BlocksOfServer: CallPath {
    static let path = "/{org_name}/{app_name}/users/{username}/blocks/users"
    static let page = "添加用户至黑名单, 从黑名单移除用户 (user_friend_blocklist)"
    static let callers = Callers.application
    static let callLimit = CallLimit(50)
}

enum BlocksOfClients: ClientCallPath {
    static let path = "/{org_name}/{app_name}/sdk/user/{username}/blocks"
    static let callLimit = CallLimit(50)
}

/// Contacts who are blocked stay contacts. Source: facts/easemob-server.md 3.4.
struct BlockUsers<Path: CallPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription("POST", Path.path, "Block users for a user\(Path.note)", page: Path.page)
    }
    static var callers: Callers { Path.callers }
    static var area: Area { .contacts }
    static var callLimit: CallLimit { Path.callLimit }

    let blocks: NamedBlocks

    init(_ call: Call) throws { self.blocks = try NamedBlocks(call) }

    /// All or none of them.
    func perform(_ call: Call) async throws {
        let (user, others) = (call.user(), self.blocks.users)
        try await call.core.directory.write(in: call.app.id) { transaction in
            try transaction.require([user] + others)
            try transaction.block(others, by: user)
            guard try transaction.blockCount(of: user) <= NamedBlocks.limit else {
                throw Refusal.exceedsLimit("user block number exceed limit")
            }
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { self.blocks.answer }
}

struct UnblockUser<Path: CallPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Path.path)/{blocked_username}", "Unblock a user for a user\(Path.note)", page: Path.page)
    }
    static var callers: Callers { .applicationOrOneself }
    static var area: Area { .contacts }
    static var callLimit: CallLimit { Path.callLimit }

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
        "DELETE", BlocksOfClients.path, "Unblock users for a user (clients)", page: BlocksOfClients.page)
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts
    static let callLimit = BlocksOfClients.callLimit

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
    /// Of one user.
    static let limit = 500

    let users: [UserID]

    init(_ call: Call) throws {
        guard let users = try call.object().users("usernames"), !users.isEmpty else {
            throw Malformed("usernames", .missing)
        }
        guard users.count <= Self.limit else {
            throw Malformed("usernames", .tooMany(limit: Self.limit))
        }
        self.users = users
    }

    var answer: Answer {
        Answer.data { json in json.array(self.users) { $0.string($1.rawValue) } }.noEntities()
    }
}
