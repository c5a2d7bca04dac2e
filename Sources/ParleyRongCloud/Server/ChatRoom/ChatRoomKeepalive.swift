import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Rooms that are not to end when nothing happens in them. Here none does; what was said is kept and shown again. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomKeepaliveAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/keepalive/add.json", "Keep a chat room", page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws {
        try await call.core.changeGroup(GroupID(chatRoom: self.chatroomId), in: call.app.id) { $0.isKeptAlive = true }
    }
}

struct ChatRoomKeepaliveRemove: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/keepalive/remove.json", "Keep a chat room no longer", page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws {
        do {
            try await call.core.changeGroup(GroupID(chatRoom: self.chatroomId), in: call.app.id) {
                $0.isKeptAlive = false
            }
        } catch Rejection.groupNotFound {}
    }
}

struct ChatRoomKeepaliveQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/keepalive/query.json", "List chat rooms that are kept", page: VendorPage.list)

    init(_ parameters: Parameters) throws(Malformed) {}

    func perform(_ call: Call) async throws -> [String] { try await call.rooms { $0.isKeptAlive } }

    /// The small `i` is the vendor's.
    static func encode(_ outcome: [String], to json: inout JSONWriter) { json.field("chatroomids", outcome) }
}
