package import ParleyCore
import ParleyJSON
package import ParleyOutbound

/// Xiaomi's push service.
///
/// Requests: https://dev.mi.com/xiaomihyperos/documentation/detail?pId=1559; codes: …?pId=1560. Outside China the same API is at other addresses
/// (`https://api.xmpush.global.xiaomi.com` and one per region): ``PushProvider/url``.
package struct Xiaomi: PushAdapter {
    package static let kind = PushProvider.Kind.xiaomi
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField("app-secret", isSecret: true, "The app's AppSecret: Xiaomi's developer platform, push."),
        AccountField("package", "The app's package, unless a device names another."),
        AccountField("channel", isRequired: false, "The notification channel (channel_id) of messages that name none."),
        AccountField(
            "intent", isRequired: false, "The URI of the intent that a tap opens. Without it: the app itself."),
    ]

    /// Who a message goes to is not a sender's to say.
    private static let ours: Set<String> = [
        "registration_id", "restricted_package_name", "alias", "user_account", "topic", "topics",
    ]

    private let url: String
    private let secret: String
    private let packageName: String
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        self.account = provider
        self.url = provider.base("https://api.xmpush.xiaomi.com") + "/v3/message/regid"
        self.secret = try provider.required("app-secret")
        self.packageName = try provider.required("package")
    }

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess { .open }
    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? { nil }

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        let notice = VendorNotice(notice, at: Self.kind)
        var form = FormBody()
        form["registration_id"] = notice.token
        form["restricted_package_name"] = notice.notice.device.bundle ?? self.packageName
        form["pass_through"] = notice.look.isSilent ? "1" : "0"
        // "Shorter than 4 KB." Passed through, it has to be there.
        if notice.hasPayload || notice.look.isSilent {
            form["payload"] = String(decoding: notice.payload(atMost: 4095), as: UTF8.self)
        }
        // Ten days for messages from one to one, one day for others, says the service; it cuts what is longer.
        form["time_to_live"] = String(notice.lifetimeSeconds(in: 1...864_000) * 1000)
        if !notice.look.isSilent { self.show(notice, in: &form) }
        form.set(notice.special.fields, keeping: Self.ours)
        return OutboundRequest(
            "POST", self.url, headers: [FormBody.contentType, ("Authorization", "key=\(self.secret)")], body: form.bytes
        )
    }

    private func show(_ notice: VendorNotice, in form: inout FormBody) {
        // "Shorter than 50", and "than 128".
        form["title"] = notice.title.shortened(to: 49, in: .units)
        form["description"] = notice.text.shortened(to: 127, in: .units)
        // All; without a sound: vibration (2) and light (4).
        form["notify_type"] = notice.look.sound?.isEmpty == true ? "6" : "-1"
        // Notices without an id of their own replace each other.
        form["notify_id"] = String(notice.replacementNumber ?? VendorNotice.number(for: notice.id))
        form["extra.channel_id"] = notice.special.channel ?? self.account.optional("channel")
        form["extra.notify_effect"] = "1"
        if let intent = self.account.optional("intent") {
            form["extra.notify_effect"] = "2"
            form["extra.intent_uri"] = intent
        }
        // Only images that have been sent to Xiaomi before: so not just any message's.
        form["extra.notification_large_icon_uri"] = notice.special.image
        if let sound = notice.look.sound, !sound.isEmpty {
            let package = notice.notice.device.bundle ?? self.packageName
            form["extra.sound_uri"] = sound.contains("://") ? sound : "android.resource://\(package)/raw/\(sound)"
        }
    }

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let read = VendorAnswer(answer)
        if let trouble = read.trouble { return trouble }
        guard let code = read.code("code") else { return read.unreadable }
        let data = read.json?["data"]
        // One token was sent: who is in the list is it.
        if let bad = data?["bad_regids"], bad.count > 0 || bad.string?.isEmpty == false { return .unregistered }
        let detail = read.detail(code, read.text("reason") ?? read.text("description"))
        return switch code {
        case 0: .accepted(id: data?["id"]?.scalar)
        // "Not a lawful device."
        case 10029: .unregistered
        // Sending failed, because no target is one. Other reasons for the same code say nothing of the token.
        case 20301 where read.text("reason") == "No valid targets!": .unregistered
        // Unknown and internal errors, a busy system, a remote service, calls that are too frequent, and more a second than the App may.
        case -1, 1, 10001, 10002, 10003, 10027, 20607, 26003, 65029, 200_002: .later(detail, afterMilliseconds: nil)
        default: .refused(detail)
        }
    }
}
