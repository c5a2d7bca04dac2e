import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 表情回复事件 and Thread 回调事件: what clients are told of as NOTIFY, in the same words.
extension EasemobCallbacks {
    static func call(about change: ReactionChange, _ subject: CallbackSubject, _ rule: CallbackRule) -> CallbackCall? {
        guard let destination = Destination(change.conversation, from: change.by),
            let stamp = Stamp(subject, for: rule)
        else { return nil }
        return self.notify("reaction", from: change.by.rawValue, to: destination.to, stamp, subject, rule) { json in
            json.field("data") { json in
                json.array { json in
                    json.object { json in
                        json.field("messageId", change.message.easemob)
                        json.field("from", change.by.rawValue)
                        json.field("reactions") { $0.reactions(of: change) }
                        json.field("to", destination.to)
                        json.field("channel_type", destination.chatType)
                        json.field("ts", change.at.milliseconds)
                    }
                }
            }
            json.field("num", 1)
            json.field("channel_type", destination.chatType)
        }
    }

    static func call(
        about change: ThreadChange, _ id: MessageID, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        guard let group = change.thread.origin?.group, let stamp = Stamp(subject, for: rule) else { return nil }
        let operatorName = UserID.groupOperator.rawValue
        return self.notify("thread", from: operatorName, to: group.easemob, stamp, subject, rule) { json in
            json.field("data") { json in
                json.object { $0.members(of: change, at: id.sentAt, stamp.appKey) }
            }
        }
    }

    private static func notify(
        _ type: String, from: String, to: String, _ stamp: Stamp, _ subject: CallbackSubject, _ rule: CallbackRule,
        _ payload: (inout JSONWriter) -> Void
    ) -> CallbackCall {
        CallbackCall("notify:\(type)", to: rule) { json in
            json.field("chat_type", "notify")
            stamp.write(to: &json)
            json.field("payload") { json in
                json.object { json in
                    payload(&json)
                    json.field("type", type)
                }
            }
            json.field("host", self.host)
            json.field("appkey", stamp.appKey)
            json.field("from", from)
            json.field("to", to)
            json.field("eventType", "chat")
            json.field("msg_id", subject.occurrence.id.easemob)
        }
    }
}
