import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something in up to ten chat rooms. Neither the sender nor the rooms are looked up; the sender does not get it.
///
/// Source: facts/easemob-server.md 2.1, 3.6.
struct SendRoomMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/chatrooms", "Send a message to chat rooms",
        page: "发送聊天室消息 (message_chatroom)")
    static let area = Area.messages
    static let limitName: String? = "room-message-calls"

    static let maximumRooms = 10
    static let messagesPerSecond = 100

    let form: MessageForm
    let rooms: [String]
    let priority: Priority

    init(_ call: Call) throws {
        let json = try call.object()
        let rooms = try json.recipients()
        self.priority = try Priority(roomLevel: json.text("chatroom_msg_level"))
        self.form = try MessageForm(json, to: rooms)
        guard rooms.count <= Self.maximumRooms else { throw Malformed("to", .tooMany(limit: Self.maximumRooms)) }
        try self.form.checkSize()
        self.rooms = rooms.uniqued()
    }

    func perform(_ call: Call) async throws -> SentMessages {
        var message = self.form.message(in: call)
        message.options.priority = self.priority
        message.options.reachesSender = false
        return try await self.form.send(
            message, toGroups: self.rooms, within: .init("easemob.room-messages", Self.messagesPerSecond),
            isEphemeral: false, call)
    }

    func encode(_ sent: SentMessages, _ call: Call) -> Answer { .sent(sent) }
}

extension Priority {
    /// What is no level counts as the middle one.
    init(roomLevel level: String?) {
        self =
            switch level?.lowercased() {
            case "high": .high
            case "low": .low
            default: .normal
            }
    }
}
