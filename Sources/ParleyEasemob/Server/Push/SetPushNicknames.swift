import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The names that users have in pushes of what they say; the same as `nickname` of a user. All are changed, or none.
///
/// Source: facts/easemob-server.md 3.2.
struct SetPushNicknames: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/push/nickname", "Set users' nicknames in pushes",
        page: "批量设置离线推送时显示的昵称 (push_nickname)")
    static let area = Area.push

    static let maximumUsers = 50

    struct Nickname: Hashable, Sendable {
        var user: UserID
        var name: String
    }

    let nicknames: [Nickname]

    init(_ call: Call) throws {
        let elements = call.request.body.isEmpty ? nil : try call.json().array
        guard let elements, !elements.isEmpty else {
            throw Refusal.illegalArgument("put user push nicknames illegal empty request body")
        }
        guard elements.count <= Self.maximumUsers else {
            throw Refusal.illegalArgument("put user push nicknames exceeds the limit")
        }
        self.nicknames = try elements.map { element in
            guard let user = try element.textOrNumber("username"), !user.isEmpty else {
                throw Malformed("username", .missing)
            }
            guard let name = try element.text("push_nickname") else { throw Malformed("push_nickname", .missing) }
            guard name.count <= ChangePushSettings.maximumNicknameCharacters else {
                throw Refusal.illegalArgument("\(user) push nickname length exceeds the limit")
            }
            return Nickname(user: UserID(easemob: user), name: name)
        }
    }

    func perform(_ call: Call) async throws {
        try await call.core.directory.write(in: call.app.id) { transaction in
            for nickname in self.nicknames {
                guard var user = try transaction.user(nickname.user) else {
                    throw Rejection.userNotFound(nickname.user)
                }
                user.name = nickname.name
                user.updatedAt = transaction.now
                try transaction.save(user)
            }
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        var answer = Answer.entities(self.nicknames) { json, nickname in
            json.object { json in
                json.field("push_nickname", nickname.name)
                json.field("username", nickname.user.rawValue)
            }
        }
        answer.path = "/push"
        return answer
    }
}
