import ParleyCore
import ParleyDialectKit

/// Pins a conversation to the top of a user's list, on all of his devices, or unpins it.
///
/// Source: facts/rongcloud-server.md 3.9.
struct ConversationTopSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/top/set.json", "Pin a user's conversation",
        page: VendorPage.list)

    let own: OwnConversation
    let setTop: Bool

    init(_ parameters: Parameters) throws(Malformed) {
        self.own = try OwnConversation(of: parameters.requiredUser("userId"), parameters)
        _ = try parameters.required("setTop")
        self.setTop = try parameters.flag("setTop")
    }

    func perform(_ call: Call) async throws {
        let setTop = self.setTop
        try await call.core.changePlace(in: self.own.conversation, of: self.own.user, in: call.app.id) {
            place, _, now in
            // What is pinned already keeps its place among the pinned ones.
            place.pinnedAt = setTop ? place.pinnedAt ?? now : nil
        }
    }
}
