import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Takes a message back, whichever dialect sent it and however long ago.
///
/// Source: facts/rongcloud-server.md 3.4. A UID that is not known, or of a message that is recalled already, is a
/// success all the same. `sentTime` is in the UID.
struct MessageRecall: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/recall.json", "Recall a message",
        page: VendorPage.list,
        .partial("disablePush, disableUpdateLastMsg and busChannel are accepted and change nothing"))

    let fromUserId: UserID
    let conversation: Conversation?
    let messageUID: MessageUID?
    let isAdmin: Bool
    let isDelete: Bool
    let extra: String?

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        let number = try parameters.requiredInteger("conversationType", in: 1...10)
        guard let type = ConversationType(rawValue: UInt8(number)), type != .customerService else {
            throw Malformed("conversationType", .invalid)
        }
        let target = try parameters.requiredID("targetId")
        self.conversation = Conversation(type, between: self.fromUserId, and: target)
        self.messageUID = MessageUID(try parameters.required("messageUID"))
        self.isAdmin = try parameters.flag("isAdmin")
        self.isDelete = try parameters.flag("isDelete")
        self.extra = try parameters.optional("extra")
    }

    func perform(_ call: Call) async throws {
        guard let conversation = self.conversation, let id = self.messageUID?.messageID else { return }
        var command = RecallMessage(
            app: call.app.id, conversation: conversation, target: .id(id), by: self.fromUserId,
            byAdministrator: self.isAdmin)
        command.leavesNoTrace = self.isDelete
        command.attachment = self.extra
        do {
            do {
                try await call.core.recall(command)
            } catch Rejection.notPermitted {
                // The backend may take back what anybody said; taken back by another than its sender, it was an
                // administrator.
                command.byAdministrator = true
                try await call.core.recall(command)
            }
        } catch Rejection.messageNotFound, Rejection.alreadyRecalled, Rejection.notRecallable {}
    }
}

extension Conversation {
    /// Nil for the types that this server does not have.
    init?(_ type: ConversationType, between user: UserID, and target: String) {
        switch type {
        case .direct: self = .direct(user, UserID(target))
        case .group: self = .group(GroupID(target))
        case .room: self = .chatRoom(target)
        case .system: self = .system(UserID(target))
        case .discussion, .customerService, .ultraGroup: return nil
        }
    }
}
