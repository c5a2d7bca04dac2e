import ParleyCore
import ParleyDialectKit

/// 修改单聊历史消息: changes a direct message, where it is kept and on the screens of those who have it.
struct ModifyC2CMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/modify_c2c_msg", "Change a direct message", page: Page.messages)

    var sender: UserID
    var recipient: UserID
    var key: MsgKey
    var modification: Modification

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.sender = try fields.account("From_Account")
        self.recipient = try fields.account("To_Account")
        self.key = try fields.messageKey()
        self.modification = try Modification(fields)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let conversation = ConversationID(app: caller.app.id, .direct(self.sender, self.recipient))
        guard let entry = try await context.core.entry(named: self.key, from: self.sender, in: conversation) else {
            throw Rejection.messageNotFound
        }
        try await self.modification.perform(on: entry, by: caller, in: context.core)
    }

    func encode(_: Void) -> Envelope { .succeeded }
}
