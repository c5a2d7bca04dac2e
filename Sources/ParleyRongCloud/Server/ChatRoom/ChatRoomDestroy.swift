import ParleyCore
import ParleyDialectKit

/// Ends chat rooms; those who are in them are told. A room that is not there has ended already.
struct ChatRoomDestroy: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/destroy.json", "Destroy chat rooms", page: VendorPage.list)

    let chatroomId: [String]

    init(_ parameters: Parameters) throws(Malformed) {
        self.chatroomId = try parameters.requiredIDs("chatroomId", atMost: 100)
    }

    func perform(_ call: Call) async throws {
        for room in self.chatroomId {
            try await call.unlessThereIsNoRoom {
                try await call.core.dissolveGroup(GroupID(chatRoom: room), in: call.app.id)
            }
        }
    }
}

/// Without a type and a time: as a room of which nothing is said.
struct ChatRoomDestroySet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/destroy/set.json", "Say when a chat room ends",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/set-destroy-type")

    let room: GroupID
    let lifetime: Lifetime?

    init(_ parameters: Parameters) throws(Malformed) {
        self.room = try parameters.requiredRoom()
        self.lifetime = try parameters.lifetime()
    }

    func perform(_ call: Call) async throws {
        let lifetime = self.lifetime ?? call.app.settings.roomLifetime
        try await call.core.changeGroup(self.room, in: call.app.id) { $0.lifetime = lifetime }
    }
}

extension Parameters {
    /// `destroyType` 0: when nothing has happened in the room for so many minutes; 1: so long after it was made. Nil: neither is said.
    func lifetime() throws(Malformed) -> Lifetime? {
        let type = try self.integer("destroyType", in: 0...1)
        let minutes = try self.integer("destroyTime", in: 60...10080)
        guard type != nil || minutes != nil else { return nil }
        let seconds = (minutes ?? 60) * 60
        return type == 1 ? .fixed(seconds: seconds) : .idle(seconds: seconds)
    }
}

extension Lifetime {
    var destroyType: Int64 {
        switch self {
        case .idle: 0
        case .fixed: 1
        }
    }

    /// Minutes.
    var destroyTime: Int64 { self.seconds / 60 }
}
