import ParleyCore
import ParleyDialectKit

/// Says something in all chat rooms of the App, as they are now. Each is sent to in its turn: of what fails half-way, some rooms have heard.
///
/// Source: facts/rongcloud-server.md 3.7.
struct MessageChatRoomBroadcast: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/chatroom/broadcast.json", "Send a message to all chat rooms", page: VendorPage.list)
    static let bodyLimit = MessageBody.statusLimit

    private static let roomsAtOnce = 100

    let fromUserId: UserID
    let message: WireMessage

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.message = try WireMessage(parameters)
    }

    func perform(_ call: Call) async throws {
        let message = self.message.message(from: self.fromUserId, reachesSender: false)
        var rooms = try await call.core.directory.rooms(in: call.app.id, .all, offset: 0, limit: .max)[...]
        while !rooms.isEmpty {
            let next = rooms.prefix(Self.roomsAtOnce)
            rooms = rooms.dropFirst(Self.roomsAtOnce)
            // A room may have ended meanwhile; who refuses otherwise is not asked of the backend's messages.
            _ = try await call.core.send(
                next.map {
                    Send(app: call.app.id, conversation: .group($0), message: message, checks: .groupExists)
                })
        }
    }
}
