import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What a user calls a contact; nobody else sees it. Source: facts/easemob-server.md 3.4, facts/easemob-client.md 6.

struct SetRemark: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/user/{username}/contacts/users/{friend_username}",
        "Set what a user calls a contact", page: "设置好友备注 (user_friend_remark_set)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    let remark: Remark

    init(_ call: Call) throws { self.remark = try Remark(call) }

    func perform(_ call: Call) async throws { try await self.remark.save(call) }

    func encode(_: Void, _ call: Call) -> Answer { .remarkSet(call) }
}

/// The same at the path that client SDKs have for it.
struct SetRemarkOfClient: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/contacts/users/{friend_username}",
        "Set what a user calls a contact (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    let remark: Remark

    init(_ call: Call) throws { self.remark = try Remark(call) }

    func perform(_ call: Call) async throws { try await self.remark.save(call) }

    func encode(_: Void, _ call: Call) -> Answer { .remarkSet(call) }
}

struct Remark: Sendable {
    private static let maximumCharacters = 100

    /// Empty: none.
    let text: String

    init(_ call: Call) throws {
        guard let text = try call.object().text("remark") else { throw Malformed("remark", .missing) }
        guard text.count <= Self.maximumCharacters else {
            throw Malformed("remark", .tooLong(limit: Self.maximumCharacters))
        }
        self.text = text
    }

    func save(_ call: Call) async throws {
        let isSet = try await call.core.setRemark(
            self.text.isEmpty ? nil : self.text, on: call.friend, by: call.user(), in: call.app.id)
        guard isSet else {
            throw Refusal.illegalArgument("updateRemark they are not friends, please add as a friend first.")
        }
    }
}

extension Answer {
    fileprivate static func remarkSet(_ call: Call) -> Answer {
        var answer = Answer(.timed).with("status") { $0.string("ok") }.with("uri") { $0.string(call.uri) }
        answer.action = "put"
        return answer
    }
}
