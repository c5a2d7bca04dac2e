import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who may speak in a chat room that is muted, and who is not to be put out of one. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomUserBanWhitelistAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/ban/whitelist/add.json", "Let users speak in a muted chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let room: ChatRoomUsersParameters

    init(_ parameters: Parameters) throws(Malformed) { self.room = try ChatRoomUsersParameters(parameters) }

    func perform(_ call: Call) async throws { try await call.put(self.room, in: .speakers) }
}

struct ChatRoomUserBanWhitelistRollback: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/ban/whitelist/rollback.json", "Let users speak in a muted chat room no longer",
        page: VendorPage.list, .partial(ChatRoomNotice.missing))

    let room: ChatRoomUsersParameters

    init(_ parameters: Parameters) throws(Malformed) { self.room = try ChatRoomUsersParameters(parameters) }

    func perform(_ call: Call) async throws { try await call.take(self.room, from: .speakers) }
}

struct ChatRoomUserBanWhitelistQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/ban/whitelist/query.json", "List who may speak in a muted chat room",
        page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws -> [UserID] { try await call.users(of: self.chatroomId, in: .speakers) }

    static func encode(_ outcome: [UserID], to json: inout JSONWriter) {
        json.field("userIds", outcome.map(\.rawValue))
    }
}

struct ChatRoomUserWhitelistAdd: Endpoint {
    static let missing =
        "nobody is put out of a room but by leaving it or going offline, which the list does not change"
    static let description = EndpointDescription(
        "POST", "/chatroom/user/whitelist/add.json", "Keep users in a chat room", page: VendorPage.list,
        .partial(Self.missing))

    let room: ChatRoomUsersParameters

    init(_ parameters: Parameters) throws(Malformed) { self.room = try ChatRoomUsersParameters(parameters) }

    func perform(_ call: Call) async throws { try await call.put(self.room, in: .kept) }
}

struct ChatRoomUserWhitelistRemove: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/whitelist/remove.json", "Keep users in a chat room no longer", page: VendorPage.list)

    let room: ChatRoomUsersParameters

    init(_ parameters: Parameters) throws(Malformed) { self.room = try ChatRoomUsersParameters(parameters) }

    func perform(_ call: Call) async throws { try await call.take(self.room, from: .kept) }
}

struct ChatRoomUserWhitelistQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/whitelist/query.json", "List who is kept in a chat room", page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws -> [UserID] { try await call.users(of: self.chatroomId, in: .kept) }

    static func encode(_ outcome: [UserID], to json: inout JSONWriter) {
        json.field("users", outcome.map(\.rawValue))
    }
}

extension Call {
    fileprivate func put(_ room: ChatRoomUsersParameters, in list: Group.RoomList) async throws {
        try await self.core.changeGroup(room.group, in: self.app.id) { $0.put(room.userId, in: list) }
    }

    /// Who is in no list, since there is no such room, need not be taken from it.
    fileprivate func take(_ room: ChatRoomUsersParameters, from list: Group.RoomList) async throws {
        do {
            try await self.core.changeGroup(room.group, in: self.app.id) { $0.take(room.userId, from: list) }
        } catch Rejection.groupNotFound {}
    }

    fileprivate func users(of room: String, in list: Group.RoomList) async throws -> [UserID] {
        try await self.room(room)?.group.users(in: list) ?? []
    }
}
