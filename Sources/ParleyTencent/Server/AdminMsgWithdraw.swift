import ParleyCore
import ParleyDialectKit

/// 撤回单聊消息: takes a direct message back, however old it is.
struct AdminMsgWithdraw: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/admin_msgwithdraw", "Recall a direct message", page: Page.messages,
        .partial("the MsgKey of batchsendmsg leads to the first recipient's message only"))

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
        let entry = try await context.core.log.entry(
            self.key.sequence, of: ConversationID(app: caller.app.id, conversation))
        guard let entry, self.key.names(entry), entry.message?.sender == self.sender else {
            throw Rejection.messageNotFound
        }
        try await context.core.recall(
            RecallMessage(
                app: caller.app.id, conversation: conversation, target: .id(entry.id), by: caller.identifier,
                byAdministrator: true))
    }
}
