import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Takes a conversation from a user's list until something is said in it again; with `delete_roam`, what was said is gone for him too. Client SDKs have a
/// path of their own for it.
///
/// Source: facts/easemob-server.md 3.6, facts/easemob-client.md 6.
struct DeleteConversation<Path: CallPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", Path.path, "Take a conversation from a user's list\(Path.note)", page: Path.page)
    }
    static var callers: Callers { Path.callers }
    static var callLimit: CallLimit { Path.callLimit }
    static var area: Area { .conversations }

    let conversation: Conversation
    let clears: Bool

    init(_ call: Call) throws {
        let json = try call.object()
        let named = try NamedConversation(json.textOrNumber("channel"), as: "channel", json.text("type"))
        guard let clears = try json.looseFlag("delete_roam") else {
            throw Refusal.illegalArgument("field delete_roam cannot be null")
        }
        self.conversation = named.conversation(of: call.user())
        self.clears = clears
    }

    func perform(_ call: Call) async throws {
        let clears = self.clears
        try await call.core.changePlace(
            in: self.conversation, of: call.user(), on: call.device, in: call.app.id
        ) { place, last, _ in
            place.removedThrough = last
            if clears { place.clearedThrough = last }
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        var answer = Answer.data { json in json.object { $0.field("result", "ok") } }
        answer.path = "/users/user_channel"
        return answer
    }
}

enum UserChannelOfServer: CallPath {
    static let path = "/{org_name}/{app_name}/users/{username}/user_channel"
    static let page = "删除会话 (conversation_delete)"
    static let callers = Callers.application
    static let callLimit = CallLimit(5, perSeconds: 60, of: .user)
}

enum UserChannelOfClient: ClientCallPath {
    static let path = "/{org_name}/{app_name}/user/{username}/user_channel"
}
