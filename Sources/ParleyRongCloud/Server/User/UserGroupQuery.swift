import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The groups that a user is in, whichever dialect made them. An unknown user is in none.
struct UserGroupQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/group/query.json", "List a user's groups",
        page: VendorPage.list)

    let userId: UserID

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUser("userId")
    }

    func perform(_ call: Call) async throws -> [Group] {
        try await call.core.directory.groups(of: self.userId, in: call.app.id).map(\.group)
            .filter { $0.id.chatRoom == nil && !$0.type.rules.isThread }
    }

    static func encode(_ outcome: [Group], to json: inout JSONWriter) {
        json.field("groups") { json in
            json.array(outcome) { json, group in
                json.object {
                    $0.field("id", group.id.rawValue)
                    $0.field("name", group.name)
                }
            }
        }
    }
}
