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
        self.key = try fields.messageKey()
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let conversation = Conversation.direct(self.sender, self.recipient)
        guard
            let entry = try await context.core.entry(
                named: self.key, from: self.sender, in: ConversationID(app: caller.app.id, conversation))
        else { throw Rejection.messageNotFound }
        try await context.core.recall(
            RecallMessage(
                app: caller.app.id, conversation: conversation, target: .id(entry.id), by: caller.identifier,
                byAdministrator: true))
    }
}
