import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something to named members of a group or chat room; the others never see it. Neither in the conversation list nor among the unread, and found in
/// history only where the App has that.
///
/// Page: 发送定向消息 (seeds/easemob-group-messages). The page allows one group, its errors three: three are accepted.
struct SendTargetedMessage<Kind: GroupKind>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "/{org_name}/{app_name}/messages/\(Kind.resource)/users",
            "Send a message to some members of a \(Kind.noun)",
            page: "\(Self.isRoom ? "发送聊天室消息" : "发送群聊消息"), 发送定向消息 (message_\(Kind.page))")
    }
    static var area: Area { .messages }
    static var limitName: String? { "\(Self.limitPrefix)-calls" }
    /// The page limits messages (403), and not calls beside them.
    static var callsPerSecond: Int { 0 }

    private static var isRoom: Bool { Kind.self == ChatRooms.self }
    private static var limitPrefix: String { self.isRoom ? "targeted-room-message" : "targeted-message" }
    private static var maximumUsers: Int { 20 }
    private static var messagesPerSecond: Int { 100 }

    let form: MessageForm
    let groups: [String]
    let users: [UserID]
    let priority: Priority

    init(_ call: Call) throws {
        let json = try call.object()
        let groups = try json.recipients()
        let users = try json.users("users") ?? []
        self.priority = try Priority(roomLevel: Self.isRoom ? json.text("chatroom_msg_level") : nil)
        self.form = try MessageForm(json, to: groups)
        if users.isEmpty || users.contains(UserID("")) { throw Malformed("users", .missing) }
        let maximum = Self.isRoom ? SendRoomMessage.maximumRooms : SendGroupMessage.maximumGroups
        guard groups.count <= maximum else { throw Malformed("to", .tooMany(limit: maximum)) }
        guard users.count <= Self.maximumUsers else {
            throw Malformed("users", .tooMany(limit: Self.maximumUsers))
        }
        try self.form.checkSize()
        self.groups = groups.uniqued()
        self.users = users
    }

    func perform(_ call: Call) async throws -> SentMessages {
        var message = self.form.message(in: call)
        message.audience = .only(self.users)
        message.options.countsAsUnread = false
        message.options.updatesConversation = false
        message.options.keptInHistory = call.app.settings.keepsTargetedHistory
        message.options.priority = self.priority
        if Self.isRoom { message.options.reachesSender = false }
        return try await self.form.send(
            message, toGroups: self.groups,
            within: .init("easemob.\(Self.limitPrefix)s", Self.messagesPerSecond),
            isEphemeral: !Self.isRoom && self.form.isOnlineOnly, call)
    }

    func encode(_ sent: SentMessages, _ call: Call) -> Answer {
        var answer = Answer.sent(sent)
        answer.path = "/messages/\(Kind.resource)"
        return answer
    }
}
