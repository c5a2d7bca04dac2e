import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who may not speak in any chat room of the App. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomUserBanAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/ban/add.json", "Mute users in all chat rooms", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let userId: [UserID]
    let minute: Int64

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: ChatRoomUsers.limit)
        self.minute = try parameters.requiredMinutes()
    }

    /// A user who is not known yet is made, so that the mute is not forgotten before the first token.
    func perform(_ call: Call) async throws {
        let until = call.end(after: self.minute)
        for user in self.userId {
            try await call.core.importUser(user, in: call.app.id) { $0.mutedInRoomsUntil = until }
        }
    }
}

struct ChatRoomUserBanRemove: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/ban/remove.json", "Unmute users in all chat rooms", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let userId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: ChatRoomUsers.limit)
    }

    func perform(_ call: Call) async throws {
        for user in self.userId {
            do {
                try await call.core.changeUser(user, in: call.app.id) { $0.mutedInRoomsUntil = nil }
            } catch Rejection.userNotFound {}
        }
    }
}

struct ChatRoomUserBanQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/ban/query.json", "List users who are muted in all chat rooms", page: VendorPage.list)

    init(_ parameters: Parameters) throws(Malformed) {}

    func perform(_ call: Call) async throws -> [TimedUser] {
        let muted = try await call.core.directory.usersMutedInRooms(in: call.app.id, at: call.now)
        return TimedUser.list(muted, at: call.now)
    }

    static func encode(_ outcome: [TimedUser], to json: inout JSONWriter) { json.users(outcome) }
}
