import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 获取群详细资料: what there is to know of up to 50 groups. Each has a code of its own; the envelope's is always 0.
struct GetGroupInfo: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_group_info", "Describe groups", page: Page.groups,
        .partial("LastSendMsgTime of members is 0, MsgSeq what the group had reached when they joined"))

    var groups: [String]
    var filter: ResponseFilter

    struct Found: Sendable {
        var id: String
        var group: Result<(GroupSnapshot, GroupInfo), Failure>
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.groups = try fields.strings("GroupIdList", limit: Limits.groupsInQuery)
        guard !self.groups.isEmpty else { throw Malformed("GroupIdList", .missing) }
        self.filter = try ResponseFilter(fields)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> (found: [Found], now: Timestamp) {
        var found: [Found] = []
        for id in self.groups {
            found.append(Found(id: id, group: try await Self.find(id, in: context.core, of: caller)))
        }
        let listed = found.reduce(0) { sum, item in
            guard case .success(let (group, _)) = item.group, group.group.type.rules.listsMembers else { return sum }
            return sum + group.members.count
        }
        // So many cannot fit into the answer, whatever is shown of them: not worth the memory.
        guard listed <= Limits.answerBytes / 20 else { throw Refusal.answerTooLong }
        return (found, context.now)
    }

    private static func find(
        _ text: String, in core: Core, of caller: Caller
    ) async throws -> Result<(GroupSnapshot, GroupInfo), Failure> {
        guard let id = GroupID(addressed: text) else {
            return .failure(Errors.failure(for: Malformed("GroupId", .invalid), in: .groups))
        }
        guard let group = try await core.directory.group(id, in: caller.app.id) else {
            return .failure(Errors.failure(for: .groupNotFound(id), in: .groups))
        }
        return .success((group, try await GroupInfo(group, in: core, of: caller)))
    }

    func encode(_ outcome: (found: [Found], now: Timestamp)) -> Envelope {
        .ok {
            $0.objects("GroupInfo", outcome.found) { json, found in
                json.field("GroupId", found.id)
                switch found.group {
                case .failure(let failure):
                    json.field("ErrorCode", failure.code)
                    json.field("ErrorInfo", failure.info)
                case .success(let (group, info)):
                    json.field("ErrorCode", 0)
                    json.field("ErrorInfo", "")
                    self.write(group, info, now: outcome.now, into: &json)
                }
            }
        }
    }

    private func write(_ snapshot: GroupSnapshot, _ info: GroupInfo, now: Timestamp, into json: inout JSONWriter) {
        json.members(of: info, filter: self.filter.base)
        json.appDefined("AppDefinedData", snapshot.group.attributes, filter: self.filter.appDefinedOfGroup)
        guard snapshot.group.type.rules.listsMembers else { return }
        json.objects("MemberList", snapshot.membersInOrder) { json, member in
            json.members(
                of: member, mutedUntil: snapshot.mutedUntil(member.user, now: now), filter: self.filter.member,
                appDefined: self.filter.appDefinedOfMember)
        }
    }
}
