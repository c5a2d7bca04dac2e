import ParleyCore
import ParleyDialectKit

/// 删除群成员: takes accounts out of a group. Those who are not in it do no harm.
struct DeleteGroupMember: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/delete_group_member", "Remove members from a group", page: Page.groups,
        .partial("Reason is not passed on"))

    var group: GroupID
    var users: [UserID]
    var isSilent: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.users = try fields.requiredAccounts("MemberToDel_Account", limit: Limits.membersRemoved)
        self.isSilent = try fields.flag("Silence")
        _ = try fields.optionalString("Reason")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let group = try await context.core.knownGroup(self.group, of: caller, with: \.backendMayRemoveMembers)
        try await context.core.removeMembers(
            RemoveMembers(
                app: caller.app.id, group: self.group, users: self.users, by: caller.identifier,
                isAnnounced: !self.isSilent, owner: group.group.type.rules.ownerMayQuit ? .mayLeave : .mayNotLeave))
    }
}
