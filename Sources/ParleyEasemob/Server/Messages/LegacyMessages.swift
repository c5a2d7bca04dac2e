import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The endpoint for messages before there were three: older SDKs call it still.
///
///     {"target_type":"users","target":["u1"],"msg":{"type":"txt","msg":"hi"},"from":null,"ext":{}}  ->  "data":{"u1":"success"}
///
/// Source: facts/easemob-server.md 2.4 and 3.6.
struct SendLegacyMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages", "Send a message (legacy)", page: "facts 2.4, 3.6")
    static let area = Area.messages
    static let limitName: String? = "legacy-message-calls"

    let form: MessageForm
    let targets: [String]
    /// Or a chat room.
    let isGroup: Bool
    let limit: RateLimiter.Limit
    let reachesSender: Bool
    /// `useMsgId=true`: answer with ids instead of "success".
    let answersIDs: Bool

    init(_ call: Call) throws {
        let json = try call.object()
        let kind = try json.text("target_type") ?? ""
        let targets = try json.recipients("target")
        let isGroup = kind == "chatgroups" || kind == "chatrooms"
        let isWanted = try json.looseFlag("sync_device") ?? false
        self.reachesSender = isWanted || kind == "chatgroups"
        self.form = try MessageForm(legacy: json, to: targets)
        guard isGroup || kind == "users" else { throw Malformed("target_type", kind.isEmpty ? .missing : .invalid) }
        let maximum: Int
        switch kind {
        case "chatgroups":
            maximum = SendGroupMessage.maximumGroups
            self.limit = .init("easemob.group-messages", SendGroupMessage.messagesPerSecond)
        case "chatrooms":
            maximum = SendRoomMessage.maximumRooms
            self.limit = .init("easemob.room-messages", SendRoomMessage.messagesPerSecond)
        default:
            maximum = SendUserMessage.maximumUsers
            self.limit = .init("easemob.user-messages", SendUserMessage.messagesPerMinute, perSeconds: 60)
        }
        guard targets.count <= maximum else { throw Malformed("target", .tooMany(limit: maximum)) }
        try self.form.checkSize()
        self.targets = (isGroup ? targets : targets.map { $0.lowercased() }).uniqued()
        self.isGroup = isGroup
        self.answersIDs = call.query["useMsgId"] == "true"
    }

    func perform(_ call: Call) async throws -> SentMessages {
        var message = self.form.message(in: call)
        message.options.reachesSender = self.reachesSender
        if self.isGroup {
            return try await self.form.send(
                message, toGroups: self.targets, within: self.limit, isEphemeral: self.form.isOnlineOnly, call)
        }
        let users = self.targets.map { UserID($0) }
        return try await self.form.send(message, toUsers: users, within: self.limit, call)
    }

    func encode(_ sent: SentMessages, _ call: Call) -> Answer {
        if self.answersIDs { return .sent(sent) }
        return .data { json in
            json.object { json in
                for message in sent { json.field(message.recipient, "success") }
            }
        }
    }
}

extension MessageForm {
    /// `msg` has the type and, beside it, what is `body` today.
    init(legacy json: JSON, to recipients: [String]?) throws(Malformed) {
        let message = json.value("msg")
        if let message, message.kind != .object { throw Malformed("msg", .invalid) }
        let form = JSONWriter.object { writer in
            for name in ["from", "ext", "routetype", "env"] {
                if let value = json[name], name != "ext" || !value.isNull { writer.field(name, raw: value.raw) }
            }
            guard let message else { return }
            if let type = message["type"] { writer.field("type", raw: type.raw) }
            writer.field("body", raw: message.raw)
        }
        guard let today = try? JSON(parsing: form) else { throw Malformed("", .unreadable) }
        try self.init(today, to: recipients, as: "target")
    }
}

/// Recalls up to 30 messages; one may come as an object instead of a list (PHP).
///
/// Source: facts/easemob-server.md 2.4, 3.6 and 6.
struct RecallLegacyMessages: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/recall", "Recall messages (legacy)", page: "facts 2.4, 3.6, 6")
    static let area = Area.recall

    static let maximumMessages = 30

    let recalls: [RecallForm]

    init(_ call: Call) throws {
        guard let messages = try call.object().value("msgs") else { throw Malformed("msgs", .missing) }
        let list = messages.array ?? [messages]
        guard !list.isEmpty else { throw Malformed("msgs", .missing) }
        guard list.count <= Self.maximumMessages else { throw Malformed("msgs", .tooMany(limit: Self.maximumMessages)) }
        self.recalls = try list.map { try RecallForm($0, isLegacy: true) }
    }

    /// - Returns: `yes`, or why not, one for each.
    func perform(_ call: Call) async throws -> [String] {
        var outcomes: [String] = []
        for recall in self.recalls {
            do {
                try await recall.perform(call)
                outcomes.append("yes")
            } catch let refusal as Refusal {
                outcomes.append(refusal.description)
            } catch let rejection as Rejection {
                outcomes.append(Refusal(rejection, in: .recall).description)
            }
        }
        return outcomes
    }

    func encode(_ outcomes: [String], _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("msgs") { json in
                    json.array(zip(self.recalls, outcomes)) { json, pair in
                        json.object { json in
                            json.field("msg_id", pair.0.messageID)
                            json.field("recalled", pair.1)
                            json.field("chattype", pair.0.chatType)
                            json.field("from", pair.0.sender.rawValue)
                            if !pair.0.recipient.isEmpty { json.field("to", pair.0.recipient) }
                        }
                    }
                }
            }
        }
    }
}
