import ParleyCore
import ParleyDialectKit

/// 设置单聊消息已读: one user has read what the other wrote, up to `MsgReadTime` or all of it.
struct AdminSetMsgRead: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/admin_set_msg_read", "Mark direct messages as read", page: Page.messages)

    var user: UserID
    var peer: UserID
    var seconds: UInt32?

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("Report_Account")
        self.peer = try fields.account("Peer_Account")
        self.seconds = try fields.uint32("MsgReadTime").flatMap { $0 == 0 ? nil : $0 }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let conversation = Conversation.direct(self.user, self.peer)
        var through: UInt64?
        if let seconds = self.seconds {
            through = try await context.core.log.sequence(
                reachedAt: Timestamp(milliseconds: Int64(seconds) * 1000 + 999),
                in: ConversationID(app: caller.app.id, conversation))
        }
        try await context.core.read(conversation, through: through, by: self.user, in: caller.app.id)
    }
}
