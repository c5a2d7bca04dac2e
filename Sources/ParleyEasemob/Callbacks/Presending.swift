import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Asking before a message is taken. Source: facts/easemob-server.md 4.1 (callback_presending).
extension EasemobCallbacks {
    /// Clients' messages only, and none for named members.
    static func call(before attempt: SendAttempt, for rule: CallbackRule, at _: Timestamp) -> CallbackCall? {
        let message = attempt.send.message
        guard message.origin == .client, message.audience == .everyone,
            let destination = Destination(attempt.send.conversation, from: message.sender),
            let stamp = Stamp(uuidOf: attempt.id, in: attempt.app, for: rule)
        else { return nil }
        return CallbackCall("presending", to: rule) { json in
            stamp.write(to: &json)
            json.field("chat_type", destination.chatType)
            destination.write(from: message.sender, to: nil, &json)
            json.field("msg_id", attempt.id.easemob)
            json.field("payload") { json in json.object { ShownMessage(message).writeBothForms(to: &$0) } }
            json.field("securityVersion", "1.0.0")
        }
    }

    static func decision(from answer: CallbackAnswer, on attempt: SendAttempt) -> CallbackDecision? {
        guard answer.status == 200, let reply = try? JSON(parsing: answer.body), let isValid = reply["valid"]?.bool
        else { return nil }
        guard isValid else { return .refuse(code: nil, reason: self.reason(reply.value("code"))) }
        guard let payload = reply["payload"], let message = attempt.send.message.changed(to: payload) else {
            return .deliver
        }
        return .replace(message)
    }

    /// In the client's words, which are the backend's where it has some.
    private static func reason(_ code: JSON?) -> String {
        guard let code else { return "custom logic denied" }
        let text = code.string ?? code.text
        return text.isEmpty ? "Message blocked by external logic" : text
    }
}

extension ShownMessage {
    /// `{"ext":…,"bodies":[{…}]}` as the pages of 2024 have it, and the only body's members beside them as those of 2025 do: a backend that was
    /// written for either finds what it looks for.
    fileprivate func writeBothForms(to json: inout JSONWriter) {
        self.writeExt(to: &json)
        self.writeBodies(to: &json)
        self.writeBody(to: &json, except: ["ext", "bodies"])
    }
}

extension Message {
    /// What the backend wants said instead: a text, in either form, and what is attached to it. Nil: nothing that is understood, or nothing new; backends
    /// send back what they got, and the same text again must not make a text of a forwarded conversation.
    fileprivate func changed(to payload: JSON) -> Message? {
        // The vendor lets commands alone.
        if case .command = self.content { return nil }
        let bodies = [payload, payload["bodies"]?.array?.first].compactMap(\.self)
        let texts = bodies.filter { $0["type"]?.string == "txt" }.compactMap { $0["msg"]?.string }
        guard !texts.isEmpty else { return nil }
        let said = ShownMessage(self).text
        // Of the two forms that were sent, the backend may have changed but one.
        let text = texts.first { $0 != said }
        var message = self
        if let text { message.content = .text(text) }
        if let ext = payload["ext"], ext.kind == .object { message.options.attachment = ext.attachment }
        guard message != self else { return nil }
        message.native = text.map(self.native(saying:)) ?? self.native
        return message
    }

    /// As ParleySocket's clients say it, whichever client did: only clients' messages are asked about.
    private func native(saying text: String) -> Native {
        Native(
            dialect: .parley,
            payload: JSONWriter.object { json in
                json.field("kind", Content.text(text).kind)
                json.field("content") { $0.content(.text(text)) }
            })
    }
}

extension JSON {
    /// What was attached, of an `ext` that ``ParleyCore/Message/easemobPayload`` made of it.
    fileprivate var attachment: String? {
        if self.count == 0 { return nil }
        if self.count == 1, let text = self["attachment"]?.string { return text }
        return self.text
    }
}
