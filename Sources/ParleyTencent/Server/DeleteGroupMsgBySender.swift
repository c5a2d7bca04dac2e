import ParleyCore
import ParleyDialectKit

/// 撤回指定用户发送的消息: takes back what an account said among the newest thousand entries of a group, without a line that says so.
struct DeleteGroupMsgBySender: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/delete_group_msg_by_sender", "Recall what one account said in a group",
        page: Page.groups, .partial("a recall takes a MsgSeq of its own; TopicId is refused: there are no topics"))

    var group: GroupID
    var sender: UserID
    var hasTopic: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.sender = try fields.account("Sender_Account")
        self.hasTopic = try fields.hasTopic
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        guard !self.hasTopic else { throw Refusal.topicsNotEnabled }
        let type = try await context.core.knownGroup(self.group, of: caller).group.type
        guard type.rules.allowsRecall else { throw Refusal.recallNotAllowed(in: type) }
        let conversation = ConversationID(app: caller.app.id, .group(self.group))
        let entries = try await context.core.log.entries(
            of: conversation, upTo: nil, limit: Limits.deletedBySender)
        let recalls = entries.filter { $0.message?.sender == self.sender && !$0.isRecalled }.map { entry in
            var recall = RecallMessage(
                app: caller.app.id, conversation: conversation.conversation, target: .id(entry.id),
                by: caller.identifier, byAdministrator: true)
            recall.leavesNoTrace = true
            return recall
        }
        try await context.core.recall(recalls, in: caller.app.id)
    }
}
