import ParleyCore
import ParleyDialectKit

/// Source: facts/easemob-server.md 3.1.
struct GetUser: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}", "Get a user", page: "获取单个用户的详情 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> (user: User, device: PushDevice?) {
        let user = try await call.existingUser(call.user())
        return (user, try await call.core.push.pushDevices(of: user.id, in: call.app.id).last)
    }

    func encode(_ found: (user: User, device: PushDevice?), _ call: Call) -> Answer {
        var answer = Answer.entities([found.user]) { $0.entity($1, call, found.device) }.count(1)
        answer.path = "/users"
        return answer
    }
}

/// Users in the order of registration, page by page.
struct ListUsers: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users", "List users", page: "批量获取用户详情 (account_system)")
    static let area = Area.users

    let limit: Int
    let after: UserID?

    init(_ call: Call) throws {
        self.limit = call.number("limit", default: 10, in: 1...100)
        self.after = try call.cursor().map { UserID($0) }
    }

    func perform(_ call: Call) async throws -> Page<User> {
        Page(
            try await call.core.directory.users(in: call.app.id, after: self.after, limit: self.limit + 1),
            limit: self.limit, cursor: \.id.rawValue)
    }

    func encode(_ page: Page<User>, _ call: Call) -> Answer {
        Answer.users(page.items, call).params(call.query).count(page.items.count).cursor(page.cursor)
    }
}
