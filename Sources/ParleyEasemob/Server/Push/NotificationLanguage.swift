import ParleyCore
import ParleyDialectKit
import ParleyJSON

// The language that a user wants pushes in. Source: facts/easemob-server.md 3.2.

struct SetNotificationLanguage: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/notification/language", "Set the language of a user's pushes",
        page: "设置推送通知的首选语言 (push_language)",
        .partial("it chooses among texts and templates; nothing is translated"))
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    private static let maximumBytes = 64

    /// Nil: none in particular.
    let language: String?

    init(_ call: Call) throws {
        guard let language = try call.object().text("translationLanguage") else {
            throw Malformed("translationLanguage", .missing)
        }
        guard language.utf8.count <= Self.maximumBytes else {
            throw Malformed("translationLanguage", .tooLong(limit: Self.maximumBytes))
        }
        self.language = language.isEmpty ? nil : language
    }

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user())
        try await call.core.push.changePushPreferences(of: user.id, for: .everywhere, in: call.app.id) {
            $0.language = self.language
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .language(self.language) }
}

struct GetNotificationLanguage: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/notification/language", "Get the language of a user's pushes",
        page: "获取推送通知的首选语言 (push_language)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> String? {
        let user = try await call.existingUser(call.user())
        return try await call.core.push.pushPreferences(of: user.id, in: call.app.id)[.everywhere]?.language
    }

    func encode(_ language: String?, _ call: Call) -> Answer { .language(language) }
}

extension Answer {
    fileprivate static func language(_ language: String?) -> Answer {
        var answer = Answer.data { json in json.object { $0.field("language", language ?? "") } }
        answer.path = "/users"
        return answer
    }
}
