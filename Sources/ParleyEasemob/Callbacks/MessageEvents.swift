import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension EasemobCallbacks {
    /// The "name of the server".
    static let host = "parley"
    private static let securityVersion = "1.0.0"

    /// Also for each of those whom it has not reached: then it is an offline message, to him.
    static func call(
        about message: Message, _ entry: Entry, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        let conversation = entry.conversation.conversation
        let absent: UserID? = if case .absent(let user) = subject.part { user } else { nil }
        guard message.easemobRoute == rule.route ?? Message.usualRoute, message.hasAttached(rule.filter.attachedKeys),
            let destination = Destination(conversation, from: message.sender), let stamp = Stamp(subject, for: rule)
        else { return nil }
        let shown = ShownMessage(message)
        return CallbackCall(absent.map { "chat_offline \($0)" } ?? destination.chatType, to: rule) { json in
            stamp.write(to: &json)
            json.field("eventType", absent == nil ? "chat" : "chat_offline")
            json.field("chat_type", destination.chatType)
            destination.write(from: message.sender, to: absent, &json)
            json.field("msg_id", entry.id.easemob)
            json.field("payload") { json in
                json.object { json in
                    json.field("from", message.sender.rawValue)
                    json.field("to", destination.to)
                    json.field("type", destination.chatType)
                    shown.writeExt(to: &json)
                    shown.writeBodies(to: &json)
                }
            }
            json.field("securityVersion", self.securityVersion)
            json.field("appkey", stamp.appKey)
            json.field("host", self.host)
            json.field("content_type", "chat:\(destination.kind):\(shown.contentType)")
        }
    }

    /// `ext` and `bodies` are always empty here, whatever was attached to the recall.
    static func call(
        about recall: Recall, _ entry: Entry, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        let sender = subject.target?.message?.sender ?? recall.by
        let conversation = entry.conversation.conversation
        guard let destination = Destination(conversation, from: sender), let stamp = Stamp(subject, for: rule)
        else { return nil }
        return CallbackCall("recall", to: rule) { json in
            stamp.write(to: &json)
            json.field("eventType", "chat")
            json.field("chat_type", "recall")
            destination.write(from: sender, to: nil, &json)
            json.field("recall_id", recall.target.easemob)
            json.field("msg_id", entry.id.easemob)
            json.field("payload") { json in
                json.object { json in
                    json.field("ext") { $0.object { _ in } }
                    json.field("ack_message_id", recall.target.easemob)
                    json.field("bodies") { $0.array { _ in } }
                }
            }
            json.field("securityVersion", self.securityVersion)
            json.field("appkey", stamp.appKey)
            json.field("host", self.host)
        }
    }

    /// An event without `eventType` and without a group's id beside the recipient: so is the page.
    static func call(
        about edit: Edit, _ entry: Entry, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        let sender = edit.message.sender
        let conversation = entry.conversation.conversation
        guard let destination = Destination(conversation, from: sender), let stamp = Stamp(subject, for: rule)
        else { return nil }
        let shown = ShownMessage(edit.message)
        return CallbackCall("edit", to: rule) { json in
            stamp.write(to: &json)
            json.field("appkey", stamp.appKey)
            json.field("from", sender.rawValue)
            json.field("to", destination.to)
            json.field("msg_id", entry.id.easemob)
            json.field("chat_type", "edit")
            json.field("payload") { json in
                json.object { json in
                    shown.writeBodies(to: &json)
                    json.field("edit_message_id", edit.target.easemob)
                    json.field("from", sender.rawValue)
                    json.field("meta") { json in json.object { $0.field("edit_msg") { $0.details(of: edit) } } }
                    json.field("to", destination.to)
                    json.field("type", "edit")
                }
            }
            json.field("securityVersion", self.securityVersion)
        }
    }
}

extension Message {
    /// The route of those that name none.
    static let usualRoute = "default"

    /// Nothing is asked for, or one of these is a key of ext.
    fileprivate func hasAttached(_ keys: Set<String>) -> Bool {
        guard !keys.isEmpty else { return true }
        guard let attachment = self.options.attachment, let ext = try? JSON(parsing: attachment) else { return false }
        return ext.members?.contains { keys.contains($0.key) } ?? false
    }

    /// Which route the sender wants (`env`): other rules are not called. Only this vendor's API has it.
    fileprivate var easemobRoute: String {
        guard self.native.dialect == Easemob.name, let payload = try? JSON(parsing: self.native.payload),
            let route = payload["env"]?.string
        else { return Self.usualRoute }
        return route
    }
}

extension JSONWriter {
    fileprivate mutating func details(of edit: Edit) {
        self.object { json in
            json.field("count", edit.mark.count)
            json.field("edit_time", edit.mark.at.milliseconds)
            json.field("operator", edit.easemobOperator)
            json.field("send_time", edit.target.sentAt.milliseconds)
            json.field("sender", edit.message.sender.rawValue)
        }
    }
}

extension Edit {
    /// The App itself edits in the sender's name (``RewriteMessage``); a group's administrator edits in his own.
    fileprivate var easemobOperator: String {
        self.byAdministrator && self.mark.by == self.message.sender
            ? "easemob_rest_app_admin" : self.mark.by.rawValue
    }
}
