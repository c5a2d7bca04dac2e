import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What is told as an array of JSON objects, with one in it.
extension RongCloudCallbacks {
    /// The status of users (订阅用户在线状态): 0 is online, the other way round than where a backend asks for it. Of a device that only connected again nothing is
    /// told: not every backend tells connections apart by `sessionId`.
    static func status(
        _ presence: PresenceHappening, _ happening: Happening, of app: App, for rule: CallbackRule, at now: Timestamp
    ) -> CallbackCall? {
        guard let status = presence.change.rongCloudStatus else { return nil }
        return self.list(happening, of: app, for: rule, at: now, name: "online status \(status)") { json in
            json.field("userid", presence.user.rawValue)
            json.field("status", status)
            json.field("os", presence.platform.rongCloudOS)
            json.field("time", happening.at.milliseconds)
            json.field("clientIp", presence.address ?? "")
            json.field("sessionId", presence.session)
        }
    }

    /// The status of chat rooms (聊天室状态同步): also of the live groups that the other vendors' APIs make.
    static func status(
        _ group: GroupHappening, _ happening: Happening, of app: App, for rule: CallbackRule, at now: Timestamp
    ) -> CallbackCall? {
        let id = group.group.id
        guard let room = id.chatRoom ?? (group.group.type == .avChatRoom ? id.rawValue : nil),
            let (type, users) = group.kind.rongCloudRoomEvent
        else { return nil }
        return self.list(happening, of: app, for: rule, at: now, name: "chat room status \(type)") { json in
            json.field("chatRoomId", room)
            json.field("userIds", users.lazy.map(\.rawValue))
            json.field("status", group.cause.rongCloudStatus)
            json.field("type", type)
            json.field("time", happening.at.milliseconds)
        }
    }

    private static func list(
        _ happening: Happening, of app: App, for rule: CallbackRule, at now: Timestamp, name: String,
        _ members: (inout JSONWriter) -> Void
    ) -> CallbackCall {
        var json = JSONWriter()
        json.array { $0.object(members) }
        return CallbackCall(
            url: self.url(of: rule, in: app, about: happening.id, at: now), contentType: "application/json",
            body: json.bytes, name: name)
    }
}

extension PresenceHappening.Change {
    /// `0` online, `1` offline, `2` logged out.
    fileprivate var rongCloudStatus: String? {
        switch self {
        case .online: "0"
        case .offline(.closed), .offline(.lost), .offline(.interrupted): "1"
        case .offline(.replaced), .offline(.kicked): "2"
        case .offline(.renewed): nil
        }
    }
}

extension GroupHappening.Cause? {
    /// 0 somebody wanted it so, 1 the connection is gone, 2 kept out, 3 the room's time was over.
    fileprivate var rongCloudStatus: Int {
        switch self {
        case nil: 0
        case .disconnected: 1
        case .keptOut: 2
        case .over: 3
        }
    }
}

extension GroupHappening.Kind {
    /// 0 made, 1 joined, 2 left, 3 ended.
    fileprivate var rongCloudRoomEvent: (type: Int, users: [UserID])? {
        switch self {
        case .created(let users, _): (0, users)
        case .joined(let users, _): (1, users)
        case .left(let users), .removed(let users): (2, users)
        case .dissolved(let users): (3, users)
        case .changed, .full, .owner, .administrators, .muted, .unmuted, .speakers, .keptOut, .applied,
            .applicationAnswered, .invited, .invitationAnswered, .file, .memberAttributes, .attributesSet,
            .attributesRemoved:
            nil
        }
    }
}

extension String {
    /// Of the vendor's words, the one for what a client says it runs on.
    fileprivate var rongCloudOS: String {
        switch self.lowercased() {
        case "ios", "iphone", "ipad": "iOS"
        case "android": "Android"
        case "windows", "mac", "macos", "linux", "pc": "PC"
        case "miniprogram": "MiniProgram"
        default: "Websocket"
        }
    }
}
