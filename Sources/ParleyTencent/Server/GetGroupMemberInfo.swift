import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 获取群成员详细资料: a group's members, in the order of joining, page by page.
struct GetGroupMemberInfo: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_group_member_info", "List a group's members", page: Page.groups,
        .partial("LastSendMsgTime is 0, MsgSeq what the group had reached when the member joined"))

    var group: GroupID
    var filter: Filter
    var appDefined: Filter
    var roles: Set<String>?
    var limit: Int
    var offset: Int
    /// A Community is paged by the cursor that the last answer gave, beginning with the empty one.
    var cursor: String?

    struct Outcome: Sendable {
        var snapshot: GroupSnapshot
        var page: [Member]
        var next: String
        var now: Timestamp
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.filter = try fields.filter("MemberInfoFilter") ?? .all
        self.appDefined = try fields.filter("AppDefinedDataFilter_GroupMember") ?? .all
        let roles = try fields.strings("MemberRoleFilter", limit: 3)
        self.roles = roles.isEmpty ? nil : Set(roles)
        self.limit = min(try fields.uint32("Limit").map(Int.init) ?? 0, Limits.membersListed)
        if self.limit == 0 { self.limit = Limits.membersListed }
        self.offset = Int(try fields.uint32("Offset") ?? 0)
        self.cursor = try fields.optionalString("Next")
        if let cursor = self.cursor, !cursor.isEmpty {
            guard let offset = UInt32(cursor) else { throw Malformed("Next", .invalid) }
            self.offset = Int(offset)
        }
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> Outcome {
        let snapshot = try await context.core.knownGroup(self.group, of: caller, with: \.listsMembers)
        let members = snapshot.membersInOrder.filter { self.roles?.contains($0.role.tencentName) ?? true }
        let page = Array(members.dropFirst(self.offset).prefix(self.limit))
        let end = self.offset + page.count
        return Outcome(
            snapshot: snapshot, page: page, next: end < members.count && !page.isEmpty ? String(end) : "",
            now: context.now)
    }

    func encode(_ outcome: Outcome) -> Envelope {
        .ok {
            $0.field("MemberNum", outcome.snapshot.members.count)
            $0.objects("MemberList", outcome.page) { json, member in
                json.members(
                    of: member, mutedUntil: outcome.snapshot.mutedUntil(member.user, now: outcome.now),
                    filter: self.filter, appDefined: self.appDefined)
            }
            if outcome.snapshot.group.type == .community { $0.field("Next", outcome.next) }
        }
    }
}
