import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something in chat rooms. The sender need not be in them, nor are mutes asked: the App's backend decides that. A room that is not there is
/// refused, since nobody could hear it; the rooms before it in the call have heard it then.
///
/// Source: facts/rongcloud-server.md 3.7.
struct MessageChatRoomPublish: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/chatroom/publish.json", "Send a chat room message", page: VendorPage.list,
        .partial("priority is accepted and changes nothing: no message is dropped"))
    static let bodyLimit = MessageBody.statusLimit

    let fromUserId: UserID
    let toChatroomId: [String]
    let message: WireMessage
    let isPersisted: Bool
    let isIncludeSender: Bool
    let msgRandom: String?

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.toChatroomId = try parameters.requiredIDs("toChatroomId", atMost: 100)
        self.message = try WireMessage(parameters)
        self.isPersisted = try parameters.flag("isPersisted", default: true)
        self.isIncludeSender = try parameters.flag("isIncludeSender")
        self.msgRandom = try parameters.optional("msgRandom")
    }

    var cost: Int { self.toChatroomId.count }

    func perform(_ call: Call) async throws -> [PublishedUID] {
        var message = self.message.message(from: self.fromUserId, reachesSender: self.isIncludeSender)
        message.options.keptInHistory = self.isPersisted
        let deduplication = self.msgRandom.map {
            DeduplicationKey("rongcloud/\(self.fromUserId)/\($0)", lifetimeSeconds: 60)
        }
        let results = try await call.core.send(
            self.toChatroomId.map { room in
                Send(
                    app: call.app.id, conversation: .chatRoom(room), message: message, checks: .groupExists,
                    deduplication: deduplication)
            })
        return try zip(self.toChatroomId, results).map { room, result in
            PublishedUID(try result.get().id, in: .room, to: room)
        }
    }

    static func encode(_ outcome: [PublishedUID], to json: inout JSONWriter) {
        json.messageUIDs(outcome, "chatroomId")
    }
}
