import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Conversations that stand first in a user's list. Source: facts/easemob-client.md 6.

struct PinConversation: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/sdk/user/{username}/user_channel/top", "Pin a conversation (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let named: NamedConversation

    init(_ call: Call) throws {
        let json = try call.object()
        self.named = try NamedConversation(json.textOrNumber("to"), as: "to", json.text("type"))
    }

    func perform(_ call: Call) async throws -> Place {
        try await call.core.changePlace(
            in: self.named.conversation(of: call.user()), of: call.user(), on: call.device, in: call.app.id
        ) { place, _, now in
            place.pinnedAt = place.pinnedAt ?? now
        }
    }

    func encode(_ place: Place, _ call: Call) -> Answer { .data { json in json.object { $0.top(place) } } }
}

struct UnpinConversation: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/sdk/user/{username}/user_channel/top",
        "Pin a conversation no longer (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let named: NamedConversation

    init(_ call: Call) throws { self.named = try NamedConversation(call.query["to"], as: "to", call.query["type"]) }

    func perform(_ call: Call) async throws -> Place {
        try await call.core.changePlace(
            in: self.named.conversation(of: call.user()), of: call.user(), on: call.device, in: call.app.id
        ) { place, _, _ in
            place.pinnedAt = nil
        }
    }

    func encode(_ place: Place, _ call: Call) -> Answer { .data { json in json.object { $0.top(place) } } }
}
