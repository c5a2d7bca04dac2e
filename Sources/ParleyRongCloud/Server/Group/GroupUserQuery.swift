import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Who is in a group, in the order of joining. Nobody is in an unknown one.
struct GroupUserQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/user/query.json", "List a group's members",
        page: VendorPage.list)

    let groupId: GroupID

    init(_ parameters: Parameters) throws(Malformed) {
        self.groupId = try parameters.requiredGroup("groupId")
    }

    func perform(_ call: Call) async throws -> [UserID] {
        let members = try await call.core.directory.group(self.groupId, in: call.app.id)?.members ?? [:]
        return members.values.sorted { ($0.joinedAt, $0.user) < ($1.joinedAt, $1.user) }.map(\.user)
    }

    static func encode(_ outcome: [UserID], to json: inout JSONWriter) {
        json.field("users") { json in
            json.array(outcome) { json, user in json.object { $0.field("id", user.rawValue) } }
        }
    }
}
