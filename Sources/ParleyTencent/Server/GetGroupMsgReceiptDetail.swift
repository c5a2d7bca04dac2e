import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 拉取群消息已读回执详情: who has read a message of a group, in the order of reading, or who has not, in the order of their ids.
struct GetGroupMsgReceiptDetail: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_group_msg_receipt_detail", "List who has read a message of a group",
        page: Page.groups)

    var group: ReceiptGroup
    var sequence: UInt32
    var wantsUnread: Bool
    /// The account that ended the page before; empty: from the first.
    var cursor: String
    var count: Int

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try ReceiptGroup(fields)
        self.sequence = try fields.requiredUInt32("MsgSeq")
        switch try fields.requiredUInt32("Filter") {
        case 0: self.wantsUnread = false
        case 1: self.wantsUnread = true
        default: throw Malformed("Filter", .invalid)
        }
        self.cursor = try fields.optionalString("Cursor") ?? ""
        self.count = Int(try fields.requiredUInt32("Count"))
        guard (1...Limits.receiptReaders).contains(self.count) else { throw Malformed("Count", .invalid) }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> (users: [UserID], isFinished: Bool) {
        try await self.group.check(context, caller)
        let receipts = try await self.group.receipts(of: self.sequence, context, caller, limit: .max)
        let readers = receipts.readers.map(\.user)
        let users = self.wantsUnread ? try await self.others(than: readers, of: receipts.entry, context) : readers
        // Readers are only ever added at the end; of those who have not read some may be gone, and ids are in an order.
        let last = UserID(self.cursor)
        let rest =
            if self.cursor.isEmpty {
                users[...]
            } else if self.wantsUnread {
                users.drop { $0 <= last }
            } else {
                users.drop { $0 != last }.dropFirst()
            }
        return (Array(rest.prefix(self.count)), rest.count <= self.count)
    }

    private func others(than readers: [UserID], of entry: Entry, _ context: DialectContext) async throws -> [UserID] {
        guard let message = entry.message, let sequence = entry.sequence else { return [] }
        let audience = try await context.core.audience(of: message, at: sequence, in: entry.conversation)
        return audience.subtracting(readers).sorted()
    }

    func encode(_ outcome: (users: [UserID], isFinished: Bool)) -> Envelope {
        .ok {
            $0.field("Cursor", outcome.isFinished ? "" : outcome.users.last?.rawValue ?? "")
            $0.field("IsFinish", outcome.isFinished ? 1 : 0)
            if self.wantsUnread {
                $0.objects("UnreadList", outcome.users) { $0.field("Unread_Account", $1.rawValue) }
            } else {
                $0.objects("ReadList", outcome.users) { $0.field("Read_Account", $1.rawValue) }
            }
        }
    }
}
