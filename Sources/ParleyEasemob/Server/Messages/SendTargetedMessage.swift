import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something to named members of a group; the others never see it. Neither in the conversation list nor among the unread, and found in
/// history only where the App has that.
///
/// Page: 发送定向消息 (seeds/easemob-group-messages). The page allows one group, its errors three: three are accepted.
struct SendTargetedMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/chatgroups/users", "Send a message to some members of a group",
        page: "发送群聊消息, 发送定向消息 (message_group)")
    static let area = Area.messages
    static let limitName: String? = "targeted-message-calls"
    /// The page limits messages (403), and not calls beside them.
    static let callsPerSecond = 0

    static let maximumUsers = 20
    static let messagesPerSecond = 100

    let form: MessageForm
    let groups: [String]
    let users: [UserID]

    init(_ call: Call) throws {
        let json = try call.object()
        let groups = try json.texts("to") ?? []
        let users = try json.users("users") ?? []
        self.form = try MessageForm(json) { () throws(Malformed) in
            if groups.isEmpty || groups.contains("") { throw Malformed("to", .missing) }
        }
        if users.isEmpty || users.contains(UserID("")) { throw Malformed("users", .missing) }
        guard groups.count <= SendGroupMessage.maximumGroups else {
            throw Malformed("to", .tooMany(limit: SendGroupMessage.maximumGroups))
        }
        guard users.count <= Self.maximumUsers else {
            throw Malformed("users", .tooMany(limit: Self.maximumUsers))
        }
        try self.form.checkSize()
        self.groups = groups.uniqued()
        self.users = users
    }

    func perform(_ call: Call) async throws -> SentMessages {
        guard call.admits(self.groups.count, of: .init("easemob.targeted-messages", Self.messagesPerSecond)) else {
            throw Refusal.messageRate
        }
        var message = self.form.message(in: call)
        message.audience = .only(self.users)
        message.options.countsAsUnread = false
        message.options.updatesConversation = false
        message.options.keptInHistory = call.app.settings.keepsTargetedHistory
        return try await call.send(
            self.groups.map { group in
                (
                    group,
                    Send(
                        app: call.app.id, conversation: .group(GroupID(easemob: group)), message: message,
                        isEphemeral: self.form.isOnlineOnly, checks: .globalMute)
                )
            })
    }

    func encode(_ sent: SentMessages, _ call: Call) -> Answer {
        var answer = Answer.sent(sent)
        answer.path = "/messages/chatgroups"
        return answer
    }
}
