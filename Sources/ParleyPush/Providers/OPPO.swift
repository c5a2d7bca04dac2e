import Crypto
package import ParleyCore
import ParleyDialectKit
import ParleyJSON
package import ParleyOutbound

/// OPPO's push service (OnePlus and realme phones too).
///
/// Access: https://open.oppomobile.com/new/developmentDoc/info?id=11234; notices: …?id=11236; one device: …?id=11238. Outside China the same API is at
/// `https://api-intl.push.oppomobile.com`: ``PushProvider/url``.
package struct OPPO: PushAdapter {
    package static let kind = PushProvider.Kind.oppo
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField("app-key", "The app's AppKey: OPPO's push platform, configuration."),
        AccountField("master-secret", isSecret: true, "The MasterSecret, beside it."),
        AccountField("channel", isRequired: false, "The notification channel of messages that name none."),
        AccountField("category", isRequired: false, "The category (IM …) of messages that name none."),
        AccountField("notify-level", isRequired: false, "1, 2 or 16, with a category: how much of a stir it makes."),
        AccountField(
            "action", isRequired: false, "The action of the activity that a tap opens. Without it: the app itself."),
    ]

    private let base: String
    private let key: String
    private let secret: String
    private let notifyLevel: Int?
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        self.account = provider
        self.base = provider.base("https://api.push.oppomobile.com")
        self.key = try provider.required("app-key")
        self.secret = try provider.required("master-secret")
        let level = provider.optional("notify-level")
        self.notifyLevel = level.flatMap { Int($0) }
        if level != nil, ![1, 2, 16].contains(self.notifyLevel) {
            throw AccountFault("notify-level", "is neither 1, 2 nor 16")
        }
    }

    // MARK: Access

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess {
        let timestamp = String(now.milliseconds)
        var form = FormBody()
        form["app_key"] = self.key
        form["timestamp"] = timestamp
        form["sign"] = SHA256.hash(data: Array((self.key + timestamp + self.secret).utf8)).hex
        return .ask(
            OutboundRequest("POST", "\(self.base)/server/v1/auth", headers: [FormBody.contentType], body: form.bytes))
    }

    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? {
        let read = VendorAnswer(answer)
        guard read.code("code") == 0, let token = read.json?["data"]?["auth_token"]?.scalar, !token.isEmpty else {
            return nil
        }
        return PushGrant(token: token, expiresAt: now.adding(seconds: 86_400))
    }

    // MARK: Request

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        // There is no request for it.
        guard !notice.look.isSilent else { throw PushRefusal("OPPO's phones show every notice") }
        let notice = VendorNotice(notice, at: Self.kind)
        let message = Merging.merge(
            notice.special.fields, into: self.message(for: notice), keeping: ["target_type", "target_value"])
        var form = FormBody()
        form["auth_token"] = grant?.token ?? ""
        form["message"] = String(decoding: message, as: UTF8.self)
        return OutboundRequest(
            "POST", "\(self.base)/server/v1/message/notification/unicast", headers: [FormBody.contentType],
            body: form.bytes)
    }

    private func message(for notice: VendorNotice) -> [UInt8] {
        JSONWriter.object {
            // A registration id.
            $0.field("target_type", 2)
            $0.field("target_value", notice.token)
            $0.field("notification") { $0.object { self.notification(notice, &$0) } }
        }
    }

    private func notification(_ notice: VendorNotice, _ json: inout JSONWriter) {
        json.field("app_message_id", notice.id)
        json.field("title", notice.title.shortened(to: 50, in: .units))
        if let subtitle = notice.look.subtitle { json.field("sub_title", subtitle.shortened(to: 10, in: .units)) }
        // 1: the usual style, with at most 50 characters. 2: for a long text, with at most 128.
        let isLong = notice.text.utf16.count > 50
        json.field("style", isLong ? 2 : 1)
        json.field("content", notice.text.shortened(to: isLong ? 128 : 50, in: .units))
        self.click(notice, &json)
        json.field("off_line", !notice.isForNow)
        if !notice.isForNow { json.field("off_line_ttl", notice.lifetimeSeconds(in: 1...864_000)) }
        if let channel = notice.special.channel ?? self.account.optional("channel") {
            json.field("channel_id", channel)
        }
        if let category = notice.category ?? self.account.optional("category") {
            json.field("category", category)
            // "Where there is a notify_level, there has to be a category."
            if let level = notice.special.notifyLevel ?? self.notifyLevel { json.field("notify_level", level) }
        }
        if let number = notice.replacementNumber { json.field("notify_id", number) }
    }

    private func click(_ notice: VendorNotice, _ json: inout JSONWriter) {
        if let action = self.account.optional("action") {
            json.field("click_action_type", 1)
            json.field("click_action_activity", action)
        } else {
            json.field("click_action_type", 0)
        }
        if notice.hasPayload {
            json.field("action_parameters", String(decoding: notice.payload(atMost: 4000), as: UTF8.self))
        }
    }

    // MARK: Answer

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let read = VendorAnswer(answer)
        if let trouble = read.trouble { return trouble }
        guard let code = read.code("code") else { return read.unreadable }
        let detail = read.detail(code, read.text("message"))
        return switch code {
        case 0: .accepted(id: read.json?["data"]?["messageId"]?.scalar ?? read.json?["data"]?["message_id"]?.scalar)
        // Invalid AuthToken, missing Auth Token.
        case 11, 29: .unauthorized(detail)
        // Flow control, not available, called too often (twice).
        case -2, -1, 13, 55: .later(detail, afterMilliseconds: nil)
        // Invalid RegistrationId.
        case 10000: .unregistered
        // 33 too: the day's number is used up, and tomorrow is too late.
        default: .refused(detail)
        }
    }
}
