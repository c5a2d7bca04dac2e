import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How Tencent calls a backend (第三方回调): `POST {url}?SdkAppid=…&CallbackCommand=…&contenttype=json&ClientIP=…&OptPlatform=…`, with the same command
/// and the facts in the body, as JSON.
///
/// Source: facts/tencent-im.md 2.5. Conversations with a room or with the App itself are not the vendor's: nothing is told of them. Nor of edits, for
/// which it has no callback.
enum TencentCallbacks: CallbackForm {
    static let topics: Set<CallbackTopic> = [.beforeMessage, .message, .recall, .group, .presence, .refused]

    static let tellsUnread = true

    /// The two seconds, and that nothing is sent again, are the vendor's. When to leave a backend alone for a while it does not say: that is ours.
    static let policy = CallbackPolicy(
        origins: [.client, .server], originsBefore: [.client, .server], timeoutMilliseconds: 2000,
        timeoutBeforeMilliseconds: 2000, attempts: 1, retryAfterMilliseconds: 1000, failuresBeforePause: 20,
        failureWindowMilliseconds: 10_000, pausesMilliseconds: [5000, 10_000, 30_000, 60_000])

    /// What a backend may refuse with so that the sender is told its very code.
    static let groupCodes = 10100...10200
    static let directCodes = 120_001...130_000

    // MARK: What has happened

    static func call(about subject: CallbackSubject, for rule: CallbackRule, at now: Timestamp) -> CallbackCall? {
        guard let packet = self.packet(about: subject) else { return nil }
        return packet.call(in: subject.app, for: rule, at: now)
    }

    private static func packet(about subject: CallbackSubject) -> CallbackPacket? {
        switch subject.occurrence {
        case .entry(let entry): self.packet(about: entry, in: subject)
        case .happening(let happening): self.packet(about: happening, in: subject)
        }
    }

    /// What a group's conversation tells of it, its happenings tell.
    private static func packet(about entry: Entry, in subject: CallbackSubject) -> CallbackPacket? {
        switch entry.body {
        case .message(let message):
            guard !message.options.forbiddenCallbacks.contains(.afterSend) else { return nil }
            return CallbackPacket(after: message, entry, in: subject)
        case .recall(let recall): return CallbackPacket(recall, entry, in: subject)
        case .edit, .notice: return nil
        }
    }

    private static func packet(about happening: Happening, in subject: CallbackSubject) -> CallbackPacket? {
        switch happening.body {
        case .group(let group): CallbackPacket(group, at: happening.at, in: subject.app)
        case .presence(let presence): CallbackPacket(presence, at: happening.at)
        case .refused(let send): CallbackPacket(send, at: happening.at, in: subject)
        case .read, .deleted, .contact, .reaction, .thread: nil
        }
    }

    static func accepts(_ answer: CallbackAnswer) -> Bool { self.reply(in: answer) != nil }

    // MARK: What is about to happen

    static func call(before attempt: SendAttempt, for rule: CallbackRule, at now: Timestamp) -> CallbackCall? {
        guard !attempt.send.message.options.forbiddenCallbacks.contains(.beforeSend),
            let packet = CallbackPacket(before: attempt)
        else { return nil }
        return packet.call(in: attempt.app, for: rule, at: now)
    }

    /// 0: deliver, with another body where the answer has one; 2: drop; anything else: refuse. (The vendor has a 1 for that, and is silent about
    /// what is neither 1 nor a code of the backend's own.)
    static func decision(from answer: CallbackAnswer, on attempt: SendAttempt) -> CallbackDecision? {
        guard let reply = self.reply(in: answer), let code = reply["ErrorCode"]?.int else { return nil }
        switch code {
        case 0: return self.delivery(of: attempt.send.message, as: reply)
        case 2: return .drop
        default:
            let reason = reply["ErrorInfo"]?.string.flatMap { $0.isEmpty ? nil : $0 }
            return .refuse(code: self.ownCode(code, in: attempt.send.conversation), reason: reason)
        }
    }

    /// HTTP 200 and a JSON object: anything else is a failure to the vendor.
    private static func reply(in answer: CallbackAnswer) -> JSON? {
        guard answer.status == 200, let json = try? JSON(parsing: answer.body), json.kind == .object else { return nil }
        return json
    }

    /// Nil: there is a body, and it cannot be read.
    private static func delivery(of message: Message, as reply: JSON) -> CallbackDecision? {
        guard let fields = try? Fields(reply) else { return nil }
        if fields.value("MsgBody") == nil, fields.value("CloudCustomData") == nil { return .deliver }
        guard let modification = try? Modification(fields) else { return nil }
        return .replace(modification.applied(to: message))
    }

    private static func ownCode(_ code: Int64, in conversation: Conversation) -> Int? {
        let codes =
            switch conversation {
            case .direct, .system: self.directCodes
            case .group, .room: self.groupCodes
            }
        return Int(exactly: code).flatMap { codes.contains($0) ? $0 : nil }
    }
}

extension Modification {
    /// The message as the backend wants it said. Who says it to whom, and how it is treated, stays (``Message/origin`` too: who is told depends on it).
    fileprivate func applied(to message: Message) -> Message {
        var changed = message
        changed.options.attachment = self.cloudCustomData ?? message.options.attachment
        changed.content = self.body?.content ?? message.content
        changed.native = self.replacement(of: message.native, saying: changed)
        return changed
    }

    private func replacement(of native: Native, saying changed: Message) -> Native {
        switch (native.dialect, self.body) {
        case (.parley, let body?): return Native(asClientWrites: body.content)
        case (_, let body?): return Native(body.json, cloudCustomData: changed.options.attachment)
        case (Tencent.name, nil):
            guard let elements = (try? JSON(parsing: native.payload))?["MsgBody"] else { return native }
            return Native(elements, cloudCustomData: changed.options.attachment)
        case (_, nil): return native
        }
    }
}

extension Native {
    /// What a ParleySocket client says stays in its form.
    fileprivate init(asClientWrites content: Content) {
        self.init(
            dialect: .parley,
            payload: JSONWriter.object { json in
                json.field("kind", content.kind)
                json.field("content") { $0.content(content) }
            })
    }
}
