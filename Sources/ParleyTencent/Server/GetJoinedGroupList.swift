import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 获取用户所加入的群组: the groups that an account is in. AVChatRooms, and Work groups in which nothing was ever said, are left out unless asked for.
struct GetJoinedGroupList: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_joined_group_list", "List an account's groups", page: Page.groups,
        .partial("no topics: with SupportTopic 1 there is nothing to list"))

    var user: UserID
    var limit: Int
    var offset: Int
    var type: GroupType?
    var withHugeGroups: Bool
    var withNoActiveGroups: Bool
    var withTopics: Bool
    var filter: ResponseFilter

    struct Joined: Sendable {
        var info: GroupInfo
        var member: Member
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("Member_Account")
        self.limit = min(try fields.uint32("Limit").map(Int.init) ?? 0, Limits.joinedGroupsListed)
        if self.limit == 0 { self.limit = Limits.joinedGroupsListed }
        self.offset = Int(try fields.uint32("Offset") ?? 0)
        self.type = try fields.choice("GroupType", of: GroupType.tencentNames)
        self.withHugeGroups = try fields.flag("WithHugeGroups")
        self.withNoActiveGroups = try fields.flag("WithNoActiveGroups")
        self.withTopics = try fields.flag("SupportTopic")
        self.filter = try ResponseFilter(fields)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> (total: Int, page: [Joined]) {
        guard try await context.core.directory.user(self.user, in: caller.app.id) != nil else {
            throw Rejection.userNotFound(self.user)
        }
        var listed: [(group: Group, member: Member)] = []
        for joined in try await context.core.directory.groups(of: self.user, in: caller.app.id) {
            if try await self.lists(joined.group, in: context.core, of: caller) { listed.append(joined) }
        }
        var page: [Joined] = []
        for (group, member) in listed.dropFirst(self.offset).prefix(self.limit) {
            let snapshot = try await context.core.knownGroup(group.id, of: caller)
            page.append(Joined(info: try await GroupInfo(snapshot, in: context.core, of: caller), member: member))
        }
        return (listed.count, page)
    }

    private func lists(_ group: Group, in core: Core, of caller: Caller) async throws -> Bool {
        if self.withTopics || group.type.rules.isThread { return false }
        if let type, group.type.tencentName != type.tencentName { return false }
        if !group.type.rules.listsMembers || group.type.rules.isRoom, !self.withHugeGroups { return false }
        guard group.type == .work, !self.withNoActiveGroups else { return true }
        // A Work group wakes with the first thing said in it (facts, section 5).
        return try await core.log.lastSequence(of: ConversationID(app: caller.app.id, .group(group.id))) > 0
    }

    func encode(_ outcome: (total: Int, page: [Joined])) -> Envelope {
        .ok {
            $0.field("TotalCount", outcome.total)
            $0.objects("GroupIdList", outcome.page) { json, joined in
                json.field("GroupId", joined.info.group.id.rawValue)
                // Without a filter there is nothing but the id.
                if self.filter.namesBaseFields { json.members(of: joined.info, filter: self.filter.base) }
                guard let own = self.filter.own else { return }
                json.field("SelfInfo") { $0.object { $0.ownMembers(of: joined.member, filter: own) } }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func ownMembers(of member: Member, filter: Filter) {
        if filter.admits("Role") { self.field("Role", member.role.tencentName) }
        if filter.admits("JoinTime") { self.field("JoinTime", member.joinedAt.seconds) }
        if filter.admits("MsgFlag") { self.field("MsgFlag", member.delivery.tencentName) }
        if filter.admits("MsgSeq") { self.field("MsgSeq", member.joinedAtSequence) }
    }
}
