import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What is so in a chat room, or is not. Source: facts/rongcloud-server.md 3.7.

protocol ChatRoomSwitch: Sendable {
    static var flag: any WritableKeyPath<Group, Bool> & Sendable { get }
    static var on: EndpointDescription { get }
    static var off: EndpointDescription { get }
}

struct ChatRoomSwitchOn<Switch: ChatRoomSwitch>: Endpoint {
    static var description: EndpointDescription { Switch.on }

    let room: GroupID

    init(_ parameters: Parameters) throws(Malformed) { self.room = try parameters.requiredRoom() }

    func perform(_ call: Call) async throws {
        try await call.core.changeGroup(self.room, in: call.app.id) { $0[keyPath: Switch.flag] = true }
    }
}

struct ChatRoomSwitchOff<Switch: ChatRoomSwitch>: Endpoint {
    static var description: EndpointDescription { Switch.off }

    let room: GroupID

    init(_ parameters: Parameters) throws(Malformed) { self.room = try parameters.requiredRoom() }

    func perform(_ call: Call) async throws {
        try await call.unlessThereIsNoRoom {
            try await call.core.changeGroup(self.room, in: call.app.id) { $0[keyPath: Switch.flag] = false }
        }
    }
}

// MARK: - Muted rooms

/// Whether clients may speak in it at all.
enum ChatRoomBan: ChatRoomSwitch {
    static var flag: any WritableKeyPath<Group, Bool> & Sendable { \.isMuted }
    static let on = EndpointDescription(
        "POST", "/chatroom/ban/add.json", "Mute a chat room", page: VendorPage.list, .partial(ChatRoomNotice.missing))
    static let off = EndpointDescription(
        "POST", "/chatroom/ban/rollback.json", "Unmute a chat room", page: VendorPage.list,
        .partial(ChatRoomNotice.missing))
}

enum ChatRoomNotice {
    static let missing =
        "needNotify and extra are ignored: SDKs that can be told (web: from 5.7.9 on) expect a form that is not known"
}

struct ChatRoomBanQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/ban/query.json", "List muted chat rooms", page: VendorPage.list)

    let page: Int
    let size: Int

    init(_ parameters: Parameters) throws(Malformed) {
        self.page = Int(try parameters.integer("page", in: 1...Int64(Int32.max)) ?? 1)
        self.size = Int(try parameters.integer("size", in: 1...50) ?? 50)
    }

    func perform(_ call: Call) async throws -> [String] {
        try await call.core.directory.rooms(
            in: call.app.id, .muted, offset: (self.page - 1) * self.size, limit: self.size
        ).compactMap(\.chatRoom)
    }

    static func encode(_ outcome: [String], to json: inout JSONWriter) { json.field("chatroomIds", outcome) }
}

struct ChatRoomBanCheck: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/ban/check.json", "Ask whether a chat room is muted", page: VendorPage.list)

    let room: GroupID

    init(_ parameters: Parameters) throws(Malformed) { self.room = try parameters.requiredRoom() }

    func perform(_ call: Call) async throws -> Bool { try await call.room(self.room)?.group.isMuted ?? false }

    static func encode(_ outcome: Bool, to json: inout JSONWriter) { json.field("status", outcome ? 1 : 0) }
}

// MARK: - Rooms that are kept

/// Whether it does not end by itself, whatever is said of when it ends.
enum ChatRoomKeepalive: ChatRoomSwitch {
    static var flag: any WritableKeyPath<Group, Bool> & Sendable { \.isKeptAlive }
    static let on = EndpointDescription(
        "POST", "/chatroom/keepalive/add.json", "Keep a chat room",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/keep-alive/add-to-keep-alive")
    static let off = EndpointDescription(
        "POST", "/chatroom/keepalive/remove.json", "Keep a chat room no longer",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/keep-alive/remove-from-keep-alive")
}

struct ChatRoomKeepaliveQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/keepalive/query.json", "List chat rooms that are kept",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/keep-alive/query-keep-alive")

    init(_ parameters: Parameters) throws(Malformed) {}

    func perform(_ call: Call) async throws -> [String] {
        try await call.core.directory.rooms(in: call.app.id, .keptAlive, offset: 0, limit: .max).compactMap(\.chatRoom)
    }

    /// The small `i` is the vendor's.
    static func encode(_ outcome: [String], to json: inout JSONWriter) { json.field("chatroomids", outcome) }
}

// MARK: - Rooms in which nobody is heard

/// Whether what clients say in it reaches nobody. They are not told so; what the backend says is heard. What is not distributed is not kept either: it is as
/// if it had never been said.
enum ChatRoomDistribution: ChatRoomSwitch {
    static var flag: any WritableKeyPath<Group, Bool> & Sendable { \.isDistributionStopped }
    static let on = EndpointDescription(
        "POST", "/chatroom/message/stopDistribution.json", "Let nobody hear what is said in a chat room",
        page: VendorPage.list)
    static let off = EndpointDescription(
        "POST", "/chatroom/message/resumeDistribution.json", "Let what is said in a chat room be heard again",
        page: VendorPage.list)
}
