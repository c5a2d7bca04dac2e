import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// RongCloud's callbacks (回调): the full message route, and what is asked before a message; the rest is beside it.
///
/// Source: facts/rongcloud-server.md 3.13. Which of them a rule makes, its topics say; on the vendor's console each has a URL of its own, which
/// here are rules of their own.
enum RongCloudCallbacks: CallbackForm {
    static let topics: Set<CallbackTopic> = [.beforeMessage, .message, .recall, .deletion, .presence, .group]

    /// What an API sent is told of and asked about only where the App says so. The vendor tries again three times, and rests for a minute after
    /// "many" timeouts: 20 within a minute is our number, and so is half a second between attempts.
    static let policy = CallbackPolicy(
        origins: [.client], originsBefore: [.client], timeoutMilliseconds: 5000, timeoutBeforeMilliseconds: 3000,
        attempts: 4, retryAfterMilliseconds: 500, failuresBeforePause: 20, failureWindowMilliseconds: 60_000,
        pausesMilliseconds: [60_000])

    /// Edits, receipts, refusals and what happens to ordinary groups have no callback there.
    static func call(about subject: CallbackSubject, for rule: CallbackRule, at now: Timestamp) -> CallbackCall? {
        switch subject.occurrence {
        case .entry(let entry):
            switch entry.body {
            case .message(let message): self.route(message, entry, of: subject, for: rule, at: now)
            case .recall(let recall): self.operation(recall, entry, of: subject, for: rule, at: now)
            case .edit, .notice: nil
            }
        case .happening(let happening):
            switch happening.body {
            case .presence(let presence): self.status(presence, happening, of: subject.app, for: rule, at: now)
            case .group(let group): self.status(group, happening, of: subject.app, for: rule, at: now)
            case .deleted(let deletion):
                self.operation(deletion, happening, of: subject, for: rule, at: now)
            case .read, .refused, .contact, .reaction, .thread: nil
            }
        }
    }

    static func accepts(_ answer: CallbackAnswer) -> Bool { (200...299).contains(answer.status) }
    static func mayRetry(after answer: CallbackAnswer) -> Bool { answer.status >= 500 }
}

// MARK: - The URL

extension RongCloudCallbacks {
    /// The signature is that of the backend's own calls. Pages differ in what they call the time; here it goes by both names.
    static func url(of rule: CallbackRule, in app: App, about id: MessageID, at now: Timestamp) -> String {
        let nonce = self.nonce(of: id, at: now)
        let timestamp = String(now.milliseconds)
        var query = FormWriter()
        query.field("appKey", app.rongCloudKey)
        query.field("nonce", nonce)
        query.field("timestamp", timestamp)
        query.field("signTimestamp", timestamp)
        query.field(
            "signature", Signature.value(secret: rule.secret(in: app), nonce: nonce, timestamp: timestamp))
        return rule.url(adding: query.text)
    }

