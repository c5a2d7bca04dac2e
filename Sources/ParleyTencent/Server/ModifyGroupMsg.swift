import ParleyCore
import ParleyDialectKit

/// 修改群聊历史消息: changes a message of a group, where it is kept and on the screens of those who have it.
struct ModifyGroupMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/modify_group_msg", "Change a message of a group", page: Page.groups,
        .partial("TopicId is refused: there are no topics"))

    var group: GroupID
    var sequence: UInt32
    var modification: Modification
    var hasTopic: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.sequence = try fields.requiredUInt32("MsgSeq")
        self.modification = try Modification(fields)
        self.hasTopic = try fields.hasTopic
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        guard !self.hasTopic else { throw Refusal.topicsNotEnabled }
        _ = try await context.core.knownGroup(self.group, of: caller, with: \.keepsMessages)
        let conversation = ConversationID(app: caller.app.id, .group(self.group))
        guard let entry = try await context.core.log.entry(UInt64(self.sequence), of: conversation) else {
            throw Rejection.messageNotFound
        }
        try await self.modification.perform(on: entry, by: caller, in: context.core)
    }

    func encode(_: Void) -> Envelope { .succeeded }
}
