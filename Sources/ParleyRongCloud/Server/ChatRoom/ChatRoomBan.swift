import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whether clients may speak in a chat room at all. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomBanAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/ban/add.json", "Mute a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws { try await call.setMuted(true, room: self.chatroomId) }
}

struct ChatRoomBanRollback: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/ban/rollback.json", "Unmute a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws {
        do { try await call.setMuted(false, room: self.chatroomId) } catch Rejection.groupNotFound {}
    }
}

struct ChatRoomBanQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/ban/query.json", "List muted chat rooms", page: VendorPage.list)

    let page: Int64
    let size: Int64

    init(_ parameters: Parameters) throws(Malformed) {
        self.page = try parameters.integer("page", in: 1...Int64(Int32.max)) ?? 1
        self.size = try parameters.integer("size", in: 1...50) ?? 50
    }

    func perform(_ call: Call) async throws -> [String] {
        let rooms = try await call.rooms { $0.isMuted }
        return Array(rooms.dropFirst(Int((self.page - 1) * self.size)).prefix(Int(self.size)))
    }

    static func encode(_ outcome: [String], to json: inout JSONWriter) { json.field("chatroomIds", outcome) }
}

struct ChatRoomBanCheck: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/ban/check.json", "Ask whether a chat room is muted", page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws -> Bool { try await call.room(self.chatroomId)?.group.isMuted ?? false }

    static func encode(_ outcome: Bool, to json: inout JSONWriter) { json.field("status", outcome ? 1 : 0) }
}

extension Call {
    fileprivate func setMuted(_ isMuted: Bool, room: String) async throws {
        try await self.core.changeGroup(GroupID(chatRoom: room), in: self.app.id) { $0.isMuted = isMuted }
    }
}
