import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Takes a message back, whoever sent it.
///
/// Source: facts/easemob-server.md 3.6 (message_recall).
struct RecallOneMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/msg_recall", "Recall a message", page: "撤回消息 (message_recall)")
    static let area = Area.recall

    let recall: RecallForm

    init(_ call: Call) throws { self.recall = try RecallForm(try call.object()) }

    func perform(_ call: Call) async throws { try await self.recall.perform(call) }

    func encode(_: Void, _ call: Call) -> Answer {
        .data { $0.recalled(self.recall) }
    }
}

extension JSONWriter {
    /// What is answered for a message that is recalled now.
    mutating func recalled(_ recall: RecallForm) {
        self.object { json in
            json.field("recalled", "yes")
            json.field("chattype", recall.chatType)
            json.field("from", recall.sender.rawValue)
            json.field("to", recall.recipient)
            json.field("msg_id", recall.messageID)
        }
    }
}

/// One message to be recalled, as the old endpoint and the new have it.
struct RecallForm: Sendable {
    let messageID: String
    /// Empty where it was left out, which only the old endpoint allows.
    let recipient: String
    /// `chat`, `groupchat`, `chatroom`.
    let chatType: String
    let sender: UserID
    /// However old the message is. A message that there is not counts as recalled.
    let isForced: Bool
    let attachment: String?
    /// The sender's own devices are told, as they are where nothing is said.
    let tellsSender: Bool

    init(_ json: JSON, isLegacy: Bool = false) throws(Malformed) {
        guard json.kind == .object else { throw Malformed("", .unreadable) }
        let messageID = try json.textOrNumber("msg_id") ?? ""
        let recipient = try json.textOrNumber("to") ?? ""
        let chatType = try json.text("chat_type") ?? ""
        let sender = try json.text("from") ?? ""
        self.isForced = try json.looseFlag("force") ?? false
        self.tellsSender = try json.looseFlag("sync_device") ?? true
        self.attachment = json.value("recallMessageExtensionInfo").map { $0.string ?? $0.text }
        if messageID.isEmpty { throw Malformed("msg_id", .missing) }
        if recipient.isEmpty && !isLegacy { throw Malformed("to", .missing) }
        if chatType.isEmpty { throw Malformed("chat_type", .missing) }
        guard ["chat", "groupchat", "chatroom"].contains(chatType) else { throw Malformed("chat_type", .invalid) }
        self.messageID = messageID
        self.recipient = recipient
        self.chatType = chatType
        self.sender = UserID(easemob: sender.isEmpty ? "admin" : sender)
    }

    func perform(_ call: Call) async throws {
        do {
            let entry = try await self.entry(call)
            var command = RecallMessage(
                app: call.app.id, conversation: entry.conversation.conversation, target: .id(entry.id),
                by: self.sender, byAdministrator: true,
                windowSeconds: self.isForced ? nil : call.app.settings.recallWindowSeconds)
            command.attachment = self.attachment
            command.tellsSender = self.tellsSender
            try await call.core.recall(command)
        } catch Rejection.messageNotFound where self.isForced {
            return
        }
    }

    private func entry(_ call: Call) async throws -> Entry {
        guard let id = MessageID(easemob: self.messageID),
            let entry = try await call.core.log.entry(id, in: call.app.id)
        else { throw Rejection.messageNotFound }
        guard self.fits(entry.conversation.conversation) else { throw Refusal.recall(.badRequest, "can't find msg to") }
        // The vendor does not take commands back: they have been acted upon.
        if case .command? = entry.message?.content { throw Rejection.notRecallable }
        return entry
    }

    /// Whether the message is in the conversation that the caller thinks it is in.
    private func fits(_ conversation: Conversation) -> Bool {
        if self.recipient.isEmpty { return true }
        switch (conversation, self.chatType) {
        case (.direct(let pair), "chat"):
            let user = UserID(easemob: self.recipient)
            return pair.lesser == user || pair.greater == user
        case (.group(let group), "groupchat"), (.group(let group), "chatroom"):
            return group.easemob == self.recipient
        case (.room(let room), "chatroom"): return room.rawValue == self.recipient
        default: return false
        }
    }
}
