import ParleyCore
import ParleyDialectKit

/// 撤回单聊消息: takes a direct message back, however old it is.
struct AdminMsgWithdraw: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/admin_msgwithdraw", "Recall a direct message", page: Page.messages,
        .partial("the MsgKey of batchsendmsg is looked for among the newest 100 messages of the other recipients"))

    var sender: UserID
    var recipient: UserID
    var key: MsgKey

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.sender = try fields.account("From_Account")
        self.recipient = try fields.account("To_Account")
        guard let key = MsgKey(try fields.string("MsgKey")) else { throw Malformed("MsgKey", .invalid) }
        self.key = key
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let conversation = Conversation.direct(self.sender, self.recipient)
        guard let entry = try await self.entry(of: ConversationID(app: caller.app.id, conversation), in: context.core)
        else { throw Rejection.messageNotFound }
        try await context.core.recall(
            RecallMessage(
                app: caller.app.id, conversation: conversation, target: .id(entry.id), by: caller.identifier,
                byAdministrator: true))
    }

    /// A batch has one key for all its recipients, and the key has the first one's sequence: what the others got is known by the rest of it.
    private func entry(of conversation: ConversationID, in core: Core) async throws -> Entry? {
        if let entry = try await core.log.entry(self.key.sequence, of: conversation), self.isMeant(entry) {
            return entry
        }
        return try await core.log.entries(of: conversation, upTo: nil, limit: 100).first(where: self.isMeant)
    }

    private func isMeant(_ entry: Entry) -> Bool { self.key.names(entry) && entry.message?.sender == self.sender }
}
