package import ParleyCore
import ParleyJSON
package import ParleyOutbound

/// Honor's push service: Huawei's of the days when Honor was Huawei's, with names and codes of its own.
///
/// https://developer.honor.com/cn/docs/11002/reference/downlink-message; a request as it is shown at https://my.oschina.net/u/5873522/blog/10140231
package struct Honor: PushAdapter {
    package static let kind = PushProvider.Kind.honor
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField("app-id", "The app's id: Honor's developer platform, push service."),
        AccountField("client-id", "The client id, beside it."),
        AccountField("client-secret", isSecret: true, "The client secret, beside it."),
        AccountField("badge-class", isRequired: false, "The class of the app's first activity. Without it, no badge."),
        AccountField(
            "action", isRequired: false, "The action of the activity that a tap opens. Without it: the app itself."),
    ]

    private let url: String
    private let credentials: ClientCredentials
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        self.account = provider
        let base = provider.base("https://push-api.cloud.honor.com")
        self.url = "\(base)/api/v1/\(URLEncoding.component(try provider.required("app-id")))/sendMessage"
        self.credentials = ClientCredentials(
            url: provider.base("https://iam.developer.honor.com") + "/auth/token",
            id: try provider.required("client-id"), secret: try provider.required("client-secret"))
    }

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess { .ask(self.credentials.request) }

    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? {
        self.credentials.grant(from: answer, at: now)
    }

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        let notice = VendorNotice(notice, at: Self.kind)
        return OutboundRequest(
            "POST", self.url,
            headers: [
                ("Content-Type", "application/json; charset=UTF-8"), ("Authorization", "Bearer \(grant?.token ?? "")"),
                ("timestamp", String(now.milliseconds)),
            ],
            body: try notice.body {
                Merging.merge(notice.special.fields, into: self.body(for: notice, text: $0), keeping: ["token"])
            })
    }

    private func body(for notice: VendorNotice, text: String) -> [UInt8] {
        JSONWriter.object {
            if notice.hasPayload || notice.look.isSilent {
                $0.field("data", String(decoding: notice.payload(), as: UTF8.self))
            }
            $0.field("android") {
                $0.object {
                    $0.field("ttl", "\(notice.lifetimeSeconds(in: 1...86_400))s")
                    $0.field("targetUserType", 0)
                    guard !notice.look.isSilent else { return }
                    $0.field("notification") { $0.object { self.notification(notice, text, &$0) } }
                }
            }
            $0.field("token", [notice.token])
        }
    }

    private func notification(_ notice: VendorNotice, _ text: String, _ json: inout JSONWriter) {
        json.field("title", notice.title)
        json.field("body", text)
        json.field("clickAction") { $0.object { self.clickAction(&$0) } }
        if let importance = notice.special.importance { json.field("importance", importance) }
        if let image = notice.look.image { json.field("image", image) }
        if let number = notice.replacementNumber { json.field("notifyId", number) }
        if let thread = notice.look.threadID { json.field("group", thread) }
        if let badge = notice.badge, let badgeClass = self.account.optional("badge-class") {
            json.field("badge") {
                $0.object {
                    $0.field("setNum", badge)
                    $0.field("badgeClass", badgeClass)
                }
            }
        }
    }

    private func clickAction(_ json: inout JSONWriter) {
        guard let action = self.account.optional("action") else { return json.field("type", 3) }
        json.field("type", 1)
        json.field("action", action)
    }

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let read = VendorAnswer(answer)
        if let trouble = read.trouble { return trouble }
        let code = read.text("code")
        // Errors of the request have Huawei's numbers.
        if let code, let known = PushKitCode(rawValue: code) {
            return known.verdict(
                read.detail(code, read.text("message")), message: nil, id: read.json?["data"]?["requestId"]?.scalar)
        }
        // Which of the two says that a token is no longer good, what we have of Honor's documentation does not agree about.
        if let status = [401, 403].first(where: { answer.status == $0 || code == "\($0)" }) {
            return .unauthorized(read.detail(status, read.text("message")))
        }
        guard let code else { return read.unreadable }
        guard code == "200" else { return .refused(read.detail(code, read.text("message"))) }
        return Self.verdict(on: read.json?["data"], detail: read.detail(code, read.text("message")))
    }

    /// There is one token: it expired, it failed for some other reason, or it is in no list.
    private static func verdict(on data: JSON?, detail: String) -> PushVerdict {
        if let expired = data?["expireTokens"], expired.count > 0 { return .unregistered }
        let failed = data?["failTokens"]?.count ?? 0
        guard failed == 0, data?["sendResult"]?.bool != false else { return .refused(detail) }
        return .accepted(id: data?["requestId"]?.scalar)
    }
}
