import Crypto
package import ParleyCore
import ParleyDialectKit
import ParleyJSON
package import ParleyOutbound

/// vivo's push service.
///
/// https://dev.vivo.com.cn/documentCenter/doc/362
package struct Vivo: PushAdapter {
    package static let kind = PushProvider.Kind.vivo
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField("app-id", "The app's AppID: vivo's developer platform, push."),
        AccountField("app-key", "The AppKey, beside it."),
        AccountField("app-secret", isSecret: true, "The AppSecret, beside it."),
        AccountField(
            "classification", isRequired: false, "0: operations, 1: system messages. Without it: 1."),
        AccountField("category", isRequired: false, "The category (IM …) of messages that name none."),
        AccountField(
            "intent", isRequired: false, "The URI of the intent that a tap opens. Without it: the app itself."),
        AccountField("test", isRequired: false, "true: only to devices that are registered for tests."),
    ]

    private let base: String
    private let id: String
    private let key: String
    private let secret: String
    private let classification: Int
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        self.account = provider
        self.base = provider.base("https://api-push.vivo.com.cn")
        self.id = try provider.required("app-id")
        self.key = try provider.required("app-key")
        self.secret = try provider.required("app-secret")
        switch provider.optional("classification") {
        case nil, "1": self.classification = 1
        case "0": self.classification = 0
        default: throw AccountFault("classification", "is neither 0 nor 1")
        }
    }

    // MARK: Access

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess {
        let signed = "\(self.id)\(self.key)\(now.milliseconds)\(self.secret)"
        let body = JSONWriter.object {
            $0.field("appId", self.id)
            $0.field("appKey", self.key)
            $0.field("timestamp", now.milliseconds)
            $0.field("sign", Insecure.MD5.hash(data: Array(signed.utf8)).hex)
        }
        return .ask(
            OutboundRequest(
                "POST", "\(self.base)/message/auth", headers: [("Content-Type", "application/json")], body: body))
    }

    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? {
        let read = VendorAnswer(answer)
        guard read.code("result") == 0, let token = read.text("authToken"), !token.isEmpty else { return nil }
        // Good for a day, and to be renewed every one or two hours.
        return PushGrant(token: token, expiresAt: now.adding(seconds: 7200))
    }

    // MARK: Request

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        // There is no request for it.
        guard !notice.look.isSilent else { throw PushRefusal("vivo's phones show every notice") }
        let notice = VendorNotice(notice, at: Self.kind)
        return OutboundRequest(
            "POST", "\(self.base)/message/send",
            headers: [("Content-Type", "application/json"), ("authToken", grant?.token ?? "")],
            body: Merging.merge(
                notice.special.fields, into: self.body(for: notice), keeping: ["appId", "regId", "alias"]))
    }

    private func body(for notice: VendorNotice) -> [UInt8] {
        JSONWriter.object {
            $0.field("appId", self.id)
            $0.field("regId", notice.token)
            // 4: rings and vibrates. 3: vibrates.
            $0.field("notifyType", notice.look.sound?.isEmpty == true ? 3 : 4)
            $0.field("title", notice.title.shortened(to: 40, in: .halfWidths))
            $0.field("content", notice.text.shortened(to: 100, in: .halfWidths))
            $0.field("timeToLive", notice.lifetimeSeconds(in: 60...604_800))
            self.skip(&$0)
            $0.field("networkType", -1)
            $0.field("classification", notice.special.classification ?? self.classification)
            if let category = notice.category ?? self.account.optional("category") { $0.field("category", category) }
            if notice.hasPayload {
                let texts = notice.texts(count: 10, limit: 1024)
                $0.field("clientCustomMap") { $0.object { for (name, value) in texts { $0.field(name, value) } } }
            }
            $0.field("requestId", notice.id)
            $0.field("pushMode", self.account.optional("test") == "true" ? 1 : 0)
            if let number = notice.replacementNumber { $0.field("notifyId", number) }
        }
    }

    /// What a tap opens.
    private func skip(_ json: inout JSONWriter) {
        guard let intent = self.account.optional("intent") else { return json.field("skipType", 1) }
        json.field("skipType", 4)
        json.field("skipContent", intent)
    }

    // MARK: Answer

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let read = VendorAnswer(answer)
        if let trouble = read.trouble { return trouble }
        guard let code = read.code("result") else { return read.unreadable }
        let detail = read.detail(code, read.text("desc"))
        // 1: no such device, 2: uninstalled, or notices switched off, 3: not seen for ninety days, 4: none of the test devices.
        let isOnlyNoTestDevice = read.json?["invalidUser"]?["status"]?.scalar == "4"
        return switch code {
        case 0: .accepted(id: read.text("taskId"))
        case 10000: .unauthorized(detail)
        case 10302: isOnlyNoTestDevice ? .refused(detail) : .unregistered
        // Too fast.
        case 10072: .later(detail, afterMilliseconds: nil)
        // 10070, 10073 too, the day's number: "do not call this again today". And 10071, not at this time of day.
        default: .refused(detail)
        }
    }
}
