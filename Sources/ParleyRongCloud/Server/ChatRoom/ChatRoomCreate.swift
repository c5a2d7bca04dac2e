import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Makes chat rooms. Whoever is the first to join a room that is not there makes it too (``ClientQuery``). A room that is there already stays as it is, but
// for the users and the attributes that come along.
//
// Source: facts/rongcloud-server.md 3.7.

/// `chatroom[ID]=name`, once for each room.
struct ChatRoomCreate: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/create.json", "Create chat rooms", page: VendorPage.list)

    static let maximumRooms = 100
    /// The pages say nothing of it: twice a group's.
    private static let longestName = Length.characters(128)

    let rooms: [(id: GroupID, name: String)]

    init(_ parameters: Parameters) throws(Malformed) {
        let pairs = parameters.pairs("chatroom")
        guard !pairs.isEmpty else { throw Malformed("chatroom", .missing) }
        guard pairs.count <= Self.maximumRooms else { throw Malformed("chatroom", .tooMany(limit: Self.maximumRooms)) }
        var rooms: [(id: GroupID, name: String)] = []
        for (id, name) in pairs {
            guard !id.isEmpty else { throw Malformed("chatroomId", .missing) }
            try Length.id.check(id, of: "chatroomId")
            try Self.longestName.check(name, of: "chatroom")
            guard !name.utf8.contains(0) else { throw Malformed("chatroom", .invalid) }
            rooms.append((GroupID(chatRoom: try Parameters.checkedID(id, "chatroomId")), name))
        }
        self.rooms = rooms
    }

    func perform(_ call: Call) async throws {
        for room in self.rooms {
            try await call.create(Group(room: room.id, name: room.name, of: call.app, at: call.now))
        }
    }
}

/// One room, with how long it lives, whether all are muted in it, and what its members share.
struct ChatRoomCreateNew: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/create_new.json", "Create a chat room with its settings",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/create")

    let room: GroupID
    let lifetime: Lifetime?
    let isBan: Bool
    let whiteUserIds: [UserID]
    let entryOwnerId: UserID?
    let entryInfo: [ChangeAttributes.Change]

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        self.lifetime = try parameters.lifetime()
        self.isBan = try parameters.flag("isBan")
        self.whiteUserIds = try parameters.optionalIDs("whiteUserIds", atMost: ChatRoomUsers.limit).map { UserID($0) }
        self.entryOwnerId = try parameters.optionalID("entryOwnerId").map { UserID($0) }
        self.entryInfo =
            if self.entryOwnerId != nil, let text = try parameters.optional("entryInfo") {
                try EntryInfo.parse(text, leavesWithSetter: false)
            } else {
                []
            }
    }

    func perform(_ call: Call) async throws {
        var group = Group(room: self.room, of: call.app, at: call.now)
        if let lifetime = self.lifetime { group.lifetime = lifetime }
        group.isMuted = self.isBan
        try await call.create(group)
        if !self.whiteUserIds.isEmpty {
            try await ChatRoomWhitelist.set(self.whiteUserIds, until: .distantFuture, in: self.room, call)
        }
        guard let owner = self.entryOwnerId, !self.entryInfo.isEmpty else { return }
        try await call.change(self.entryInfo, of: self.room, by: owner)
    }
}

extension Call {
    fileprivate func create(_ room: Group) async throws {
        try await self.core.createGroup(
            CreateGroup(app: self.app.id, group: room, members: [], ifExists: .join))
    }
}
