import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Who has read a message that asked for it: for its sender. In the order of reading, page by page.
///
/// Source: facts/easemob-client.md 4.3.
struct ListAcknowledgements: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "GET", "\(Kind.path)/acks/{message_id}", "List who has read a message", page: "facts/easemob-client.md 4.3")

    static let maximumUsers = 500

    let right = Right.member
    let message: MessageID
    let limit: Int
    let offset: Int

    init(_ call: Call) throws {
        guard let message = MessageID(easemob: call.parameter("message_id")) else { throw Rejection.messageNotFound }
        self.message = message
        self.limit = call.number("limit", default: Self.maximumUsers, in: 1...Self.maximumUsers)
        self.offset = call.number("key", default: 0, in: 0...Int(Int32.max))
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> ReadReceipts {
        try await call.core.receipts(
            of: .id(self.message), in: .group(group.group.id), for: call.callingUser, app: call.app.id,
            limit: self.offset + self.limit)
    }

    func encode(_ receipts: ReadReceipts, _ call: Call) -> Answer {
        let users = receipts.readers.dropFirst(self.offset)
        let next = self.offset + users.count
        let isLast = next >= receipts.readCount
        return Answer.data { json in
            json.object { json in
                json.field("ackmid", self.message.easemob)
                json.field("total", receipts.readCount)
                json.field("userlist", users.lazy.map(\.user.rawValue))
                json.field("is_last", isLast)
                json.field("next_key", isLast ? "" : String(next))
                json.field("timestamp", call.now.milliseconds)
            }
        }
        .noEntities()
    }
}
