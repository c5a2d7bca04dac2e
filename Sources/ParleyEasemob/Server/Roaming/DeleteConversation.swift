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

    let conversation: Conversation
    let clears: Bool

    init(_ call: Call) throws {
        let json = try call.object()
        guard let channel = try json.textOrNumber("channel"), !channel.isEmpty else {
            throw Malformed("channel", .missing)
        }
        guard let type = try json.text("type"), !type.isEmpty else { throw Malformed("type", .missing) }
        guard let clears = try json.looseFlag("delete_roam") else {
            throw Refusal.illegalArgument("field delete_roam cannot be null")
        }
        switch type {
        case "chat": self.conversation = .direct(call.user(), UserID(easemob: channel))
        case "groupchat": self.conversation = .group(GroupID(channel))
        default: throw Malformed("type", .invalid)
        }
        self.clears = clears
    }

    func perform(_ call: Call) async throws {
        let clears = self.clears
        try await call.core.changePlace(in: self.conversation, of: call.user(), in: call.app.id) { place, last, _ in
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
