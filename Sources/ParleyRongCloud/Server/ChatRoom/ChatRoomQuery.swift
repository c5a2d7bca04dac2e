import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What chat rooms there are. Source: facts/rongcloud-server.md 3.7.

/// The older call: several rooms at once; those that are not there are left out.
struct ChatRoomQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/query.json", "Look up chat rooms",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/deprecated-info")

    let chatroomId: [String]

    init(_ parameters: Parameters) throws(Malformed) {
        self.chatroomId = try parameters.requiredIDs("chatroomId", atMost: 20)
    }

    func perform(_ call: Call) async throws -> [Group] {
        var found: [Group] = []
        for room in self.chatroomId {
            if let group = try await call.room(GroupID(chatRoom: room))?.group { found.append(group) }
        }
        return found
    }

    static func encode(_ outcome: [Group], to json: inout JSONWriter) {
        json.field("chatRooms") { json in
            json.array(outcome) { json, group in
                json.object {
                    $0.field("chrmId", group.id.chatRoom ?? "")
                    $0.field("name", group.name)
                    $0.field("time", group.createdAt.inBeijing)
                }
            }
        }
    }
}

struct ChatRoomGet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/chatroom/get.json", "Look up a chat room",
        page: "https://docs.rongcloud.io/platform-chat-api/chatroom/get")

    let room: GroupID

    init(_ parameters: Parameters) throws(Malformed) { self.room = try parameters.requiredRoom() }

    func perform(_ call: Call) async throws -> GroupSnapshot {
        guard let room = try await call.room(self.room) else { throw Failure.noSuchChatRoom }
        return room
    }

    /// Of a room that does not end by itself `destroyTime` is 0, which the vendor's does not know.
    static func encode(_ outcome: GroupSnapshot, to json: inout JSONWriter) {
        let group = outcome.group
        json.field("chatroomId", group.id.chatRoom ?? "")
        json.field("createTime", group.createdAt.milliseconds)
        json.field("memberCount", outcome.members.count)
        json.field("destroyType", group.lifetime?.destroyType ?? 0)
        json.field("destroyTime", group.lifetime?.destroyTime ?? 0)
        json.field("ban", group.isMuted)
    }
}

extension Failure {
    /// The page of `/chatroom/get.json` has the clients' own code for it.
    fileprivate static let noSuchChatRoom = Failure(23410, .badRequest, "chatroomId is not exist.")
}
