import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A user's nickname in pushes, and the older settings of when and how to push, which are kept and shown with the user.
///
/// Source: facts/easemob-server.md 3.2. The values must come back as they were: true as true, 1 as 1.
struct ChangePushSettings: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}", "Change a user's nickname and push settings",
        page: "设置推送显示昵称 (push_user)", .partial("settings are kept; pushes are not sent yet"))
    static let area = Area.users

    private static let maximumNicknameCharacters = 100
    private static let maximumSettings = 100

    let nickname: String?
    /// By name, as JSON.
    let settings: [String: String]

    init(_ call: Call) throws {
        let json = try call.object()
        self.nickname = try json.text("nickname")
        guard (self.nickname?.count ?? 0) <= Self.maximumNicknameCharacters else {
            throw Refusal.illegalArgument("NICKNAME_TOO_LONG")
        }
        var settings: [String: String] = [:]
        for member in json.members ?? [] where member.key.hasPrefix(User.settingPrefix) {
            guard member.value.kind == .bool || member.value.int != nil else { throw Malformed(member.key, .invalid) }
            settings[member.key] = member.value.text
        }
        guard settings.count <= Self.maximumSettings else {
            throw Malformed("notification", .tooMany(limit: Self.maximumSettings))
        }
        self.settings = settings
    }

    func perform(_ call: Call) async throws -> User {
        try await call.core.changeUser(call.user(), in: call.app.id) { user in
            if let nickname = self.nickname { user.name = nickname }
            user.attributes.merge(self.settings) { $1 }
        }
    }

    func encode(_ user: User, _ call: Call) -> Answer {
        var answer = Answer.users([user], call)
        answer.path = "/users"
        return answer
    }
}

extension User {
    /// What the names of the older push settings begin with, on the wire and among the attributes.
    static let settingPrefix = "notification_"
}
