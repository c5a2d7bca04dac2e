import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whether a conversation rings. `requestId` is the user. Source: facts/rongcloud-server.md 3.9.

struct ConversationNotificationSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/notification/set.json", "Mute a user's conversation",
        page: VendorPage.list,
        .partial("the levels that let mentions through (1, 2, 4) mute all, like 5; busChannel is ignored"))

    let own: OwnConversation
    let isMuted: Bool

    init(_ parameters: Parameters) throws(Malformed) {
        self.own = try OwnConversation(of: parameters.requiredUser("requestId"), parameters)
        _ = try parameters.required("isMuted")
        let isMuted = try parameters.flag("isMuted")
        let level = try parameters.integer("unpushLevel", in: -1...5)
        guard level != 3 else { throw Malformed("unpushLevel", .invalid) }
        // The finer of the two counts. 0: not set.
        self.isMuted = level.flatMap { $0 == 0 ? nil : $0 > 0 } ?? isMuted
    }

    func perform(_ call: Call) async throws {
        let isMuted = self.isMuted
        try await call.core.changePlace(in: self.own.conversation, of: self.own.user, in: call.app.id) { place, _, _ in
            place.isMuted = isMuted
        }
    }
}

struct ConversationNotificationGet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/notification/get.json", "Ask whether a user's conversation is muted",
        page: VendorPage.list, .partial("unpushLevel is 5 or 0"))

    let own: OwnConversation

    init(_ parameters: Parameters) throws(Malformed) {
        self.own = try OwnConversation(of: parameters.requiredUser("requestId"), parameters)
    }

    func perform(_ call: Call) async throws -> Bool {
        let conversation = ConversationID(app: call.app.id, self.own.conversation)
        return try await call.core.places.place(of: self.own.user, in: conversation).isMuted
    }

    static func encode(_ outcome: Bool, to json: inout JSONWriter) {
        json.field("isMuted", outcome ? 1 : 0)
        json.field("unpushLevel", outcome ? 5 : 0)
    }
}
