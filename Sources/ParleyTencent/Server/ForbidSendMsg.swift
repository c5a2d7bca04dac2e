import ParleyCore
import ParleyDialectKit

/// 批量禁言和取消禁言: mutes up to 500 accounts in a group for a time, for ever, or no longer. A mute outlives leaving and joining again.
struct ForbidSendMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/forbid_send_msg", "Mute members of a group", page: Page.groups,
        .partial("TopicId is refused: there are no topics"))

    var group: GroupID
    var users: [UserID]
    var seconds: UInt32
    var hasTopic: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.users = try fields.requiredAccounts("Members_Account", limit: Limits.membersMuted)
        guard let seconds = try fields.uint32("MuteTime", "ShutUpTime") else { throw Malformed("MuteTime", .missing) }
        self.seconds = seconds
        self.hasTopic = try fields.hasTopic
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        guard !self.hasTopic else { throw Refusal.topicsNotEnabled }
        try await context.core.mute(
            self.users, in: self.group, of: caller.app.id, until: .muted(for: self.seconds, from: context.now),
            by: caller.identifier)
    }
}
