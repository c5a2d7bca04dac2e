import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whom a user does not want to hear from. Source: facts/easemob-server.md 3.4, facts/easemob-client.md 6.

/// Newest first: the newest 500, or page by page where a size or a place is named.
struct ListBlocks: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/blocks/users", "List whom a user has blocked",
        page: "获取黑名单列表 (user_friend_blocklist_obtain)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts
    static let callsPerSecond = 50

    private static let maximumPage = 50

    let limit: Int
    let after: UserID?

    init(_ call: Call) throws {
        let isPaged = call.query["pageSize"] != nil || call.query["cursor"] != nil
        self.limit =
            isPaged ? call.number("pageSize", default: Self.maximumPage, in: 1...Self.maximumPage) : NamedBlocks.limit
        self.after = try call.cursor().map { UserID($0) }
    }

    func perform(_ call: Call) async throws -> Page<UserID> {
        let user = try await call.existingUser(call.user()).id
        var blocked = try await call.core.directory.blocked(by: user, in: call.app.id)[...]
        if let after = self.after {
            // Who was unblocked meanwhile says no more where he stood.
            blocked = blocked.firstIndex(of: after).map { blocked[($0 + 1)...] } ?? []
        }
        return Page(Array(blocked.prefix(self.limit + 1)), limit: self.limit, cursor: \.rawValue)
    }

    func encode(_ page: Page<UserID>, _ call: Call) -> Answer {
        Answer.data { json in json.array(page.items) { $0.string($1.rawValue) } }
            .noEntities().count(page.items.count).cursor(page.cursor)
    }
}

/// Which of some users a user has blocked.
struct CheckBlocks: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/blocks/check", "Which of some users a user has blocked",
        page: "校验黑名单 (user_friend_blocklist_check)")
    static let area = Area.contacts

    let check: RelationCheck

    init(_ call: Call) throws { self.check = try RelationCheck(call) }

    func perform(_ call: Call) async throws -> Set<UserID> {
        Set(try await call.core.directory.blocked(by: self.check.user, in: call.app.id))
    }

    func encode(_ blocked: Set<UserID>, _ call: Call) -> Answer {
        self.check.answer { blocked.contains($0) ? "blacklist" : "not_blacklist" }
    }
}
