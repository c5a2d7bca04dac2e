import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Changes what a message says, whichever dialect sent it. The sender may, and a group's owner and administrators; there is no limit in time
// or number. Source: facts/rongcloud-server.md 3.4.

struct MessagePrivateModify: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/private/modify.json", "Change a private message",
        page: VendorPage.list)
    static let bodyLimit = MessageBody.statusLimit

    let modification: Modification

    init(_ parameters: Parameters) throws(Malformed) {
        self.modification = try Modification(parameters, of: .direct, target: "targetId")
    }

    func perform(_ call: Call) async throws { try await self.modification.perform(call) }
}

struct MessageGroupModify: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/group/modify.json", "Change a group message",
        page: VendorPage.list)
    static let bodyLimit = MessageBody.statusLimit

    let modification: Modification

    init(_ parameters: Parameters) throws(Malformed) {
        self.modification = try Modification(parameters, of: .group, target: "groupId")
    }

    func perform(_ call: Call) async throws { try await self.modification.perform(call) }
}

struct Modification: Sendable {
    let fromUserId: UserID
    let conversation: Conversation?
    let msgUID: MessageUID?
    let message: WireMessage

    init(_ parameters: Parameters, of type: ConversationType, target: String) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.conversation = Conversation(type, between: self.fromUserId, and: try parameters.requiredID(target))
        self.msgUID = MessageUID(try parameters.required("msgUID"))
        self.message = try WireMessage(parameters)
    }

    func perform(_ call: Call) async throws {
        guard let id = self.msgUID?.messageID else { throw Rejection.messageNotFound }
        let reading = self.message.reading
        try await call.core.edit(
            EditMessage(
                app: call.app.id, conversation: self.conversation, target: .id(id), by: self.fromUserId,
                byAdministrator: false, content: reading.content, native: self.message.native,
                attachment: reading.extra ?? ""))
    }
}
