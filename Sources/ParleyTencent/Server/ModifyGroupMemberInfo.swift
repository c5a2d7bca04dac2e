import ParleyCore
import ParleyDialectKit

/// 修改群成员资料: a member's role, what reaches him, his name in the group, fields of the App's, and whether he may speak.
struct ModifyGroupMemberInfo: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/modify_group_member_info", "Change a member of a group", page: Page.groups)

    var group: GroupID
    var user: UserID
    var role: Member.Role?
    var delivery: Member.Delivery?
    var nameCard: String?
    var appDefined: [AppDefinedField]
    var muteSeconds: UInt32?

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.user = try fields.account("Member_Account")
        self.role = try fields.choice("Role", of: Member.Role.tencentNames)
        self.delivery = try fields.choice("MsgFlag", of: Member.Delivery.tencentNames)
        self.nameCard = try fields.optionalString("NameCard", limitBytes: Limits.nameCardBytes)
        self.appDefined = try fields.appDefined(
            "AppMemberDefinedData", limit: Limits.memberFields, valueBytes: Limits.memberFieldValueBytes)
        self.muteSeconds = try fields.uint32("MuteTime", "ShutUpTime")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        let group = try await context.core.knownGroup(self.group, of: caller, with: \.listsMembers)
        let rules = group.group.type.rules
        if self.role == .administrator, !rules.hasAdministrators { throw Rejection.notSupported(by: group.group.type) }
        if self.muteSeconds != nil, !rules.memberMayBeMuted { throw Rejection.notSupported(by: group.group.type) }
        try await context.core.changeMember(self.user, of: self.group, in: caller.app.id, by: caller.identifier) {
            member, _ in
            if let role = self.role {
                // An owner is made and unmade by change_group_owner.
                guard member.role != .owner else { throw Rejection.notPermitted }
                member.role = role
            }
            if let delivery = self.delivery { member.delivery = delivery }
            if let nameCard = self.nameCard { member.nameCard = nameCard }
            AppDefined.apply(self.appDefined, to: &member.attributes)
        }
        if let seconds = self.muteSeconds {
            try await context.core.mute(
                [self.user], in: self.group, of: caller.app.id, until: .muted(for: seconds, from: context.now),
                by: caller.identifier)
        }
    }
}
