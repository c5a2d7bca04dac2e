import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whether a conversation rings. `requestId` is the user. Source: facts/rongcloud-server.md 3.9.

struct ConversationNotificationSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/notification/set.json", "Mute a user's conversation",
        page: VendorPage.list, .partial("busChannel is ignored"))

    let own: OwnConversation
    let level: UnpushLevel
    let isMuted: Bool

    init(_ parameters: Parameters) throws(Malformed) {
        self.own = try OwnConversation(of: parameters.requiredUser("requestId"), parameters)
        _ = try parameters.required("isMuted")
        let isMuted = try parameters.flag("isMuted")
        self.level = try parameters.unpushLevel("unpushLevel") ?? .unset
        // The finer of the two counts.
        self.isMuted = self.level == .unset ? isMuted : self.level.isMuting
    }

    func perform(_ call: Call) async throws {
        try await call.core.setPushLevel(
            self.level.level, isMuted: self.isMuted, of: self.own.conversation, for: self.own.user, in: call.app.id)
    }
}

struct ConversationNotificationGet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/notification/get.json", "Ask whether a user's conversation is muted",
        page: VendorPage.list, .partial("busChannel is ignored"))

    let own: OwnConversation

    init(_ parameters: Parameters) throws(Malformed) {
        self.own = try OwnConversation(of: parameters.requiredUser("requestId"), parameters)
    }

    func perform(_ call: Call) async throws -> UnpushLevel {
        UnpushLevel(try await call.core.pushLevel(of: self.own.conversation, for: self.own.user, in: call.app.id))
    }

    static func encode(_ outcome: UnpushLevel, to json: inout JSONWriter) {
        json.field("isMuted", outcome.isMuting ? 1 : 0)
        json.field("unpushLevel", outcome.rawValue)
    }
}
