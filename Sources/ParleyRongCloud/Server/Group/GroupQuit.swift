import ParleyCore
import ParleyDialectKit

/// Takes users out of a group. The group goes on, without its owner if he was among them.
///
/// Who is in no group, or in none of that id, is where the caller wants them: a success.
struct GroupQuit: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/quit.json", "Remove users from a group",
        page: VendorPage.list, .partial(BoundNotification.missing))

    let userId: [UserID]
    let groupId: GroupID

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 1000)
        self.groupId = try parameters.requiredGroup("groupId")
    }

    func perform(_ call: Call) async throws {
        do {
            try await call.core.removeMembers(
                RemoveMembers(app: call.app.id, group: self.groupId, users: self.userId, owner: .mayLeave))
        } catch Rejection.groupNotFound {}
    }
}
