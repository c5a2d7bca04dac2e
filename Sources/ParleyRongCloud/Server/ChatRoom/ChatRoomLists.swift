import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Users of whom something holds in a chat room, whether or not they are in it. Source: facts/rongcloud-server.md 3.7.

protocol ChatRoomList: Sendable {
    static var adding: EndpointDescription { get }
    static var removing: EndpointDescription { get }
    static var listing: EndpointDescription { get }
    static var form: ChatRoomListForm { get }
    /// - Parameter until: nil: no longer.
    static func set(_ users: [UserID], until: Timestamp?, in room: GroupID, _ call: Call) async throws
    static func users(of room: GroupSnapshot, at now: Timestamp) -> [UserID: Timestamp]
}

enum ChatRoomListForm: Sendable {
    /// It holds for so many minutes, and is shown with when it ends.
    case timed
    /// It holds until it is taken back; those of whom it does are shown under this name.
    case lasting(String)

    var isTimed: Bool { if case .timed = self { true } else { false } }
}

struct ChatRoomListAdd<List: ChatRoomList>: Endpoint {
    static var description: EndpointDescription { List.adding }

    let room: GroupID
    let userId: [UserID]
    /// Nil: until it is taken back.
    let minute: Int64?

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        self.userId = try parameters.requiredUsers("userId", atMost: ChatRoomUsers.limit)
        self.minute = List.form.isTimed ? try parameters.requiredMinutes() : nil
    }

    func perform(_ call: Call) async throws {
        try await List.set(self.userId, until: call.end(after: self.minute ?? 0), in: self.room, call)
    }
}

struct ChatRoomListRemove<List: ChatRoomList>: Endpoint {
    static var description: EndpointDescription { List.removing }

    let room: GroupID
    let userId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        self.userId = try parameters.requiredUsers("userId", atMost: ChatRoomUsers.limit)
    }

    func perform(_ call: Call) async throws {
        try await call.unlessThereIsNoRoom { try await List.set(self.userId, until: nil, in: self.room, call) }
    }
}

struct ChatRoomListQuery<List: ChatRoomList>: Endpoint {
    static var description: EndpointDescription { List.listing }

    let room: GroupID

    init(_ parameters: Parameters) throws(Malformed) { self.room = try parameters.requiredRoom() }

    func perform(_ call: Call) async throws -> [TimedUser] {
        try await call.room(self.room).map { TimedUser.list(List.users(of: $0, at: call.now), at: call.now) } ?? []
    }

    static func encode(_ outcome: [TimedUser], to json: inout JSONWriter) {
        switch List.form {
        case .timed: json.users(outcome)
        case .lasting(let name): json.field(name, outcome.map(\.user.rawValue))
        }
    }
}

// MARK: - The lists

/// Who may not speak. Messages that the backend sends are not subject to it.
enum ChatRoomGag: ChatRoomList {
    static let adding = EndpointDescription(
        "POST", "/chatroom/user/gag/add.json", "Mute users in a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))
    static let removing = EndpointDescription(
        "POST", "/chatroom/user/gag/rollback.json", "Unmute users in a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))
    static let listing = EndpointDescription(
        "POST", "/chatroom/user/gag/list.json", "List muted users of a chat room", page: VendorPage.list)
    static let form = ChatRoomListForm.timed

    static func set(_ users: [UserID], until: Timestamp?, in room: GroupID, _ call: Call) async throws {
        try await call.core.mute(users, in: room, of: call.app.id, until: until)
    }

    static func users(of room: GroupSnapshot, at now: Timestamp) -> [UserID: Timestamp] { room.mutes }
}

/// Those of which the core has a word.
protocol ChatRoomStanding: ChatRoomList {
    static var standing: Standing { get }
}

extension ChatRoomStanding {
    static func set(_ users: [UserID], until: Timestamp?, in room: GroupID, _ call: Call) async throws {
        try await call.core.set(self.standing, of: users, in: room, of: call.app.id, until: until)
    }

    static func users(of room: GroupSnapshot, at now: Timestamp) -> [UserID: Timestamp] {
        room.users(being: self.standing, at: now)
    }
}

/// Who is put out, and may not come in again before a moment.
enum ChatRoomBlock: ChatRoomStanding {
    static let adding = EndpointDescription(
        "POST", "/chatroom/user/block/add.json", "Remove users from a chat room and keep them out",
        page: VendorPage.list, .partial(ChatRoomNotice.missing))
    static let removing = EndpointDescription(
        "POST", "/chatroom/user/block/rollback.json", "Let users into a chat room again", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))
    static let listing = EndpointDescription(
        "POST", "/chatroom/user/block/list.json", "List who is kept out of a chat room", page: VendorPage.list)
    static let form = ChatRoomListForm.timed
    static let standing = Standing.keptOut
}

/// Who may speak although the room is muted.
enum ChatRoomBanWhitelist: ChatRoomStanding {
    static let adding = EndpointDescription(
        "POST", "/chatroom/user/ban/whitelist/add.json", "Let users speak in a muted chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))
    static let removing = EndpointDescription(
        "POST", "/chatroom/user/ban/whitelist/rollback.json", "Let users speak in a muted chat room no longer",
        page: VendorPage.list, .partial(ChatRoomNotice.missing))
    static let listing = EndpointDescription(
        "POST", "/chatroom/user/ban/whitelist/query.json", "List who may speak in a muted chat room",
        page: VendorPage.list)
    static let form = ChatRoomListForm.lasting("userIds")
    static let standing = Standing.speaker
}

/// Who stays when his last connection ends, and is always heard.
enum ChatRoomWhitelist: ChatRoomStanding {
    static let adding = EndpointDescription(
        "POST", "/chatroom/user/whitelist/add.json", "Keep users in a chat room",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/whitelist/add-to-user-whitelist")
    static let removing = EndpointDescription(
        "POST", "/chatroom/user/whitelist/remove.json", "Keep users in a chat room no longer", page: VendorPage.list)
    static let listing = EndpointDescription(
        "POST", "/chatroom/user/whitelist/query.json", "List who is kept in a chat room",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/whitelist/query-user-whitelist")
    static let form = ChatRoomListForm.lasting("users")
    static let standing = Standing.protected
}

// MARK: - What they share with others

enum ChatRoomUsers {
    /// In one call.
    static let limit = 20
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
