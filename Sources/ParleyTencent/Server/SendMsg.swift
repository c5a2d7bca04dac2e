import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 单发单聊消息: writes to one user, in the name of the administrator or of any account. Friendship, blacklists and mutes are not asked about.
struct SendMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/sendmsg", "Send a message to one account", page: Page.messages,
        .partial(
            "without SyncOtherMachine the sender's connected devices have the message too; MsgLifeTime other than 0 is the App's retention"
        ))

    var recipient: UserID
    var direct: DirectMessageFields

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.recipient = try fields.account("To_Account")
        self.direct = try DirectMessageFields(fields, by: caller)
    }

    var area: Area { .directMessage(from: self.direct.sender) }

    func perform(in context: DialectContext, by caller: Caller) async throws -> Receipt {
        try await context.core.send(self.direct.send(to: self.recipient, by: caller, now: context.now))
    }

    func encode(_ receipt: Receipt) -> Envelope {
        .ok {
            $0.field("MsgTime", receipt.sentAt.seconds)
            $0.field("MsgKey", MsgKey(receipt, random: self.direct.random).description)
        }
    }
}
