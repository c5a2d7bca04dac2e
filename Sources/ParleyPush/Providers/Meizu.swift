import Crypto
package import ParleyCore
import ParleyDialectKit
import ParleyJSON
package import ParleyOutbound

/// Meizu's push service.
///
/// https://github.com/MEIZUPUSH/PushAPI
package struct Meizu: PushAdapter {
    package static let kind = PushProvider.Kind.meizu
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField("app-id", "The app's AppID: Meizu's push platform."),
        AccountField("app-secret", isSecret: true, "The App Secret, beside it."),
        AccountField(
            "activity", isRequired: false, "The activity that a tap opens, in full. Without it: the app itself."),
    ]

    private let base: String
    private let id: String
    private let secret: String
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        self.account = provider
        self.base = provider.base("https://server-api-push.meizu.com") + "/garcia/api/server/push"
        self.id = try provider.required("app-id")
        self.secret = try provider.required("app-secret")
    }

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess { .open }
    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? { nil }

    // MARK: Request

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        let notice = VendorNotice(notice, at: Self.kind)
        let message = notice.look.isSilent ? self.passedThrough(notice) : self.shown(notice)
        var form = FormBody()
        form["appId"] = self.id
        form["pushIds"] = notice.token
        form["messageJson"] = String(decoding: Merging.merge(notice.special.fields, into: message), as: UTF8.self)
        form["sign"] = self.signature(of: form)
        let kind = notice.look.isSilent ? "unvarnished" : "varnished"
        return OutboundRequest(
            "POST", "\(self.base)/\(kind)/pushByPushId", headers: [FormBody.contentType], body: form.bytes)
    }

    /// Of what the fields say, before they are encoded.
    private func signature(of form: FormBody) -> String {
        let pairs = form.fields.sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value)" }
        return Insecure.MD5.hash(data: Array((pairs.joined() + self.secret).utf8)).hex
    }

    private func shown(_ notice: VendorNotice) -> [UInt8] {
        JSONWriter.object {
            $0.field("noticeBarInfo") {
                $0.object {
                    $0.field("noticeBarType", 0)
                    $0.field("title", notice.title.shortened(to: 32, in: .units))
                    $0.field("content", notice.text.shortened(to: 100, in: .units))
                }
            }
            $0.field("clickTypeInfo") { $0.object { self.click(notice, &$0) } }
            $0.field("pushTimeInfo") { $0.object { self.time(notice, &$0) } }
            $0.field("advanceInfo") { $0.object { self.stir(notice, &$0) } }
        }
    }

    /// Meizu has restricted it since 2018: there are Apps that may.
    private func passedThrough(_ notice: VendorNotice) -> [UInt8] {
        JSONWriter.object {
            $0.field("content", String(decoding: notice.payload(atMost: 2000), as: UTF8.self))
            $0.field("pushTimeInfo") { $0.object { self.time(notice, &$0) } }
        }
    }

    /// Not 3, "the app's own": since Android 12 that does not work, and Meizu asks for 0, 1 or 2.
    private func click(_ notice: VendorNotice, _ json: inout JSONWriter) {
        if let activity = self.account.optional("activity") {
            json.field("clickType", 1)
            json.field("activity", activity)
        } else {
            json.field("clickType", 0)
        }
        if notice.hasPayload { json.field("parameters", raw: notice.payload()) }
    }

    private func time(_ notice: VendorNotice, _ json: inout JSONWriter) {
        json.field("offLine", notice.isForNow ? 0 : 1)
        // Whole hours, up to three days.
        if !notice.isForNow { json.field("validTime", (notice.lifetimeSeconds(in: 1...259_200) + 3599) / 3600) }
    }

    private func stir(_ notice: VendorNotice, _ json: inout JSONWriter) {
        json.field("notificationType") {
            $0.object {
                $0.field("vibrate", 1)
                $0.field("lights", 1)
                $0.field("sound", notice.look.sound?.isEmpty == true ? 0 : 1)
            }
        }
        // At most eight letters, digits and marks.
        if let collapseID = notice.look.collapseID {
            json.field("notifyKey", VendorNotice.digest(of: collapseID).prefix(4).hex)
        }
    }

    // MARK: Answer

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let read = VendorAnswer(answer)
        if let trouble = read.trouble { return trouble }
        guard let code = read.code("code") else { return read.unreadable }
        let detail = read.detail(code, read.text("message"))
        return switch code {
        case 200: Self.verdict(on: read)
        // Others, the system, a busy server, too fast.
        case 500, 1001, 1003, 110010: .later(detail, afterMilliseconds: nil)
        default: .refused(detail)
        }
    }

    /// `value` names the push ids that were not taken, by why: there is one id, so there is one reason.
    private static func verdict(on read: VendorAnswer) -> PushVerdict {
        guard let reason = read.json?["value"]?.members?.first(where: { $0.value.count > 0 })?.key else {
            return .accepted(id: read.text("msgId"))
        }
        return switch reason {
        // No longer subscribed, not a push id.
        case "110002", "110003": .unregistered
        // The database, sending failed, too fast, too much to do.
        case "501", "513", "518", "519": .later(reason, afterMilliseconds: nil)
        default: .refused(reason)
        }
    }
}
