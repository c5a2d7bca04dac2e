import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Users who may not speak anywhere: to others alone, in groups, in chat rooms. Durations are in seconds, 0 is none and -1 for ever.
// Source: facts/easemob-server.md 3.1 (user_global_mute).

/// In what a user is muted, in the vendor's words.
private enum MuteScope: String, CaseIterable {
    case chat
    case groupchat
    case chatroom

    var moment: WritableKeyPath<User, Timestamp?> {
        switch self {
        case .chat: \.mutedInDirectUntil
        case .groupchat: \.mutedInGroupsUntil
        case .chatroom: \.mutedInRoomsUntil
        }
    }

    func seconds(left user: User, at now: Timestamp) -> Int64 {
        guard let until = user[keyPath: self.moment], until > now else { return 0 }
        return until == .distantFuture ? -1 : (until.milliseconds - now.milliseconds + 999) / 1000
    }
}

/// What is not named stays as it is.
struct SetGlobalMutes: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/mutes", "Mute a user everywhere", page: "设置用户全局禁言 (user_global_mute)")
    static let area = Area.push

    private static let maximumSeconds: Int64 = 2_147_483_647

    let user: UserID
    private let seconds: [MuteScope: Int64]

    init(_ call: Call) throws {
        let json = try call.object()
        guard let name = try json.textOrNumber("username"), !name.isEmpty else { throw Refusal.pushUserNotFound }
        self.user = UserID(easemob: name)
        var seconds: [MuteScope: Int64] = [:]
        for scope in MuteScope.allCases {
            guard let wanted = try json.number(scope.rawValue) else { continue }
            guard (-1...Self.maximumSeconds).contains(wanted) else { throw Malformed(scope.rawValue, .invalid) }
            seconds[scope] = wanted
        }
        self.seconds = seconds
    }

    func perform(_ call: Call) async throws {
        let now = call.now
        try await call.core.changeUser(self.user, in: call.app.id) { user in
            for (scope, seconds) in self.seconds {
                user[keyPath: scope.moment] =
                    switch seconds {
                    case 0: nil
                    case -1: .distantFuture
                    default: now.adding(seconds: seconds)
                    }
            }
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        .data { json in json.object { $0.field("result", "ok") } }
    }
}

struct GetGlobalMutes: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/mutes/{username}", "Ask how long a user is muted everywhere",
        page: "查询单个用户 ID 全局禁言 (user_global_mute)")
    static let area = Area.push

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> User { try await call.existingUser(call.user()) }

    func encode(_ user: User, _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("userid", call.qualified(user.id))
                for scope in MuteScope.allCases {
                    json.field(scope.rawValue, scope.seconds(left: user, at: call.now))
                }
                json.field("unixtime", call.now.seconds)
            }
        }
    }
}

/// An object for each user and what he is muted in.
struct ListGlobalMutes: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/mutes", "List who is muted everywhere",
        page: "查询 app 下的所有全局禁言的用户 (user_global_mute)")
    static let area = Area.push

    let pageNumber: Int
    let pageSize: Int

    init(_ call: Call) {
        self.pageNumber = call.number("pageNum", default: 1, in: 1...1_000_000)
        self.pageSize = call.number("pageSize", default: 50, in: 1...50)
    }

    func perform(_ call: Call) async throws -> [User] {
        try await call.core.directory.usersMuted(
            in: call.app.id, at: call.now, offset: (self.pageNumber - 1) * self.pageSize, limit: self.pageSize)
    }

    func encode(_ users: [User], _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("data") { json in
                    json.array { json in
                        for user in users {
                            for scope in MuteScope.allCases where scope.seconds(left: user, at: call.now) != 0 {
                                json.object { json in
                                    json.field("username", user.id.rawValue)
                                    json.field(scope.rawValue, scope.seconds(left: user, at: call.now))
                                }
                            }
                        }
                    }
                }
                json.field("unixtime", call.now.seconds)
            }
        }
    }
}