    /// Another one for each attempt, and never more than the 18 characters that the vendor allows; a backend that refuses nonces which it has seen does
    /// not refuse what is sent again. The factor is odd and large, so that neighbours in id and time do not meet.
    private static func nonce(of id: MessageID, at now: Timestamp) -> String {
        String(id.rawValue &+ UInt64(bitPattern: now.milliseconds) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
    }

    private static func form(_ form: FormWriter, to url: String, name: String) -> CallbackCall {
        CallbackCall(url: url, contentType: "application/x-www-form-urlencoded", body: form.bytes, name: name)
    }
}

// MARK: - After

extension RongCloudCallbacks {
    /// The full message route (全量消息路由). Every documented parameter is there, if need be empty: frameworks refuse a form that lacks one they insist on.
    private static func route(
        _ message: Message, _ entry: Entry, of subject: CallbackSubject, for rule: CallbackRule, at now: Timestamp
    ) -> CallbackCall {
        let target = Target(entry.conversation.conversation, seenBy: message.sender)
        let wire = WireMessage(message)
        let sentAt = String(entry.sentAt.milliseconds)
        var form = FormWriter()
        form.field("fromUserId", message.sender.rawValue)
        form.field("toUserId", target.id)
        form.field("objectName", wire.objectName)
        form.field("content", wire.content)
        form.field("channelType", target.type.channelType)
        form.field("msgTimestamp", sentAt)
        // The same under its old name.
        form.field("timestamp", sentAt)
        form.field("msgUID", target.uid(of: entry.id))
        form.field("originalMsgUID", "")
        // Nothing here looks for sensitive words.
        form.field("sensitiveType", "0")
        form.field("source", message.origin.source)
        form.field("busChannel", "")
        for user in message.named { form.field("groupUserIds", user.rawValue) }
        form.field("clientIp", "")
        return self.form(
            form, to: self.url(of: rule, in: subject.app, about: entry.id, at: now), name: target.type.channelType)
    }
}

// MARK: - Before

extension RongCloudCallbacks {
    /// The callback before a message (消息回调服务). Ephemeral messages too: else a client could have passed anything by it.
    static func call(before attempt: SendAttempt, for rule: CallbackRule, at now: Timestamp) -> CallbackCall? {
        let message = attempt.send.message
        let target = Target(attempt.send.conversation, seenBy: message.sender)
        let wire = WireMessage(message)
        var form = FormWriter()
        form.field("appKey", attempt.app.rongCloudKey)
        form.field("fromUserId", message.sender.rawValue)
        form.field("targetId", target.id)
        form.field("toUserIds", message.named.map(\.rawValue).joined(separator: ","))
        form.field("msgType", wire.objectName)
        form.field("content", wire.content)
        form.field("pushContent", message.options.push.text ?? "")
        form.field("disablePush", "\(message.options.push.isDisabled)")
        form.field("pushExt", message.pushExt)
        form.field("expansion", "\(message.options.isExpandable)")
        form.field("extraContent", message.extraContent)
        form.field("channelType", target.type.channelType)
        form.field("msgTimeStamp", String(now.milliseconds))
        form.field("messageId", target.uid(of: attempt.id))
        form.field("originalMsgUID", "")
        form.field("os", message.origin.source)
        form.field("busChannel", "")
        form.field("clientIp", "")
        return self.form(
            form, to: self.url(of: rule, in: attempt.app, about: attempt.id, at: now),
            name: "before \(target.type.channelType)")
    }

    /// `pass`: 0 is dropped, 1 delivered, 2 replaced. Of what is dropped the sender knows nothing; `extra`, which the vendor's SDKs are then
    /// told, has nobody here to be told to.
    static func decision(from answer: CallbackAnswer, on attempt: SendAttempt) -> CallbackDecision? {
        guard answer.status == 200, let reply = try? JSON(parsing: answer.body) else { return nil }
        switch reply["pass"]?.scalarText {
        case "0": return .drop
        case "1": return .deliver
        case "2": return Replacement(reply).map { .replace($0.applied(to: attempt.send.message)) }
        default: return nil
        }
    }
}

// MARK: - A message in the vendor's words

extension Message {
    /// Whom in the group it is for; empty: everyone.
    fileprivate var named: [UserID] {
        switch self.audience {
        case .everyone: []
        case .only(let users): users
        }
    }

    /// Other dialects have other ways to say how a push looks, but all have a title.
    fileprivate var pushExt: String {
        if self.native.dialect == RongCloud.name, let native = self.options.push.native {
            return String(decoding: native, as: UTF8.self)
        }
        guard let title = self.options.push.title else { return "" }
        return String(decoding: JSONWriter.object { $0.field("title", title) }, as: UTF8.self)
    }

    fileprivate var extraContent: String {
        let pairs = self.options.expansion
        guard !pairs.isEmpty else { return "" }
        let json = JSONWriter.object { json in
            for (key, value) in pairs.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
        }
        return String(decoding: json, as: UTF8.self)
    }
}

extension MessageOrigin {
    /// Parley's clients are on a WebSocket, whatever they run on; so are the vendor's that this server speaks with.
    fileprivate var source: String {
        switch self {
        case .client: "Websocket"
        case .server: "Server"
        }
    }
}

extension App {
    fileprivate var rongCloudKey: String { self.credential(in: RongCloud.name)?.key ?? "" }
}
