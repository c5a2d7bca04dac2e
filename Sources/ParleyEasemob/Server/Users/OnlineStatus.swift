import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Source: facts/easemob-server.md 3.1.
struct GetUserStatus: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/status", "Whether a user is online",
        page: "获取用户在线状态 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> Bool {
        let user = try await call.existingUser(call.user())
        return await call.core.presence.isOnline(user.id, in: call.app.id)
    }

    func encode(_ isOnline: Bool, _ call: Call) -> Answer {
        Answer.data { json in json.object { $0.field(call.user().rawValue, Self.word(isOnline)) } }
            .noEntities().count(0)
    }

    static func word(_ isOnline: Bool) -> String { isOnline ? "online" : "offline" }
}

/// Users who are not known are offline.
struct GetUsersStatus: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/batch/status", "Which of some users are online",
        page: "批量获取用户在线状态 (account_system)")
    static let area = Area.users
    static let callsPerSecond = 50

    static let maximumUsers = 100

    let users: [UserID]

    init(_ call: Call) throws {
        guard let users = try call.object().users("usernames"), !users.isEmpty else {
            throw Malformed("usernames", .missing)
        }
        guard users.count <= Self.maximumUsers else {
            throw Refusal.illegalArgument(
                "request body exceeds maximum limit, maximum limit is \(Self.maximumUsers)")
        }
        self.users = users
    }

    func perform(_ call: Call) async throws -> [Bool] {
        var statuses: [Bool] = []
        for user in self.users { statuses.append(await call.core.presence.isOnline(user, in: call.app.id)) }
        return statuses
    }

    func encode(_ statuses: [Bool], _ call: Call) -> Answer {
        var answer = Answer.data { json in
            json.array(zip(self.users, statuses)) { json, status in
                json.object { $0.field(status.0.rawValue, GetUserStatus.word(status.1)) }
            }
        }
        answer.action = "get batch user status"
        return answer
    }
}

/// Closes all connections of a user. A GET, by the vendor's choice.
struct DisconnectUser: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/disconnect", "Close a user's connections",
        page: "强制用户下线 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws { try await call.disconnect(device: nil) }

    func encode(_: Void, _ call: Call) -> Answer { .result }
}

/// Closes the connections of one device of a user.
struct DisconnectDevice: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users/{username}/disconnect/{resource}", "Close a device's connection",
        page: "强制用户从单设备下线 (account_system)")
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.disconnect(device: DeviceID(call.parameter("resource")))
    }

    func encode(_: Void, _ call: Call) -> Answer { .result }
}

extension Call {
    fileprivate func disconnect(device: DeviceID?) async throws {
        guard let user = try await self.core.directory.user(self.user(), in: self.app.id) else {
            throw Refusal.userNotFoundForDevices
        }
        self.core.signals.disconnect(Disconnect(user.id, in: self.app.id, device: device, because: .kicked))
    }
}

extension Answer {
    fileprivate static let result = Answer.data { json in json.object { $0.field("result", true) } }
}
