import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 状态变更回调.
extension CallbackPacket {
    /// Nil for a device that was replaced: the call about the one that took its place names it; and for one that only connected again.
    init?(_ presence: PresenceHappening, at moment: Timestamp) {
        let (action, reason): (String, String)
        switch presence.change {
        case .online: (action, reason) = ("Login", "Register")
        case .offline(.kicked): (action, reason) = ("Logout", "Unregister")
        case .offline(.closed), .offline(.interrupted): (action, reason) = ("Disconnect", "LinkClose")
        case .offline(.lost): (action, reason) = ("Disconnect", "TimeOut")
        case .offline(.replaced), .offline(.renewed): return nil
        }
        self.init(
            .stateChange, on: presence.platform.tencentPlatform, address: presence.address, at: moment
        ) { json in
            json.field("Info") { json in
                json.object {
                    $0.field("Action", action)
                    $0.field("To_Account", presence.user.rawValue)
                    $0.field("Reason", reason)
                }
            }
            guard case .online(let replaced) = presence.change, !replaced.isEmpty else { return }
            json.objects("KickedDevice", replaced) { $0.field("Platform", $1.tencentPlatform) }
        }
    }
}

extension String {
    /// The vendor's word for what a client says it runs on; other words are the client's own, and no part of a URL.
    fileprivate var tencentPlatform: String {
        switch self.lowercased() {
        case "web": "Web"
        case "android": "Android"
        // So written in this callback alone.
        case "ios", "iphone": "IOS"
        case "ipad": "iPad"
        case "windows": "Windows"
        case "mac", "macos": "Mac"
        default: "Unknown"
        }
    }
}

/// 发送群聊消息异常回调: what the sender was told, or would have been.
extension CallbackPacket {
    init?(_ send: RefusedSend, at moment: Timestamp, in subject: CallbackSubject) {
        guard case .group(let id) = send.conversation else { return nil }
        let message = send.message
        let failure = Errors.failure(for: send.cause)
        let hasOnlineOnly = subject.group?.type.rules.allowsOnlineOnlyMessages ?? true
        self.init(.groupSendException, from: message.origin, at: moment) {
            $0.members(of: id, subject.group)
            $0.people(of: message, in: subject.app)
            $0.body(of: message, isOnlineOnly: send.isEphemeral && hasOnlineOnly)
            $0.field("ErrorCode", failure.code)
            $0.field("ErrorInfo", failure.info)
        }
    }
}
