import ParleyCore
import ParleyDialectKit

/// 转让群主: gives a group to another of its members.
struct ChangeGroupOwner: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/change_group_owner", "Give a group to another owner", page: Page.groups)

    var group: GroupID
    var owner: UserID

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.owner = try fields.account("NewOwner_Account")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        _ = try await context.core.knownGroup(self.group, of: caller, with: \.listsMembers)
        try await context.core.transferGroup(self.group, in: caller.app.id, to: self.owner, by: caller.identifier)
    }
}
