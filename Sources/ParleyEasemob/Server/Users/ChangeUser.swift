import ParleyCore
import ParleyDialectKit

/// Sets a user's password. The tokens that the old one got are void, and connections opened with them are closed, as the vendor's clients expect.
///
/// Source: facts/easemob-server.md 3.1.
struct SetPassword: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/password", "Set a user's password",
        page: "修改用户密码 (account_system)")
    static let area = Area.users

    let password: String

    init(_ call: Call) throws {
        guard let password = try call.object().textOrNumber("newpassword"), !password.isEmpty else {
            throw Malformed("newpassword", .missing)
        }
        self.password = password
    }

    func perform(_ call: Call) async throws {
        let hash = await Password.hashing([self.password])[0]
        do {
            try await call.core.changeUser(call.user(), in: call.app.id) { $0.passwordHash = hash }
        } catch Rejection.userNotFound {
            throw Refusal.passwordUserNotFound
        }
        try await call.core.expireTokens(of: call.user(), in: call.app.id, issuedBefore: call.now)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        var answer = Answer(.timed)
        answer.action = "set user password"
        return answer
    }
}

/// Closes a user's account to logins, and the connections that are open.
struct DeactivateUser: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/deactivate", "Block a user", page: "账号封禁 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> User {
        let user = try await call.core.changeUser(call.user(), in: call.app.id) { $0.isActive = false }
        call.core.signals.disconnect(Disconnect(user.id, in: call.app.id, because: .userInactive))
        return user
    }

    func encode(_ user: User, _ call: Call) -> Answer {
        var answer = Answer.users([user], call)
        answer.action = "Deactivate user"
        return answer
    }
}

struct ActivateUser: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/activate", "Unblock a user", page: "账号解禁 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.core.unblock(call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        var answer = Answer(.timed)
        answer.action = "activate user"
        return answer
    }
}

/// Deletes a user, and the groups that the user owns.
struct DeleteUser: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users/{username}", "Delete a user", page: "删除单个用户 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> User {
        try await call.core.deleteUser(call.user(), in: call.app.id, endingOwnedGroups: true)
    }

    func encode(_ user: User, _ call: Call) -> Answer { Answer.users([user], call) }
}

/// Deletes the users who were registered first.
struct DeleteUsers: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users", "Delete the oldest users", page: "批量删除用户 (account_system)")
    static let area = Area.users
    static let callsPerSecond = 30

    let limit: Int

    init(_ call: Call) { self.limit = call.number("limit", default: 10, in: 1...100) }

    func perform(_ call: Call) async throws -> Page<User> {
        let users = try await call.core.directory.users(in: call.app.id, after: nil, limit: self.limit + 1)
        let page = Page(users, limit: self.limit, cursor: \.id.rawValue)
        for user in page.items {
            do {
                try await call.core.deleteUser(user.id, in: call.app.id, endingOwnedGroups: true)
            } catch Rejection.userNotFound {
                // Deleted by another call in between: what was asked for is so.
            }
        }
        return page
    }

    func encode(_ page: Page<User>, _ call: Call) -> Answer {
        Answer.users(page.items, call).params(call.query).count(page.items.count).cursor(page.cursor)
    }
}
