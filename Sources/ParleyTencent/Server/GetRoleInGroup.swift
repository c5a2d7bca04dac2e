import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 查询用户在群组中的身份: what up to 500 accounts are in a group.
struct GetRoleInGroup: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_role_in_group", "Ask for roles in a group", page: Page.groups)

    var group: GroupID
    var users: [UserID]

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.users = try fields.requiredAccounts("User_Account", limit: Limits.accountsInQuery)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> GroupSnapshot {
        try await context.core.knownGroup(self.group, of: caller, with: \.listsMembers)
    }

    func encode(_ snapshot: GroupSnapshot) -> Envelope {
        .ok {
            $0.objects("UserIdList", self.users) { json, user in
                json.field("Member_Account", user.rawValue)
                json.field("Role", snapshot.members[user]?.role.tencentName ?? "NotMember")
            }
        }
    }
}
