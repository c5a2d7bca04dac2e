import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something to up to 600 users, to each alone. Neither they nor the sender are looked up.
///
/// Source: facts/easemob-server.md 3.6 (message_single).
struct SendUserMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/users", "Send a message to users", page: "发送单聊消息 (message_single)")
    static let area = Area.messages
    static let limitName: String? = "user-message-calls"

    static let maximumUsers = 600
    static let messagesPerMinute = 6000

    let form: MessageForm
    let users: [UserID]
    let reachesSender: Bool

    init(_ call: Call) throws {
        let json = try call.object()
        let users = try json.recipients()
        self.reachesSender = try json.flag("sync_device") ?? false
        self.form = try MessageForm(json, to: users)
        guard users.count <= Self.maximumUsers else { throw Malformed("to", .tooMany(limit: Self.maximumUsers)) }
        try self.form.checkSize()
        self.users = users.map { UserID(easemob: $0) }.uniqued()
    }

    func perform(_ call: Call) async throws -> SentMessages {
        var message = self.form.message(in: call)
        message.options.reachesSender = self.reachesSender
        let limit = RateLimiter.Limit("easemob.user-messages", Self.messagesPerMinute, perSeconds: 60)
        return try await self.form.send(message, toUsers: self.users, within: limit, call)
    }

    func encode(_ sent: SentMessages, _ call: Call) -> Answer { .sent(sent) }
}
