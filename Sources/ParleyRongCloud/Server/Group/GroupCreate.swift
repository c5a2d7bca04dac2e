import ParleyCore
import ParleyDialectKit

/// Makes a group of the users; if the id is taken, they join the group that is there.
///
/// Source: facts/rongcloud-server.md 3.5. The vendor's groups are lists of members and a name for pushes: no roles,
/// no approval. The first user is the owner here, since other dialects ask for one.
struct GroupCreate: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/create.json", "Create a group",
        page: "https://docs.rongcloud.cn/platform-chat-api/group/create-group", .partial(BoundNotification.missing))

    let userId: [UserID]
    let groupId: GroupID
    let groupName: String?

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 1000)
        self.groupId = try parameters.requiredGroup("groupId")
        self.groupName = try parameters.optional("groupName", .characters(64))
    }

    func perform(_ call: Call) async throws {
        try await call.core.createGroup(
            CreateGroup(
                app: call.app.id,
                group: Group(
                    made: self.groupId, name: self.groupName ?? "", owner: self.userId.first, at: call.now),
                members: self.userId.map { Member(user: $0, joinedAt: call.now) }, ifExists: .join))
    }
}

extension Group {
    /// The vendor's, and so the most users that one message to a group can name.
    static let maximumMembers = 3000

    /// A group as this API makes them: anyone whom the backend adds is in, 3000 at most.
    init(made id: GroupID, name: String, owner: UserID?, at now: Timestamp) {
        self.init(id: id, type: .public, name: name, owner: owner, createdAt: now)
        self.capacity = Self.maximumMembers
        self.joinPolicy = .free
    }
}

/// Parameters that tell the members of a change to the group in the same call (`bindNotifyMsg`, `fromUserId`,
/// `objectName`, …).
enum BoundNotification {
    static let missing = "bound notification messages (bindNotifyMsg and what goes with it) are ignored"
}
