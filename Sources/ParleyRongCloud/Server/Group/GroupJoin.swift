import ParleyCore
import ParleyDialectKit

/// Brings users into a group. A name that comes along renames it.
///
/// Page: https://docs.rongcloud.io/platform-chat-api/group/join-group. A group that is not known is made, without an
/// owner: the vendor's groups have no existence beyond their members, and a backend that moves here from the vendor
/// goes on joining users to groups that it created there.
struct GroupJoin: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/join.json", "Add users to a group",
        page: "https://docs.rongcloud.io/platform-chat-api/group/join-group", .partial(BoundNotification.missing))

    let userId: [UserID]
    let groupId: GroupID
    let groupName: String?

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 1000)
        self.groupId = try parameters.requiredGroup("groupId")
        self.groupName = try parameters.optional("groupName", .characters(64))
    }

    func perform(_ call: Call) async throws {
        do {
            _ = try await call.core.addMembers(
                AddMembers(app: call.app.id, group: self.groupId, users: self.userId))
            guard let name = self.groupName else { return }
            try await call.core.changeGroup(self.groupId, in: call.app.id) { $0.name = name }
        } catch Rejection.groupNotFound {
            try await call.core.createGroup(
                CreateGroup(
                    app: call.app.id,
                    group: Group(made: self.groupId, name: self.groupName ?? "", owner: nil, at: call.now),
                    members: self.userId.map { Member(user: $0, joinedAt: call.now) }, ifExists: .join))
        }
    }
}
