import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 拉取群消息已读回执信息: how many have read messages of a group that asked for receipts, and how many have not.
struct GetGroupMsgReceipt: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_group_msg_receipt", "Count who has read messages of a group",
        page: Page.groups)

    var group: ReceiptGroup
    var sequences: [UInt32]

    struct Count: Sendable {
        var code = 0
        var read = 0
        var unread = 0
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try ReceiptGroup(fields)
        self.sequences = try ReceiptGroup.sequences(fields)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [Count] {
        try await self.group.check(context, caller)
        var counts: [Count] = []
        for sequence in self.sequences {
            do {
                let receipts = try await self.group.receipts(of: sequence, context, caller, limit: 0)
                counts.append(Count(read: receipts.readCount, unread: receipts.unreadCount))
            } catch let rejection as Rejection {
                counts.append(Count(code: Errors.failure(for: rejection, in: .groups).code))
            }
        }
        return counts
    }

    func encode(_ counts: [Count]) -> Envelope {
        .ok {
            $0.objects("GroupMsgReceiptList", zip(self.sequences, counts)) { json, item in
                json.field("MsgSeq", item.0)
                json.field("Code", item.1.code)
                json.field("ReadNum", item.1.read)
                json.field("UnreadNum", item.1.unread)
            }
        }
    }
}
