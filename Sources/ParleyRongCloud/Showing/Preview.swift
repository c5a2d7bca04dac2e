package import ParleyCore
import ParleyJSON

extension RongCloud {
    /// As its client SDKs get it: a `DownStreamMessage`, but that the content is JSON and no bytes.
    package static func preview(of entry: Entry, in app: App, for user: UserID) -> [UInt8]? {
        guard let wire = ClientSpelling.downStream(entry, for: user, dataTime: entry.sentAt.milliseconds) else {
            return nil
        }
        let content = Array(wire.content)
        return JSONWriter.object { json in
            json.field("fromUserId", wire.fromUserID)
            json.field("type", Int(wire.type))
            if wire.hasGroupID { json.field("groupId", wire.groupID) }
            json.field("classname", wire.classname)
            json.key("content")
            if (try? JSON(parsing: content)) == nil {
                json.string(String(decoding: content, as: UTF8.self))
            } else {
                json.raw(content)
            }
            json.field("dataTime", wire.dataTime)
            json.field("status", wire.status)
            json.field("msgId", wire.msgID)
            if wire.hasExtraContent { json.field("extraContent", wire.extraContent) }
        }
    }

    package static func names(of entry: Entry) -> [String: String] {
        guard let message = entry.message else { return [:] }
        let target = Target(entry.conversation.conversation, seenBy: message.sender)
        return [
            "messageUID": ClientSpelling.uid(of: entry).description, "sentTime": String(entry.sentAt.milliseconds),
            "fromUserId": message.sender.rawValue, "targetId": target.id,
            "conversationType": String(target.type.rawValue),
        ]
    }
}
