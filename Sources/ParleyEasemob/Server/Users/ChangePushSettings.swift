import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A user's nickname in pushes, the older settings of when and how to push, and the phone that a client registers in this way.
///
/// Source: facts/easemob-server.md 3.2, easemob-client.md (REST). The settings hold, and are kept and shown with the user: the values must come back as they were,
/// true as true, 1 as 1. What this user cannot have, such as a group that he is not in, is kept and shown all the same.
struct ChangePushSettings: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}", "Change a user's nickname and push settings",
        page: "设置推送显示昵称 (push_user)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.users

    static let maximumNicknameCharacters = 100
    /// Of one user: he may add to them himself.
    private static let maximumSettings = 500
    private static let maximumNameBytes = 128

    let nickname: String?
    /// By name, as JSON.
    let settings: [String: String]
    let binding: PushBinding?

    init(_ call: Call) throws {
        let json = try call.object()
        self.nickname = try json.text("nickname")
        guard (self.nickname?.count ?? 0) <= Self.maximumNicknameCharacters else {
            throw Refusal.illegalArgument("NICKNAME_TOO_LONG")
        }
        var settings: [String: String] = [:]
        for member in json.members ?? [] where member.key.hasPrefix(User.settingPrefix) {
            guard member.key.utf8.count <= Self.maximumNameBytes, let value = member.value.setting else {
                throw Malformed(member.key, .invalid)
            }
            settings[member.key] = value
        }
        self.settings = settings
        self.binding = try PushBinding(json)
    }

    func perform(_ call: Call) async throws -> (user: User, device: PushDevice?) {
        let user = try await call.core.changeUser(call.user(), in: call.app.id) { user in
            if let nickname = self.nickname { user.name = nickname }
            user.attributes.merge(self.settings) { $1 }
            guard user.attributes.count(where: { $0.key.hasPrefix(User.settingPrefix) }) <= Self.maximumSettings else {
                throw Malformed("notification", .tooMany(limit: Self.maximumSettings))
            }
        }
        try await self.binding?.apply(to: user.id, call)
        try await self.changeGeneralPreferences(of: user, call)
        try await self.changeGroups(of: user, call)
        return (user, try await call.core.push.pushDevices(of: user.id, in: call.app.id).last)
    }

    func encode(_ found: (user: User, device: PushDevice?), _ call: Call) -> Answer {
        var answer = Answer.entities([found.user]) { $0.entity($1, call, found.device) }
        answer.path = "/users"
        return answer
    }

    private func changeGeneralPreferences(of user: User, _ call: Call) async throws {
        let showsDetails = self.settings["notification_display_style"].map { !User.isOff($0) }
        let changesHours = self.settings.keys.contains { $0.hasPrefix(User.quietHoursPrefix) }
        guard showsDetails != nil || changesHours else { return }
        try await call.core.push.changePushPreferences(of: user.id, for: .everywhere, in: call.app.id) { preferences in
            if let showsDetails { preferences.showsDetails = showsDetails }
            if changesHours { preferences.quietHours = user.legacyQuietHours }
        }
    }

    /// `notification_ignore_<group>`: nothing said there rings.
    private func changeGroups(of user: User, _ call: Call) async throws {
        for (name, value) in self.settings where name.hasPrefix(User.ignoredGroupPrefix) {
            let group = GroupID(String(name.dropFirst(User.ignoredGroupPrefix.count)))
            do {
                try await call.core.setPushLevel(
                    User.isOff(value) ? nil : PushLevel.none, of: .group(group), for: user.id, in: call.app.id)
            } catch is Rejection {}
        }
    }
}

extension JSON {
    /// True, false or a whole number, as JSON; also in quotes, as in the vendor's own sample.
    fileprivate var setting: String? {
        if self.kind == .bool || self.int != nil { return self.text }
        guard let text = self.string else { return nil }
        return text == "true" || text == "false" ? text : Int64(text).map { "\($0)" }
    }
}

extension User {
    /// What the names of the older push settings begin with, on the wire and among the attributes.
    static let settingPrefix = "notification_"
    fileprivate static let quietHoursPrefix = "notification_no_disturbing"
    fileprivate static let ignoredGroupPrefix = "notification_ignore_"

    fileprivate static func isOff(_ setting: String) -> Bool { setting == "false" || setting == "0" }

    /// From one full hour to another; all day, where they are not said or the same.
    fileprivate var legacyQuietHours: QuietHours? {
        guard let isOn = self.attributes[Self.quietHoursPrefix], !Self.isOff(isOn) else { return nil }
        let ends = ["_start", "_end"].map { self.attributes[Self.quietHoursPrefix + $0].flatMap { Int($0) } ?? 0 }
        guard ends.allSatisfy((0...24).contains) else { return nil }
        let hours = (ends[1] - ends[0] + 24) % 24
        return QuietHours(start: ends[0] % 24 * 3600, seconds: (hours == 0 ? 24 : hours) * 3600)
    }
}
