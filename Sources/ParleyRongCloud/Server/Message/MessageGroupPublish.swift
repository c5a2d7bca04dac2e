import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something in one to three groups, or to named members of one.
///
/// Page: seeds/rongcloud-group-publish.txt; facts/rongcloud-server.md 2.1. Neither groups nor users need exist, and
/// the sender need not be a member: the App's backend decides that. What the page does not offer together is ignored,
/// not refused:
/// 1. `toUserId` counts with one group only; then `expansion`, `extraContent`, `disablePush` and `pushExt` do not.
/// 2. Those four count with one group only.
/// 3. `extraContent` needs `expansion`.
/// 4. `disablePush` leaves nothing for `pushExt` to say.
struct MessageGroupPublish: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/group/publish.json", "Send a group message",
        page: "https://docs.rongcloud.cn/platform-chat-api/message/send-group")
    /// 20 messages a second, each group one.
    static let rate = RateLimiter.Limit("rongcloud.group-message", 20)
    static let bodyLimit = MessageBody.limit
    static let maximumGroups = 3

    let fromUserId: UserID
    let toGroupId: [GroupID]
    let audience: Audience
    let message: WireMessage
    let isIncludeSender: Bool
    let treatment: Treatment

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.toGroupId = try parameters.requiredGroups("toGroupId")
        let toUserId =
            self.toGroupId.count == 1 ? try parameters.optionalIDs("toUserId", atMost: Group.maximumMembers) : []
        self.audience = toUserId.isEmpty ? .everyone : .only(toUserId.map { UserID($0) })
        self.message = try WireMessage(parameters)
        self.isIncludeSender = try parameters.flag("isIncludeSender")
        self.treatment = try Treatment(parameters, isWhole: self.toGroupId.count == 1 && toUserId.isEmpty)
    }

    var cost: Int { self.toGroupId.count }

    func perform(_ call: Call) async throws -> [PublishedUID] {
        var message = self.message.message(
            from: self.fromUserId, to: self.audience, reachesSender: self.isIncludeSender, treatment: self.treatment)
        if self.audience != .everyone, !call.app.settings.keepsTargetedHistory { message.options.keptInHistory = false }
        let results = try await call.core.send(
            self.toGroupId.map { group in
                Send(
                    app: call.app.id, conversation: .group(group), message: message,
                    deduplication: self.treatment.deduplication(of: self.fromUserId))
            })
        return try zip(self.toGroupId, results).map { group, result in
            PublishedUID(try result.get().id, in: .group, to: group.rawValue)
        }
    }

    static func encode(_ outcome: [PublishedUID], to json: inout JSONWriter) {
        json.messageUIDs(outcome, "groupId")
    }
}

extension Parameters {
    /// One to three groups. The real server's complaint about a fourth speaks of `toUserId`.
    func requiredGroups(_ name: String) throws(Malformed) -> [GroupID] {
        do {
            return try self.requiredIDs(name, atMost: MessageGroupPublish.maximumGroups).map { GroupID($0) }
        } catch {
            guard case .tooMany = error.reason else { throw error }
            throw Malformed("toUserId", error.reason)
        }
    }
}

/// The largest bodies of message calls, percent-encoded: a byte takes three, so a character of Chinese nine.
enum MessageBody {
    /// 128 KiB of content, a thousand ids (200 KB), and as much again for the rest: 896 KiB.
    static let statusLimit = 3 * WireMessage.maximumContentLength + 2 * Route.defaultBodyLimit

    /// And 100 pairs of extraContent, of 4096 characters each. About 4.5 MiB.
    static let limit = Self.statusLimit + Expansion.maximumPairs * 9 * (4096 + 32)
}
