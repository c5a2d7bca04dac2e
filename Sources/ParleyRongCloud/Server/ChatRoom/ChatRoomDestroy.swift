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
            do {
                try await call.core.dissolveGroup(GroupID(chatRoom: room), in: call.app.id)
            } catch Rejection.groupNotFound {}
        }
    }
}

struct ChatRoomDestroySet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/destroy/set.json", "Say when a chat room ends", page: VendorPage.list,
        .partial(DestructionParameters.missing))

    let chatroomId: String
    let destruction: Destruction

    init(_ parameters: Parameters) throws(Malformed) {
        self.chatroomId = try parameters.requiredRoom("chatroomId")
        self.destruction = try DestructionParameters.read(parameters)
    }

    func perform(_ call: Call) async throws {
        let destruction = self.destruction
        try await call.core.changeGroup(GroupID(chatRoom: self.chatroomId), in: call.app.id) {
            $0.destruction = destruction
        }
    }
}
