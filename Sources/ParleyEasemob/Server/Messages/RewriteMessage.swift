import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Changes what a message says, up to ten times, whichever dialect sent it. Of texts and custom messages the body may change, of others `ext` alone,
/// of commands nothing.
///
/// Source: facts/easemob-server.md 3.6 (message_modify). Without `user` it is the App that does it, which may change what anybody said.
struct RewriteMessage: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/messages/rewrite/{msg_id}", "Change a message", page: "修改消息 (message_modify)",
        .partial("the message's lifetime does not begin anew"))
    static let area = Area.rewrite

    static let maximumEdits = 10

    let messageID: MessageID?
    let user: UserID?
    let type: String
    /// Nil: unchanged.
    let body: JSON?
    let ext: JSON?
    /// The old ext's members stay where the new one has none of their names.
    let combinesExt: Bool

    init(_ call: Call) throws {
        let json = try call.object()
        let name = call.parameter("msg_id")
        guard EasemobMessageID(name) != nil else { throw Refusal.messageIDNotNumber }
        self.messageID = MessageID(easemob: name)
        self.user = try json.text("user").flatMap { $0.isEmpty ? nil : UserID(easemob: $0) }
        guard let message = json.value("new_msg") else { throw Malformed("new_msg", .missing) }
        guard message.kind == .object else { throw Malformed("new_msg", .invalid) }
        guard let type = try message.text("type"), !type.isEmpty else { throw Malformed("new_msg.type", .missing) }
        self.type = type
        self.body = try Self.body(type, of: message)
        self.ext = json.value("new_ext")
        if let ext = self.ext, ext.kind != .object { throw Malformed("new_ext", .invalid) }
        self.combinesExt = try json.looseFlag("is_combine_ext") ?? true
    }

    /// What is to be said instead: the members of `new_msg` that the type has.
    private static func body(_ type: String, of message: JSON) throws(Malformed) -> JSON? {
        let names: [String]
        switch type {
        case "txt":
            guard try message.text("msg") != nil else { throw Malformed("new_msg.msg", .missing) }
            names = ["msg"]
        case "custom": names = ["customEvent", "customExts"]
        default: return nil
        }
        let body = JSONWriter.object { json in
            for name in names {
                if let value = message.value(name) { json.field(name, raw: value.raw) }
            }
        }
        guard let body = try? JSON(parsing: body) else { throw Malformed("new_msg", .invalid) }
        return body
    }

    func perform(_ call: Call) async throws {
        guard let id = self.messageID, let entry = try await call.core.log.entry(id, in: call.app.id),
            let message = entry.message
        else { throw Rejection.messageNotFound }
        let payload = try Payload(message)
        guard payload.type == self.type, self.type != "cmd" else { throw Rejection.notEditable }
        let ext = self.combined(with: payload.ext)
        let body = self.body ?? payload.body
        guard body.compactByteCount + (ext?.compactByteCount ?? 0) <= MessageForm.maximumBytes else {
            throw Malformed("new_msg", .tooLong(limit: MessageForm.maximumBytes))
        }
        var command = EditMessage(
            app: call.app.id, conversation: entry.conversation.conversation, target: .id(id),
            by: self.user ?? message.sender, byAdministrator: self.user == nil, attachment: ext?.text,
            limit: Self.maximumEdits)
        if self.body != nil {
            command.content = Content(easemob: self.type, body: body, filesURL: call.filesURL)
        }
        // Of another dialect's picture or file the original stays: only what is attached to it changes.
        if self.body != nil || message.native.dialect == Easemob.name {
            command.native = Native(dialect: Easemob.name, payload: payload.rewritten(body: body, ext: ext))
        }
        try await call.core.edit(command)
    }

    private func combined(with old: JSON?) -> JSON? {
        guard let new = self.ext else { return old }
        guard self.combinesExt, let old else { return new }
        let members = JSONWriter.object { json in
            for member in old.members ?? [] where new[member.key] == nil {
                json.field(member.key, raw: member.value.raw)
            }
            for member in new.members ?? [] { json.field(member.key, raw: member.value.raw) }
        }
        return try? JSON(parsing: members)
    }

    func encode(_: Void, _ call: Call) -> Answer { .data { $0.string("success") } }
}

/// A message as this vendor's clients have it, in its parts.
private struct Payload {
    let type: String
    let body: JSON
    let ext: JSON?
    private let environment: JSON?

    init(_ message: Message) throws {
        let json = try JSON(parsing: message.easemobPayload)
        guard let type = json["type"]?.string, let body = json["body"] else { throw Rejection.notEditable }
        self.type = type
        self.body = body
        self.ext = json["ext"]
        self.environment = json["env"]
    }

    func rewritten(body: JSON, ext: JSON?) -> [UInt8] {
        JSONWriter.object { json in
            json.field("type", self.type)
            json.field("body", raw: body.raw)
            if let ext { json.field("ext", raw: ext.raw) }
            if let environment = self.environment { json.field("env", raw: environment.raw) }
        }
    }
}
