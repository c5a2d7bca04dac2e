import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 创建群组: makes a group, with an owner and first members if they are named, under an id that the caller chooses or the server makes.
struct CreateGroup: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/create_group", "Create a group", page: Page.groups,
        .partial("no topics: SupportTopic 1 is refused"))

    var type: GroupType
    var id: GroupID
    var owner: UserID?
    var profile: GroupProfile
    var members: [FirstMember]
    var wantsTopics: Bool

    struct FirstMember: Sendable {
        var user: UserID
        var role: Member.Role
        var appDefined: [AppDefinedField]
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        guard let type = try fields.choice("Type", of: GroupType.tencentNames) else {
            throw Malformed("Type", .missing)
        }
        self.type = type
        _ = try fields.string("Name")
        self.profile = try GroupProfile(fields)
        self.owner = try fields.optionalAccount("Owner_Account")
        self.id = try Self.id(fields, type)
        self.members = try Self.members(fields)
        self.wantsTopics = try fields.flag("SupportTopic")
    }

    private static func id(_ fields: Fields, _ type: GroupType) throws(Malformed) -> GroupID {
        guard let wanted = try fields.optionalString("GroupId"), !wanted.isEmpty else { return .made(for: type) }
        guard let id = GroupID(wanted: wanted, for: type) else { throw Malformed("GroupId", .invalid) }
        return id
    }

    private static func members(_ fields: Fields) throws(Malformed) -> [FirstMember] {
        var members: [FirstMember] = []
        for item in try fields.objects("MemberList", limit: Limits.membersAtCreation) {
            let role = try item.choice("Role", of: Member.Role.tencentNames) ?? .member
            let appDefined = try item.appDefined(
                "AppMemberDefinedData", limit: Limits.memberFields, valueBytes: Limits.memberFieldValueBytes)
            members.append(
                FirstMember(user: try item.account("Member_Account"), role: role, appDefined: appDefined))
        }
        return members
    }

    var area: Area { .groupCreation(owner: self.owner) }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        guard !self.wantsTopics else { throw Refusal.topicsNotEnabled }
        let rules = self.type.rules
        if !self.members.isEmpty, !rules.backendMayAddMembers { throw Rejection.notSupported(by: self.type) }
        for member in self.members {
            if member.role == .administrator, !rules.hasAdministrators {
                throw Refusal.parameterNotAllowed("Role Admin", in: self.type)
            }
            guard try await context.core.directory.user(member.user, in: caller.app.id) != nil else {
                throw Rejection.userNotFound(member.user)
            }
        }
        let now = context.now
        var group = Group(id: self.id, type: self.type, name: "", owner: self.owner, createdAt: now)
        self.profile.apply(to: &group)
        let isNamedAdministrator = self.owner.map(caller.administrators.contains) ?? false
        try await context.core.createGroup(
            ParleyCore.CreateGroup(
                app: caller.app.id, group: group, members: self.members.map { $0.member(of: self.type, now: now) },
                ownerMustExist: !isNamedAdministrator, by: caller.identifier))
    }

    func encode(_ outcome: Void) -> Envelope {
        .ok {
            $0.field("GroupId", self.id.rawValue)
            $0.field("Type", self.type.tencentName)
        }
    }
}

extension CreateGroup.FirstMember {
    fileprivate func member(of type: GroupType, now: Timestamp) -> Member {
        var member = Member(user: self.user, role: self.role, joinedAt: now, delivery: type.rules.defaultDelivery)
        AppDefined.apply(self.appDefined, to: &member.attributes)
        return member
    }
}
