import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Message operations (消息操作): what was said is taken back, or deleted by somebody for himself.
///
/// Source: facts/rongcloud-server.md 3.13; the names below that are those that a Go client of others reads (docs/decisions/0004).
extension RongCloudCallbacks {
    /// Of a recall.
    static func operation(
        _ recall: Recall, _ entry: Entry, of subject: CallbackSubject, for rule: CallbackRule, at now: Timestamp
    ) -> CallbackCall {
        let conversation = entry.conversation.conversation
        let sender = subject.target?.message?.sender ?? recall.by
        let body = JSONWriter.object { json in
            json.operation(.recall, by: recall.by, at: entry.sentAt)
            json.conversation(Target(conversation, seenBy: conversation.isOf(recall.by) ? recall.by : sender))
            json.original(recall.target, Target(conversation, seenBy: sender))
            json.field("recallMsgInfo") { json in
                json.object {
                    $0.field("isDelete", recall.leavesNoTrace ? 1 : 0)
                    $0.field("isAdmin", recall.byAdministrator ? 1 : 0)
                    $0.field("extra", recall.attachment ?? "")
                }
            }
        }
        return CallbackCall(
            url: self.url(of: rule, in: subject.app, about: entry.id, at: now), contentType: "application/json",
            body: body, name: "recall")
    }

    /// Of what a user deletes for himself: one message that is named (`deleteType` 1), or all until a time (2), of which there is no
    /// original to name.
    static func operation(
        _ deletion: Deletion, _ happening: Happening, of subject: CallbackSubject, for rule: CallbackRule,
        at now: Timestamp
    ) -> CallbackCall {
        let body = JSONWriter.object { json in
            json.operation(.deletion, by: deletion.by, at: happening.at)
            json.conversation(Target(deletion.conversation, seenBy: deletion.by))
            switch deletion.extent {
            case .message(let id):
                let sender = subject.target?.message?.sender ?? deletion.by
                json.original(id, Target(deletion.conversation, seenBy: sender))
                json.field("deleteMsgInfo") { $0.object { $0.field("deleteType", 1) } }
            case .through(let moment):
                json.field("deleteMsgInfo") { json in
                    json.object {
                        $0.field("deleteType", 2)
                        $0.field("msgTimestamp", moment.milliseconds)
                    }
                }
            }
        }
        return CallbackCall(
            url: self.url(of: rule, in: subject.app, about: happening.id, at: now), contentType: "application/json",
            body: body, name: "deletion")
    }
}

/// Its number is the call's `eventType`.
private enum MessageOperation: Int {
    case recall = 1
    case deletion = 2
}

extension JSONWriter {
    /// `source` is left out: neither the log nor what happened beside it says from where somebody did it.
    fileprivate mutating func operation(_ operation: MessageOperation, by user: UserID, at moment: Timestamp) {
        self.field("eventType", operation.rawValue)
        self.field("fromUserId", user.rawValue)
        self.field("optTime", moment.milliseconds)
    }

    fileprivate mutating func conversation(_ target: Target) {
        self.field("conversationInfo") { json in
            json.object {
                $0.field("conversationType", target.type.rawValue)
                $0.field("targetId", target.id)
                $0.field("busChannel", "")
            }
        }
    }

    /// - Parameter target: the conversation as its sender sees it: the message is known by that.
    fileprivate mutating func original(_ id: MessageID, _ target: Target) {
        self.field("originalMsgInfo") { json in
            json.object {
                $0.field("messageId", target.uid(of: id))
                $0.field("messageTime", id.sentAt.milliseconds)
            }
        }
    }
}
