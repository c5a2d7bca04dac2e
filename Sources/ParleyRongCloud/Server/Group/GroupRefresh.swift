import ParleyCore
import ParleyDialectKit

/// Renames a group. An unknown one is refused, as `user/refresh` refuses an unknown user: the name would be lost.
struct GroupRefresh: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/refresh.json", "Rename a group",
        page: VendorPage.list, .partial(BoundNotification.missing))

    let groupId: GroupID
    let groupName: String

    init(_ parameters: Parameters) throws(Malformed) {
        self.groupId = try parameters.requiredGroup("groupId")
        self.groupName = try parameters.required("groupName", .characters(64))
    }

    func perform(_ call: Call) async throws {
        let name = self.groupName
        try await call.core.changeGroup(self.groupId, in: call.app.id) { $0.name = name }
    }
}
