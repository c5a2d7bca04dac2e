package import ParleyCore
import ParleyJSON
package import ParleyOutbound

/// Huawei's Push Kit for Android (EMUI, HarmonyOS up to 4).
///
/// Requests: https://developer.huawei.com/consumer/cn/doc/HMSCore-References/https-send-api-0000001050986197;
/// tokens: https://developer.huawei.com/consumer/cn/doc/HMSCore-Guides/oauth2-0000001212610981
package struct Huawei: PushAdapter {
    package static let kind = PushProvider.Kind.huawei
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField("app-id", "The app's id (its OAuth 2.0 client id): AppGallery Connect, project settings."),
        AccountField("app-secret", isSecret: true, "The OAuth 2.0 client secret, beside the id."),
        AccountField("badge-class", isRequired: false, "The class of the app's first activity. Without it, no badge."),
        AccountField(
            "action", isRequired: false, "The action of the activity that a tap opens. Without it: the app itself."),
        AccountField("channel", isRequired: false, "The notification channel of messages that name none."),
        AccountField("category", isRequired: false, "The category (IM …) that Huawei has granted the app."),
    ]

    /// Who a message goes to is not a sender's to say.
    private static let ours: Set<String> = ["token", "topic", "condition"]

    private let base: String
    private let credentials: ClientCredentials
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        self.account = provider
        self.base = provider.base("https://push-api.cloud.huawei.com")
        self.credentials = ClientCredentials(
            url: provider.base("https://oauth-login.cloud.huawei.com") + "/oauth2/v3/token",
            id: try provider.required("app-id"), secret: try provider.required("app-secret"))
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
            "POST", "\(self.base)/v1/\(URLEncoding.component(self.credentials.id))/messages:send",
            headers: [
                ("Content-Type", "application/json;charset=UTF-8"), ("Authorization", "Bearer \(grant?.token ?? "")"),
            ],
            body: try notice.body { text in
                let message = Merging.merge(
                    notice.special.fields, into: self.message(for: notice, text: text), keeping: Self.ours)
                return JSONWriter.object {
                    $0.field("validate_only", false)
                    $0.field("message", raw: message)
                }
            })
    }

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        PushKitCode.verdict(on: answer)
    }

    private func message(for notice: VendorNotice, text: String) -> [UInt8] {
        JSONWriter.object {
            // With a notification, the app gets it when it is tapped; without one, at once.
            if notice.hasPayload || notice.look.isSilent {
                $0.field("data", String(decoding: notice.payload(), as: UTF8.self))
            }
            $0.field("android") { $0.object { self.android(notice, text, &$0) } }
            $0.field("token", [notice.token])
        }
    }

    private func android(_ notice: VendorNotice, _ text: String, _ json: inout JSONWriter) {
        json.field("ttl", "\(notice.lifetimeSeconds(in: 1...1_296_000))s")
        // Of messages without a notification, only calls and spoken ones have a category.
        guard !notice.look.isSilent else { return }
        if let category = notice.category ?? self.account.optional("category") { json.field("category", category) }
        json.field("notification") { $0.object { self.notification(notice, text, &$0) } }
    }

    private func notification(_ notice: VendorNotice, _ text: String, _ json: inout JSONWriter) {
        json.field("title", notice.title)
        json.field("body", text)
        json.field("click_action") { $0.object { self.clickAction(&$0) } }
        if let channel = notice.special.channel ?? self.account.optional("channel") {
            json.field("channel_id", channel)
        }
        if let importance = notice.special.importance { json.field("importance", importance) }
        if let image = notice.look.image { json.field("image", image) }
        if let sound = notice.look.sound, !sound.isEmpty {
            json.field("sound", sound.hasPrefix("/raw/") ? sound : "/raw/\(sound)")
            json.field("default_sound", false)
        }
        if let number = notice.replacementNumber { json.field("notify_id", number) }
        if let thread = notice.look.threadID { json.field("group", thread) }
        // "The class of the first activity has to be there if a badge is to be."
        if let badge = notice.badge, let badgeClass = self.account.optional("badge-class") {
            json.field("badge") {
                $0.object {
                    $0.field("set_num", badge)
                    $0.field("class", badgeClass)
                }
            }
        }
    }

    private func clickAction(_ json: inout JSONWriter) {
        guard let action = self.account.optional("action") else { return json.field("type", 3) }
        json.field("type", 1)
        json.field("action", action)
    }
}
