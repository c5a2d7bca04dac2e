import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something in up to three groups. Neither the sender nor the groups are looked up; the sender always has it too.
///
/// Page: 发送群聊消息 (seeds/easemob-group-messages), all eight types of message.
struct SendGroupMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/chatgroups", "Send a message to groups",
        page: "发送群聊消息 (message_group)")
    static let area = Area.messages
    static let limitName: String? = "group-message-calls"
    static let limitCompanion: String? = "easemob.group-messages"
    static let callsPerSecond = 20

    static let maximumGroups = 3
    static let maximumIgnored = 20
    static let messagesPerSecond = 20

    let form: MessageForm
    let groups: [String]
    let wantsReceipts: Bool
    let ignored: [UserID]

    init(_ call: Call) throws {
        let json = try call.object()
        let groups = try json.recipients()
        self.wantsReceipts = try json.flag("need_group_ack") ?? false
        self.ignored = try json.users("roam_ignore_users") ?? []
        self.form = try MessageForm(json, to: groups)
        guard groups.count <= Self.maximumGroups else {
            throw Malformed("to", .tooMany(limit: Self.maximumGroups))
        }
        guard self.ignored.count <= Self.maximumIgnored else {
            throw Malformed("roam_ignore_users", .tooMany(limit: Self.maximumIgnored))
        }
        try self.form.checkSize()
        self.groups = groups.uniqued()
    }

    func perform(_ call: Call) async throws -> SentMessages {
        // Calls and messages a second are two limits; raising one of them raises the other.
        let messages = call.app.settings.rates["easemob.group-message-calls"] ?? Self.messagesPerSecond
        var message = self.form.message(in: call)
        message.options.wantsReadReceipts = self.wantsReceipts
        message.options.hiddenFromHistoryOf = self.ignored
        return try await self.form.send(
            message, toGroups: self.groups, within: .init("easemob.group-messages", messages),
            isEphemeral: self.form.isOnlineOnly, call)
    }

    func encode(_ sent: SentMessages, _ call: Call) -> Answer { .sent(sent) }
}
