import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who may not speak in a chat room. Messages that the backend sends are not subject to it. Source: facts/rongcloud-server.md 3.7.

struct ChatRoomUserGagAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/gag/add.json", "Mute users in a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let room: ChatRoomUsersParameters
    let minute: Int64

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try ChatRoomUsersParameters(parameters)
        self.minute = try parameters.requiredMinutes()
    }

    func perform(_ call: Call) async throws {
        try await call.core.mute(
            self.room.userId, in: self.room.group, of: call.app.id, until: call.end(after: self.minute))
    }
}

/// What was not muted, or is in no room of that id, may speak already.
struct ChatRoomUserGagRollback: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/gag/rollback.json", "Unmute users in a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))

    let room: ChatRoomUsersParameters

    init(_ parameters: Parameters) throws(Malformed) { self.room = try ChatRoomUsersParameters(parameters) }

    func perform(_ call: Call) async throws {
        do {
            try await call.core.mute(self.room.userId, in: self.room.group, of: call.app.id, until: nil)
        } catch Rejection.groupNotFound {}
    }
}

struct ChatRoomUserGagList: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/gag/list.json", "List muted users of a chat room", page: VendorPage.list)

    let chatroomId: String

    init(_ parameters: Parameters) throws(Malformed) { self.chatroomId = try parameters.requiredRoom("chatroomId") }

    func perform(_ call: Call) async throws -> [TimedUser] {
        TimedUser.list(try await call.room(self.chatroomId)?.mutes ?? [:], at: call.now)
    }

    static func encode(_ outcome: [TimedUser], to json: inout JSONWriter) { json.users(outcome) }
}

// MARK: - What calls about users of a room share

struct ChatRoomUsersParameters: Sendable {
    let group: GroupID
    let userId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.group = GroupID(chatRoom: try parameters.requiredRoom("chatroomId"))
        self.userId = try parameters.requiredUsers("userId", atMost: 20)
    }
}

enum ChatRoomNotice {
    static let missing = "needNotify and extra are ignored: nobody is told"
}

extension Parameters {
    /// 0: for ever. The pages end at 43200; of groups the real server was seen to accept more.
    func requiredMinutes() throws(Malformed) -> Int64 {
        try self.requiredInteger("minute", in: 0...Int64(Int32.max))
    }
}

extension Call {
    func end(after minutes: Int64) -> Timestamp {
        minutes == 0 ? .distantFuture : self.now.adding(seconds: minutes * 60)
    }
}

/// Somebody for whom something holds until a moment.
struct TimedUser: Hashable, Sendable {
    var user: UserID
    var until: Timestamp

    static func list(_ users: [UserID: Timestamp], at now: Timestamp) -> [TimedUser] {
        users.filter { $0.value > now }.map { TimedUser(user: $0.key, until: $0.value) }.sorted { $0.user < $1.user }
    }
}

extension JSONWriter {
    mutating func users(_ users: [TimedUser]) {
        self.field("users") { json in
            json.array(users) { json, one in
                json.object {
                    $0.field("userId", one.user.rawValue)
                    $0.field("time", one.until.inBeijing)
                }
            }
        }
    }
}
