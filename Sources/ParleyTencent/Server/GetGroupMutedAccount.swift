import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 获取群组被禁言用户列表: who is muted in a group, and until when.
struct GetGroupMutedAccount: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_group_muted_account", "List who is muted in a group", page: Page.groups,
        .partial("TopicId is refused: there are no topics"))

    var query: MutedAccounts

    init(_ fields: Fields, by caller: Caller) throws(Malformed) { self.query = try MutedAccounts(fields) }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [MutedAccounts.Item] {
        try await self.query.items(in: context, of: caller)
    }

    func encode(_ items: [MutedAccounts.Item]) -> Envelope {
        .ok {
            $0.field("GroupId", self.query.group.rawValue)
            $0.objects("MutedAccountList", items) { json, item in
                json.field("Member_Account", item.user.rawValue)
                json.field("MutedUntil", item.until.asMuteUntil)
            }
        }
    }
}

/// The same under its older name, with the answer's older names.
struct GetGroupShuttedUin: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/get_group_shutted_uin", "List who is muted in a group (older name)",
        page: Page.groups, .partial("TopicId is refused: there are no topics"))

    var query: MutedAccounts

    init(_ fields: Fields, by caller: Caller) throws(Malformed) { self.query = try MutedAccounts(fields) }

    func perform(in context: DialectContext, by caller: Caller) async throws -> [MutedAccounts.Item] {
        try await self.query.items(in: context, of: caller)
    }

    func encode(_ items: [MutedAccounts.Item]) -> Envelope {
        .ok {
            $0.field("GroupId", self.query.group.rawValue)
            $0.objects("ShuttedUinList", items) { json, item in
                json.field("Member_Account", item.user.rawValue)
                json.field("ShuttedUntil", item.until.asMuteUntil)
            }
        }
    }
}

struct MutedAccounts: Sendable {
    typealias Item = (user: UserID, until: Timestamp)

    var group: GroupID
    var hasTopic: Bool

    init(_ fields: Fields) throws(Malformed) {
        self.group = try fields.group()
        self.hasTopic = try fields.hasTopic
    }

    func items(in context: DialectContext, of caller: Caller) async throws -> [Item] {
        guard !self.hasTopic else { throw Refusal.topicsNotEnabled }
        let group = try await context.core.knownGroup(self.group, of: caller)
        return group.mutes.filter { $0.value > context.now }.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }
}

extension Fields {
    var hasTopic: Bool {
        get throws(Malformed) { try !(self.optionalString("TopicId") ?? "").isEmpty }
    }
}
