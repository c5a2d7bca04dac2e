import ParleyCore
import ParleyDialectKit

/// Ends a group. `userId` says who does it, and need not be the owner: the backend has decided. A group that is not
/// there has ended already.
struct GroupDismiss: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/dismiss.json", "Dissolve a group",
        page: VendorPage.list, .partial(BoundNotification.missing))

    let userId: UserID
    let groupId: GroupID

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
        self.groupId = try parameters.requiredGroup("groupId")
    }

    func perform(_ call: Call) async throws {
        do {
            try await call.core.dissolveGroup(self.groupId, in: call.app.id, by: self.userId)
        } catch Rejection.groupNotFound {}
    }
}
