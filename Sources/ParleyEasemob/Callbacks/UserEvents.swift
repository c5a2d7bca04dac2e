import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What users do beside writing: they read, they come and go.
extension EasemobCallbacks {
    /// 已读回执, of one message; in a group and between two users in forms of their own.
    static func call(about reading: Reading, _ subject: CallbackSubject, _ rule: CallbackRule) -> CallbackCall? {
        guard let destination = Destination(reading.conversation, from: reading.by),
            let stamp = Stamp(subject, for: rule)
        else { return nil }
        return CallbackCall("read_ack", to: rule) { json in
            json.field("chat_type", "read_ack")
            stamp.write(to: &json)
            json.field("eventType", "chat")
            json.field("channel_channel", "\(stamp.appKey)_\(destination.to)@conference.easemob.com")
            if destination.isGroup {
                json.field("channel_user", "\(stamp.appKey)_\(reading.by)@easemob.com")
                json.field("content_type", "chat:ack:read")
                json.field("writed_channel", false)
            }
            json.field("payload") { $0.payload(of: reading, isGroup: destination.isGroup) }
            json.field("host", self.host)
            json.field("appkey", stamp.appKey)
            json.field("from", reading.by.rawValue)
            json.field("to", destination.to)
            json.field("msg_id", subject.occurrence.id.easemob)
        }
    }

    /// 用户登入登出. A device that only connected again was there all the time.
    static func call(
        about presence: PresenceHappening, _ id: MessageID, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        guard let reason = presence.change.easemobReason,
            let stamp = Stamp(uuidOf: id, in: subject.app, for: rule)
        else { return nil }
        let os = presence.platform.easemobOS
        return CallbackCall("userStatus:\(reason)", to: rule) { json in
            stamp.write(to: &json)
            json.field("reason", reason)
            json.field("os", os)
            json.field("ip", presence.address ?? "")
            json.field("host", self.host)
            json.field("appkey", stamp.appKey)
            json.field("user", "\(stamp.appKey)_\(presence.user)@easemob.com/\(os)_\(presence.device)")
            // Of an SDK, which clients do not say.
            json.field("version", "")
            json.field("status", reason == "login" ? "online" : "offline")
        }
    }
}

extension JSONWriter {
    fileprivate mutating func payload(of reading: Reading, isGroup: Bool) {
        self.object { json in
            json.field("ext") { $0.object { _ in } }
            json.field("ack_message_id", reading.message.easemob)
            if isGroup {
                json.field("msg_config") { json in json.object { $0.field("allow_group_ack", true) } }
                json.field("type", "read_ack")
            } else {
                json.field("bodies") { $0.array { _ in } }
            }
        }
    }
}

extension PresenceHappening.Change {
    fileprivate var easemobReason: String? {
        switch self {
        case .online: "login"
        case .offline(.closed), .offline(.lost), .offline(.interrupted): "logout"
        case .offline(.replaced), .offline(.kicked): "replaced"
        case .offline(.renewed): nil
        }
    }
}

extension String {
    /// Of the vendor's five words, the one for what a client says it runs on.
    fileprivate var easemobOS: String {
        switch self.lowercased() {
        case "ios", "iphone", "ipad": "ios"
        case "android": "android"
        case "linux": "linux"
        case "windows", "win": "win"
        default: "other"
        }
    }
}
