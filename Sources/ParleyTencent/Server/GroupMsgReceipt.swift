import ParleyCore
import ParleyDialectKit

/// 发送群消息已读回执: a member has read single messages of a group. Those that did not ask for a receipt are passed over.
struct GroupMsgReceipt: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/group_msg_receipt", "Give read receipts for messages of a group",
        page: Page.groups)

    var group: ReceiptGroup
    var user: UserID
    var sequences: [UInt32]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try ReceiptGroup(fields)
        self.user = try fields.account("From_Account")
        self.sequences = try ReceiptGroup.sequences(fields)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        try await self.group.check(context, caller)
        let conversation = ConversationID(app: caller.app.id, .group(self.group.group))
        var messages: [MessageID] = []
        for sequence in self.sequences {
            guard let entry = try await context.core.log.entry(UInt64(sequence), of: conversation) else {
                throw Rejection.messageNotFound
            }
            messages.append(entry.id)
        }
        try await context.core.acknowledge(messages, of: conversation.conversation, by: self.user, in: caller.app.id)
    }
}
