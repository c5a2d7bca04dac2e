import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The part of the request body that all message endpoints share.
///
/// The vendor looks at types first ("Request body is invalid"), then at what is empty, then at what is too many or too large.
/// Source: facts/easemob-server.md 2.1.
struct MessageForm: Sendable {
    /// Absent: "admin". Need not exist.
    let sender: UserID
    let type: String
    let body: JSON
    let ext: JSON?
    /// Which callback address this message goes to (D25); kept with the payload.
    let environment: String?
    /// Reaches only those online now.
    let isOnlineOnly: Bool

    /// `body` and `ext` together, in bytes of compact JSON.
    static let maximumBytes = 5 * 1024

    /// - Parameters:
    ///   - recipients: whether they are empty is looked at after `from` and before `type`. Nil: there are none to name.
    ///   - field: what they are called.
    init(_ json: JSON, to recipients: [String]?, as field: String = "to") throws(Malformed) {
        let sender = try json.text("from")
        let type = try json.text("type")
        let body = json.value("body")
        if let body, body.kind != .object { throw Malformed("body", .invalid) }
        self.environment = try json.text("env")
        self.isOnlineOnly = try json.text("routetype") == "ROUTE_ONLINE"

        if sender == "" { throw Malformed("from", .missing) }
        if let recipients, recipients.isEmpty || recipients.contains("") { throw Malformed(field, .missing) }
        guard let type, !type.isEmpty else { throw Malformed("type", .missing) }
        guard let body, body.count > 0 else { throw Malformed("body", .missing) }
        let ext = json["ext"]
        if let ext, ext.kind != .object { throw Malformed("ext", .invalid) }

        self.sender = UserID(easemob: sender ?? "admin")
        self.type = type
        self.body = body
        self.ext = ext
    }

    /// Checked last, after the number of recipients.
    func checkSize() throws(Malformed) {
        // Written compactly it is never longer: most messages need no second look.
        guard self.body.raw.count + (self.ext?.raw.count ?? 0) > Self.maximumBytes else { return }
        guard self.body.compactByteCount + (self.ext?.compactByteCount ?? 0) <= Self.maximumBytes else {
            throw Malformed("body", .tooLong(limit: Self.maximumBytes))
        }
    }

    /// The message, with the options that are the same for all: what the server API sends does not enter conversation lists unless the App says so.
    func message(in call: Call) -> Message {
        var options = MessageOptions()
        options.updatesConversation = call.credential.details[CredentialDetail.conversationList] == "true"
        if let ext = self.ext { options.apply(ext: ext) }
        return Message(
            sender: self.sender, content: Content(easemob: self.type, body: self.body, filesURL: call.filesURL),
            native: Native(dialect: Easemob.name, payload: self.payload), options: options)
    }

    private var payload: [UInt8] {
        JSONWriter.object { json in
            json.field("type", self.type)
            json.field("body", raw: self.body.raw)
            if let ext = self.ext { json.field("ext", raw: ext.raw) }
            if let environment = self.environment { json.field("env", environment) }
        }
    }
}

extension MessageForm {
    /// Says `message` in each of the groups or chat rooms, in one commit. Neither they nor the sender are looked up.
    ///
    /// - Parameter limit: of messages.
    func send(
        _ message: Message, toGroups groups: [String], within limit: RateLimiter.Limit, isEphemeral: Bool,
        _ call: Call
    ) async throws -> SentMessages {
        guard call.admits(groups.count, of: limit) else { throw Refusal.messageRate }
        return try await call.send(
            groups.map { group in
                (
                    group,
                    Send(
                        app: call.app.id, conversation: .group(GroupID(easemob: group)), message: message,
                        isEphemeral: isEphemeral, checks: .globalMute)
                )
            })
    }

    /// Says it to each of the users alone.
    func send(
        _ message: Message, toUsers users: [UserID], within limit: RateLimiter.Limit, _ call: Call
    ) async throws -> SentMessages {
        guard call.admits(users.count, of: limit) else { throw Refusal.messageRate }
        return try await call.send(
            users.map { user in
                (
                    user.rawValue,
                    Send(
                        app: call.app.id, conversation: .direct(message.sender, user), message: message,
                        isEphemeral: self.isOnlineOnly, checks: .globalMute)
                )
            })
    }
}

extension JSON {
    /// Those sent to, before they are looked at.
    func recipients(_ name: String = "to") throws(Malformed) -> [String] { try self.texts(name) ?? [] }
}

/// Who is sent to, and as what message: what all message endpoints answer.
typealias SentMessages = [(recipient: String, id: MessageID)]

extension Call {
    /// One commit for all. A refusal of one is the answer to the call, as the vendor has no answer for each.
    func send(_ sends: [(recipient: String, command: Send)]) async throws -> SentMessages {
        let results = try await self.core.send(sends.map(\.command))
        return try zip(sends, results).map { send, result in (send.recipient, try result.get().id) }
    }
}

extension Answer {
    /// `"data": {"184524748161025": "1029544257947437432"}`
    static func sent(_ messages: SentMessages) -> Answer {
        .data { json in
            json.object { json in
                for message in messages { json.field(message.recipient, message.id.easemob) }
            }
        }
    }
}
