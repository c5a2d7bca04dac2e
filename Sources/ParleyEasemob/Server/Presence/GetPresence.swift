import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How some users are. Who is not known is offline. Source: facts/easemob-server.md 3.5.
struct GetPresence: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/presence", "Ask how users are",
        page: "批量获取在线状态信息 (presence)",
        .partial("last_time of who is offline is when he published last"))
    static let callers = Callers.applicationOrOneself
    static let area = Area.users
    static let callsPerSecond = 50

    let users: [UserID]

    init(_ call: Call) throws {
        self.users = try call.presenceUsers(
            try call.object().value("usernames"), missing: "usernames is empty", tooMany: "too many get presences")
    }

    func perform(_ call: Call) async throws -> [ShownPresence] {
        _ = try await call.existingUser(call.user())
        return try await call.core.shownPresence(of: self.users, in: call.app.id)
    }

    func encode(_ shown: [ShownPresence], _ call: Call) -> Answer { .presence(shown) }
}

/// How many members of a group, or of a chat room, are online.
struct CountOnlineMembers: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/presence/online/{group_id}/type/{query_type}",
        "Count the members of a group who are online", page: "查询单个群组的在线成员数量 (presence)")
    static let area = Area.groups

    init(_ call: Call) throws {
        guard ["0", "1"].contains(call.parameter("query_type")) else {
            throw Refusal.illegalArgument("Type must be 0 or 1.")
        }
    }

    func perform(_ call: Call) async throws -> Int {
        guard let group = try await call.core.directory.group(call.group, in: call.app.id) else {
            throw Rejection.groupNotFound(call.group)
        }
        var count = 0
        for user in group.members.keys where await call.core.presence.isOnline(user, in: call.app.id) { count += 1 }
        return count
    }

    func encode(_ count: Int, _ call: Call) -> Answer { Answer(.bare).with("result") { $0.int(count) } }
}
