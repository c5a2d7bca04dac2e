import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Takes a conversation from a user's list until something is said in it again; with `delete_roam`, what was said is gone for him too.
///
/// Source: facts/easemob-server.md 3.6.
struct DeleteConversation: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users/{username}/user_channel", "Take a conversation from a user's list",
        page: "删除会话 (conversation_delete)", .partial("calls are limited for each App, not for each user"))
    static let area = Area.conversations

    let deletion: ConversationDeletion

    init(_ call: Call) throws { self.deletion = try ConversationDeletion(call) }

    func perform(_ call: Call) async throws { try await self.deletion.perform(call) }
    func encode(_: Void, _ call: Call) -> Answer { .deletedConversation }
}

/// The same at the path that client SDKs have for it.
struct DeleteConversationOfClient: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/user/{username}/user_channel",
        "Take a conversation from a user's list (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let deletion: ConversationDeletion

    init(_ call: Call) throws { self.deletion = try ConversationDeletion(call) }

    func perform(_ call: Call) async throws { try await self.deletion.perform(call) }
    func encode(_: Void, _ call: Call) -> Answer { .deletedConversation }
}

struct ConversationDeletion: Sendable {
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
}

extension Answer {
    fileprivate static var deletedConversation: Answer {
        var answer = Answer.data { json in json.object { $0.field("result", "ok") } }
        answer.path = "/users/user_channel"
        return answer
    }
}
