import ParleyCore
import ParleyDialectKit

/// 设置成员未读消息计数: so many of a group's messages, and not more, count as unread for a member. There is no way to make read ones unread.
struct SetUnreadMsgNum: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/set_unread_msg_num", "Set how many messages a member has not read",
        page: Page.groups, .partial("the number can be lowered, not raised"))

    var group: GroupID
    var member: UserID
    var count: UInt32

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.member = try fields.account("Member_Account")
        self.count = try fields.requiredUInt32("UnreadMsgNum")
    }

    func perform(in context: DialectContext, by caller: Caller) async throws {
        _ = try await context.core.knownGroup(self.group, of: caller, with: \.countsUnread)
        let through = try await self.readThrough(context.core, caller.app.id)
        try await context.core.changePlace(in: .group(self.group), of: self.member, in: caller.app.id) {
            place, last, _ in
            place.readThrough = max(place.readThrough, min(through, last))
        }
    }

    /// What comes before the newest `count` messages that count.
    private func readThrough(_ core: Core, _ app: AppID) async throws -> UInt64 {
        guard self.count > 0 else { return .max }
        var left = min(Int(self.count), Unread.limit)
        var start = HistoryQuery.Start.newest
        while true {
            let page = try await core.history(
                HistoryQuery(app: app, conversation: .group(self.group), user: self.member, from: start, limit: 200))
            for entry in page.entries where self.counts(entry) {
                left -= 1
                if left == 0 { return (entry.sequence ?? 1) - 1 }
            }
            guard let next = page.next else { return 0 }
            start = .before(next)
        }
    }

    private func counts(_ entry: Entry) -> Bool {
        guard let message = entry.message else { return false }
        return message.sender != self.member && message.options.countsAsUnread && !entry.isRecalled
    }
}
