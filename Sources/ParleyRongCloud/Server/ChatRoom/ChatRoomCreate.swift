import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Makes chat rooms. Whoever is the first to join a room that is not there makes it too (``ClientQuery``). A room that is there already stays as it is.
//
// Source: facts/rongcloud-server.md 3.7.

/// `chatroom[ID]=name`, once for each room.
struct ChatRoomCreate: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/create.json", "Create chat rooms", page: VendorPage.list)

    static let maximumRooms = 100

    let rooms: [(id: String, name: String)]

    init(_ parameters: Parameters) throws(Malformed) {
        let pairs = parameters.pairs("chatroom")
        guard !pairs.isEmpty else { throw Malformed("chatroom", .missing) }
        guard pairs.count <= Self.maximumRooms else { throw Malformed("chatroom", .tooMany(limit: Self.maximumRooms)) }
        var rooms: [(id: String, name: String)] = []
        for (key, name) in pairs {
            let id = try Parameters.checkedRoomID(key)
            rooms.append((id, name))
        }
        self.rooms = rooms
    }

    func perform(_ call: Call) async throws {
        for room in self.rooms {
            try await call.create(Group(chatRoom: room.id, name: room.name, at: call.now))
        }
    }
}

/// One room, with how long it lives, whether all are muted in it, and what its members share.
struct ChatRoomCreateNew: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/create_new.json", "Create a chat room with its settings",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/create",
        .partial("\(DestructionParameters.missing); \(ChatRoomUserWhitelistAdd.missing)"))

    let chatroomId: String
    let destruction: Destruction
    let isBan: Bool
    let whiteUserIds: [UserID]
    let entryOwnerId: UserID?
    let entryInfo: [ChangeAttributes.Change]

    init(_ parameters: Parameters) throws(Malformed) {
        self.chatroomId = try parameters.requiredRoom("chatroomId")
        self.destruction = try DestructionParameters.read(parameters)
        self.isBan = try parameters.flag("isBan")
        self.whiteUserIds = try parameters.optionalIDs("whiteUserIds", atMost: 20).map { UserID($0) }
        self.entryOwnerId = try parameters.optionalID("entryOwnerId").map { UserID($0) }
        self.entryInfo =
            if self.entryOwnerId != nil, let text = try parameters.optional("entryInfo") {
                try EntryInfo.parse(text, leavesWithSetter: false)
            } else {
                []
            }
    }

    func perform(_ call: Call) async throws {
        var group = Group(chatRoom: self.chatroomId, at: call.now)
        group.destruction = self.destruction
        group.isMuted = self.isBan
        group.put(self.whiteUserIds, in: .kept)
        try await call.create(group)
        guard let owner = self.entryOwnerId, !self.entryInfo.isEmpty else { return }
        try await call.change(self.entryInfo, of: group.id, by: owner)
    }
}

extension Call {
    fileprivate func create(_ room: Group) async throws {
        try await self.core.createGroup(
            CreateGroup(app: self.app.id, group: room, members: [], ifExists: .join))
    }
}

// MARK: - Parameters

extension Parameters {
    func requiredRoom(_ name: String) throws(Malformed) -> String { try self.requiredID(name) }

    static func checkedRoomID(_ id: String) throws(Malformed) -> String {
        guard !id.isEmpty else { throw Malformed("chatroomId", .missing) }
        try Length.id.check(id, of: "chatroomId")
        return try Self.checkedID(id, "chatroomId")
    }
}

enum DestructionParameters {
    static let missing = "no room ends by itself: destroyType and destroyTime are only shown again"

    static func read(_ parameters: Parameters) throws(Malformed) -> Destruction {
        Destruction(
            type: try parameters.integer("destroyType", in: 0...1) ?? 0,
            minutes: try parameters.integer("destroyTime", in: 60...10080) ?? 60)
    }
}
