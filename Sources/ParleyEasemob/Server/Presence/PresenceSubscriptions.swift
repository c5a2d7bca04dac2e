import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whom a user is told of on his connections. Source: facts/easemob-server.md 3.5.

/// For so many seconds, 30 days at most; who is subscribed to is so anew. Answers how they are.
struct SubscribePresence: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/presence/{expiry}", "Subscribe to how users are",
        page: "批量订阅在线状态 (presence)", .partial("last_time of who is offline is when he published last"))
    static let callers = Callers.applicationOrOneself
    static let area = Area.users
    static let callsPerSecond = 50

    private static let maximumSeconds: Int64 = 30 * 24 * 3600
    private static let tooMany = "too many sub presence"

    let users: [UserID]
    let seconds: Int64

    init(_ call: Call) throws {
        guard let seconds = Int64(call.parameter("expiry")), (1...Self.maximumSeconds).contains(seconds) else {
            throw Malformed("expiry", .invalid)
        }
        self.seconds = seconds
        self.users = try call.presenceUsers(
            try call.object().value("usernames"), missing: "usernames is empty", tooMany: Self.tooMany)
        guard !self.users.contains(call.user()) else { throw Refusal.illegalArgument("you can't sub yourself") }
    }

    func perform(_ call: Call) async throws -> [ShownPresence] {
        let user = try await call.existingUser(call.user()).id
        let expiresAt = call.now.adding(seconds: self.seconds)
        guard try await call.core.subscribe(user, to: self.users, in: call.app.id, until: expiresAt) else {
            throw Refusal.illegalArgument(Self.tooMany)
        }
        return try await call.core.shownPresence(of: self.users, in: call.app.id, until: expiresAt)
    }

    func encode(_ shown: [ShownPresence], _ call: Call) -> Answer { .presence(shown) }
}

/// The names as an array, which the vendor's example has, or in an object, which its table says.
struct UnsubscribePresence: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users/{username}/presence", "Unsubscribe from how users are",
        page: "取消订阅多个用户的在线状态 (presence)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.users
    static let callsPerSecond = 50

    let users: [UserID]

    init(_ call: Call) throws {
        let json = try call.json()
        self.users = try call.presenceUsers(
            json.kind == .array ? json : json.value("users") ?? json.value("usernames"),
            missing: "usernames cannot be null", tooMany: "too many unsub presences")
    }

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user()).id
        try await call.core.unsubscribe(user, from: self.users, in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .presenceDone }
}

/// The newest first.
struct ListPresenceSubscriptions: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/presence/sublist", "List whom a user is subscribed to",
        page: "查询订阅列表 (presence)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.users
    static let callsPerSecond = 50

    let pageNumber: Int
    let pageSize: Int

    init(_ call: Call) {
        self.pageNumber = call.number("pageNum", default: 1, in: 1...PresenceSubscription.limit)
        self.pageSize = call.number("pageSize", default: 1, in: 1...500)
    }

    func perform(_ call: Call) async throws -> [PresenceSubscription] {
        let user = try await call.existingUser(call.user()).id
        return try await call.core.directory.subscriptions(of: user, in: call.app.id)
    }

    func encode(_ all: [PresenceSubscription], _ call: Call) -> Answer {
        Answer(.bare).with("result") { json in
            json.object { json in
                json.field("totalnum", "\(all.count)")
                json.field("sublist") { json in
                    json.array(all.dropFirst((self.pageNumber - 1) * self.pageSize).prefix(self.pageSize)) {
                        json, one in
                        json.object { json in
                            json.field("uid", one.target.rawValue)
                            json.field("expiry", "\(one.expiresAt.seconds)")
                        }
                    }
                }
            }
        }
    }
}
