import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 删除单聊漫游消息: hides up to 30 direct messages from one of the two, on all of his devices. Keys of no message are passed over.
struct DeleteC2CMsgRamble: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/delete_c2c_msg_ramble", "Delete direct messages for one user", page: Page.messages)

    var user: UserID
    var peer: UserID
    var keys: [MsgKey]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("Operator_Account")
        self.peer = try fields.account("Peer_Account")
        self.keys = []
        for (path, value) in try fields.items("MsgKeyList", limit: Limits.keysDeleted) {
            guard let key = value.string.flatMap({ MsgKey($0) }) else { throw Malformed(path, .invalid) }
            self.keys.append(key)
        }
        guard !self.keys.isEmpty else { throw Malformed("MsgKeyList", .missing) }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let conversation = ConversationID(app: caller.app.id, .direct(self.user, self.peer))
        var messages: [MessageID] = []
        for key in self.keys {
            if let entry = try await context.core.entry(named: key, from: nil, in: conversation) {
                messages.append(entry.id)
            }
        }
        try await context.core.delete(
            messages, of: conversation.conversation, for: self.user, in: caller.app.id)
    }
}
