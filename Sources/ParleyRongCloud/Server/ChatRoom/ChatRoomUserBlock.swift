import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who is put out of a chat room, and may not come in again before a moment. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomUserBlockAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/block/add.json", "Remove users from a chat room and keep them out",
        page: VendorPage.list, .partial(ChatRoomNotice.missing))

    let room: ChatRoomUsersParameters
    let minute: Int64

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try ChatRoomUsersParameters(parameters)
        self.minute = try parameters.requiredMinutes()
    }

    /// First the door is closed, so that nobody is back before it is.
    func perform(_ call: Call) async throws {
        let (users, now, until) = (self.room.userId, call.now, call.end(after: self.minute))
        try await call.core.changeGroup(self.room.group, in: call.app.id) {
            $0.keepOut(users, until: until, now: now)
        }
        try await call.core.removeMembers(
            RemoveMembers(app: call.app.id, group: self.room.group, users: users, owner: .mayLeave))
    }
}

struct ChatRoomUserBlockRollback: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/block/rollback.json", "Let users into a chat room again", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let room: ChatRoomUsersParameters

    init(_ parameters: Parameters) throws(Malformed) { self.room = try ChatRoomUsersParameters(parameters) }

    func perform(_ call: Call) async throws {
        let (users, now) = (self.room.userId, call.now)
        do {
            try await call.core.changeGroup(self.room.group, in: call.app.id) {
                $0.keepOut(users, until: nil, now: now)
            }
        } catch Rejection.groupNotFound {}
    }
}

struct ChatRoomUserBlockList: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/block/list.json", "List who is kept out of a chat room", page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws -> [TimedUser] {
        TimedUser.list(try await call.room(self.chatroomId)?.group.blockedFromRoom ?? [:], at: call.now)
    }

    static func encode(_ outcome: [TimedUser], to json: inout JSONWriter) { json.users(outcome) }
}
