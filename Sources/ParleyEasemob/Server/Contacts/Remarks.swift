import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What a user calls a contact; nobody else sees it. Source: facts/easemob-server.md 3.4, facts/easemob-client.md 6.
struct SetRemark<Path: CallPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription("PUT", Path.path, "Set what a user calls a contact\(Path.note)", page: Path.page)
    }
    static var callers: Callers { Path.callers }
    static var area: Area { .contacts }

    private static var maximumCharacters: Int { 100 }

    /// Empty: none.
    let text: String

    init(_ call: Call) throws {
        guard let text = try call.object().text("remark") else { throw Malformed("remark", .missing) }
        guard text.count <= Self.maximumCharacters else {
            throw Malformed("remark", .tooLong(limit: Self.maximumCharacters))
        }
        self.text = text
    }

    func perform(_ call: Call) async throws {
        let isSet = try await call.core.setRemark(
            self.text.isEmpty ? nil : self.text, on: call.friend, by: call.user(), in: call.app.id)
        guard isSet else {
            throw Refusal.illegalArgument("updateRemark they are not friends, please add as a friend first.")
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        var answer = Answer(.timed).with("status") { $0.string("ok") }.with("uri") { $0.string(call.uri) }
        answer.action = "put"
        return answer
    }
}

enum RemarksOfServer: CallPath {
    static let path = "/{org_name}/{app_name}/user/{username}/contacts/users/{friend_username}"
    static let page = "设置好友备注 (user_friend_remark_set)"
    static let callers = Callers.applicationOrOneself
}

enum RemarksOfClients: ClientCallPath {
    static let path = "/{org_name}/{app_name}/users/{username}/contacts/users/{friend_username}"
}
