import ParleyCore
import ParleyDialectKit

/// 发送单聊消息已读回执: one of two users has read single messages of the other. Those that did not ask for a receipt are passed over.
struct C2CMsgReadReceipt: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/c2c_msg_read_receipt", "Give read receipts for direct messages", page: Page.messages)

    var user: UserID
    var peer: UserID
    var keys: [MsgKey]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("Operator_Account")
        self.peer = try fields.account("Peer_Account")
        self.keys = []
        for item in try fields.objects("C2CMsgInfo", limit: Limits.receipts) {
            _ = try item.account("From_Account")
            _ = try item.account("To_Account")
            self.keys.append(try item.messageKey())
        }
        guard !self.keys.isEmpty else { throw Malformed("C2CMsgInfo", .missing) }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let conversation = ConversationID(app: caller.app.id, .direct(self.user, self.peer))
        var messages: [MessageID] = []
        for key in self.keys {
            guard let entry = try await context.core.entry(named: key, from: self.peer, in: conversation) else {
                throw Rejection.messageNotFound
            }
            messages.append(entry.id)
        }
        try await context.core.acknowledge(
            messages, of: conversation.conversation, by: self.user, in: caller.app.id)
    }
}
