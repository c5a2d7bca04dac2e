import Crypto
package import ParleyCore
import ParleyDialectKit
import ParleyJSON
package import ParleyOutbound

/// Any other service: the notice as JSON, to a URL of the App's. The form is Parley's own.
///
/// With a `secret`, `X-Parley-Signature` is the HMAC-SHA256, in lower-case hexadecimal, of `X-Parley-Timestamp` (seconds since 1970), a period, and the body.
/// Who receives it should look at both: a signature alone can be sent again.
package struct WebhookPush: PushAdapter {
    package static let kind = PushProvider.Kind.webhook
    package static let fields = [
        AccountField("secret", isRequired: false, isSecret: true, "Signs what is sent. Any text of your own")
    ]
    package static let policy = PushPolicy()

    private let url: String
    private let secret: SymmetricKey?

    package init(_ provider: PushProvider) throws(AccountFault) {
        guard let url = provider.url, !url.isEmpty else { throw AccountFault("url", "is missing") }
        self.url = url
        self.secret = provider.optional("secret").map { SymmetricKey(data: Array($0.utf8)) }
    }

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess { .open }

    /// Nothing is asked for.
    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? { nil }

    package func request(for notice: PushNotice, with grant: PushGrant?, at now: Timestamp) -> OutboundRequest {
        let body = Self.body(notice)
        var headers = [
            (name: "Content-Type", value: "application/json"), (name: "X-Parley-Timestamp", value: "\(now.seconds)"),
        ]
        if let secret {
            let signed = Array("\(now.seconds).".utf8) + body
            let signature = HMAC<SHA256>.authenticationCode(for: signed, using: secret)
            headers.append(("X-Parley-Signature", signature.hex))
        }
        return OutboundRequest("POST", self.url, headers: headers, body: body)
    }

    private static func body(_ notice: PushNotice) -> [UInt8] {
        let look = notice.look.seen(at: Self.kind)
        return JSONWriter.object {
            Self.write(notice, to: &$0)
            Self.write(look, badge: notice.badge, to: &$0)
            $0.field("sentAt", notice.message.sentAt.milliseconds)
            $0.field("payload", raw: Merging.merge(look.special[Self.kind]?.fields, into: Self.payload(notice)))
        }
    }

    private static func write(_ notice: PushNotice, to json: inout JSONWriter) {
        json.field("app", notice.app.rawValue)
        json.field("messageId", notice.message.description)
        json.field("conversation") {
            let (type, id) = Self.name(notice.conversation, for: notice.device.user)
            $0.object {
                $0.field("type", type)
                $0.field("id", id)
            }
        }
        json.field("sender", notice.sender.rawValue)
        json.field("user", notice.device.user.rawValue)
        json.field("device") {
            $0.object {
                $0.field("id", notice.device.device)
                $0.field("token", notice.device.token)
                $0.field("provider", notice.device.provider)
                $0.field("dialect", notice.device.dialect.rawValue)
                if let bundle = notice.device.bundle { $0.field("bundle", bundle) }
            }
        }
    }

    private static func write(_ look: PushLook, badge: Int?, to json: inout JSONWriter) {
        json.field("title", look.title)
        json.field("text", look.text)
        if let subtitle = look.subtitle { json.field("subtitle", subtitle) }
        if let badge { json.field("badge", badge) }
        json.field("silent", look.isSilent)
        if let category = look.category { json.field("category", category) }
        if let thread = look.threadID { json.field("threadId", thread) }
        if let id = look.collapseID { json.field("collapseId", id) }
        if let image = look.image { json.field("image", image) }
    }

    private static func payload(_ notice: PushNotice) -> [UInt8] {
        JSONWriter.object { json in notice.payload.forEach { json.field($0.name, raw: $0.value) } }
    }

    /// As the user sees it: a dialogue goes by who is on the other side.
    private static func name(_ conversation: Conversation, for user: UserID) -> (type: String, id: String) {
        switch conversation {
        case .direct(let pair): ("direct", pair.peer(of: user).rawValue)
        case .group(let group): ("group", group.rawValue)
        case .room(let room): ("room", room.rawValue)
        case .system(let user): ("system", user.rawValue)
        }
    }

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let reason = "status \(answer.status)"
        switch answer.status {
        case 200..<300: return .accepted(id: nil)
        case 410: return .unregistered
        case 408, 425, 429, 500...: return .later(reason, afterMilliseconds: answer.retryAfterMilliseconds)
        // 401 and 403 too: there is no grant that another could take the place of.
        case _: return .refused(reason)
        }
    }
}
