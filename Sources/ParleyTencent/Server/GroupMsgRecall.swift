import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 撤回群消息: takes up to ten messages of a group back, however old they are.
struct GroupMsgRecall: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/group_msg_recall", "Recall messages of a group", page: Page.groups,
        .partial("a recall takes a MsgSeq of its own; TopicId is refused: there are no topics"))

    var group: GroupID
    var sequences: [UInt32]
    var reason: String?
    var hasTopic: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.sequences = []
        for item in try fields.objects("MsgSeqList", limit: Limits.recalls) {
            self.sequences.append(try item.requiredUInt32("MsgSeq"))
        }
        guard !self.sequences.isEmpty else { throw Malformed("MsgSeqList", .missing) }
        self.reason = try fields.optionalString("Reason")
        self.hasTopic = try fields.hasTopic
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [Int] {
        guard !self.hasTopic else { throw Refusal.topicsNotEnabled }
        let type = try await context.core.knownGroup(self.group, of: caller).group.type
        guard type.rules.allowsRecall else { throw Refusal.recallNotAllowed(in: type) }
        var codes: [Int] = []
        for sequence in self.sequences {
            var recall = RecallMessage(
                app: caller.app.id, conversation: .group(self.group), target: .sequence(UInt64(sequence)),
                by: caller.identifier, byAdministrator: true)
            recall.reason = self.reason
            do {
                try await context.core.recall(recall)
                codes.append(0)
            } catch let rejection as Rejection {
                codes.append(Errors.failure(for: rejection, in: .groups).code)
            }
        }
        return codes
    }

    func encode(_ codes: [Int]) -> Envelope {
        .ok {
            $0.objects("RecallRetList", zip(self.sequences, codes)) { json, item in
                json.field("MsgSeq", item.0)
                json.field("RetCode", item.1)
            }
        }
    }
}
