import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who is in a chat room. Nobody is in one that is not there. Source: facts/rongcloud-server.md 3.7.

/// Brings users into a room (a call that the vendor no longer documents). A user whose last connection ends leaves it all the same.
struct ChatRoomJoin: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/join.json", "Add users to a chat room", page: VendorPage.list)

    let userId: [UserID]
    let room: GroupID

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 1000)
        self.room = try parameters.requiredRoom()
    }

    func perform(_ call: Call) async throws {
        _ = try await call.core.addMembers(AddMembers(app: call.app.id, group: self.room, users: self.userId))
    }
}

struct ChatRoomUserQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/query.json", "List a chat room's members", page: VendorPage.list)

    let room: GroupID
    let count: Int
    let order: ChatRoomMembers.Order

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        let limit = Int64(ChatRoomMembers.limit)
        self.count = Int(min(try parameters.integer("count", in: 0...Int64(Int32.max)) ?? limit, limit))
        let order = try parameters.integer("order", in: 1...2) ?? 1
        self.order = ChatRoomMembers.Order(rawValue: order) ?? .oldestFirst
    }

    struct Found: Sendable {
        var total: Int
        var members: [Member]
    }

    func perform(_ call: Call) async throws -> Found {
        guard let room = try await call.room(self.room) else { return Found(total: 0, members: []) }
        return Found(
            total: room.members.count,
            members: ChatRoomMembers.list(of: room, self.order, atMost: self.count))
    }

    static func encode(_ outcome: Found, to json: inout JSONWriter) {
        json.field("total", outcome.total)
        json.field("users") { json in
            json.array(outcome.members) { json, member in
                json.object {
                    $0.field("id", member.user.rawValue)
                    $0.field("time", member.joinedAt.inBeijing)
                }
            }
        }
    }
}

struct ChatRoomUserExist: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/user/exist.json", "Ask whether a user is in a chat room", page: VendorPage.list)

    let room: GroupID
    let userId: UserID

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        self.userId = try parameters.requiredUser("userId")
    }

    func perform(_ call: Call) async throws -> Bool {
        try await call.room(self.room)?.members[self.userId] != nil
    }

    static func encode(_ outcome: Bool, to json: inout JSONWriter) { json.field("isInChrm", outcome) }
}

struct ChatRoomUsersExist: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/users/exist.json", "Ask which users are in a chat room", page: VendorPage.list)

    let room: GroupID
    let userId: [UserID]

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        self.userId = try parameters.requiredUsers("userId", atMost: 1000)
    }

    struct Answer: Sendable {
        var user: UserID
        var isIn: Bool
    }

    func perform(_ call: Call) async throws -> [Answer] {
        let members = try await call.room(self.room)?.members ?? [:]
        return self.userId.map { Answer(user: $0, isIn: members[$0] != nil) }
    }

    static func encode(_ outcome: [Answer], to json: inout JSONWriter) {
        json.field("result") { json in
            json.array(outcome) { json, answer in
                json.object {
                    $0.field("userId", answer.user.rawValue)
                    $0.field("isInChrm", answer.isIn ? 1 : 0)
                }
            }
        }
    }
}
