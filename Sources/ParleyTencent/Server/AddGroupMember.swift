import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 增加群成员: brings up to 300 accounts into a group, and tells it there unless it is to be silent.
struct AddGroupMember: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/add_group_member", "Add members to a group", page: Page.groups)

    var group: GroupID
    var users: [UserID]
    var isSilent: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.users = []
        for item in try fields.objects("MemberList", limit: Limits.membersAdded) {
            self.users.append(try item.account("Member_Account"))
        }
        guard !self.users.isEmpty else { throw Malformed("MemberList", .missing) }
        self.isSilent = try fields.flag("Silence")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [AddMembers.Outcome] {
        _ = try await context.core.knownGroup(self.group, of: caller, with: \.backendMayAddMembers)
        return try await context.core.addMembers(
            AddMembers(
                app: caller.app.id, group: self.group, users: self.users, by: caller.identifier, usersMustExist: true,
                isAnnounced: !self.isSilent))
    }

    func encode(_ outcomes: [AddMembers.Outcome]) -> Envelope {
        .ok {
            $0.objects("MemberList", zip(self.users, outcomes)) { json, item in
                json.field("Member_Account", item.0.rawValue)
                json.field("Result", item.1.tencentResult)
            }
        }
    }
}

extension AddMembers.Outcome {
    /// 3, "waits for the invited user's consent", does not come up: the administrator's word is enough.
    fileprivate var tencentResult: Int {
        switch self {
        case .unknownUser: 0
        case .added: 1
        case .alreadyMember: 2
        }
    }
}
