import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something to those members of one to three groups who are online now, and leaves no trace.
///
/// Page: seeds/rongcloud-group-status.txt; facts/rongcloud-server.md 2.3. `verifyBlacklist`, `isPersisted`,
/// `isCounted`, `busChannel` and `msgRandom`, which SDKs send along, mean nothing here.
struct StatusMessageGroupPublish: Endpoint {
    static let description = EndpointDescription(
        "POST", "/statusmessage/group/publish.json", "Send a group status message",
        page: VendorPage.list)
    /// 20 messages a second, each group one.
    static let rate = RateLimiter.Limit("rongcloud.group-status", 20)
    static let bodyLimit = MessageBody.statusLimit

    let fromUserId: UserID
    let toGroupId: [GroupID]
    let message: WireMessage
    let isIncludeSender: Bool

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.toGroupId = try parameters.requiredGroups("toGroupId")
        self.message = try WireMessage(parameters)
        self.isIncludeSender = try parameters.flag("isIncludeSender")
    }

    var cost: Int { self.toGroupId.count }

    func perform(_ call: Call) async throws -> [PublishedUID] {
        let message = self.message.message(from: self.fromUserId, reachesSender: self.isIncludeSender)
        let results = try await call.core.send(
            self.toGroupId.map { group in
                Send(app: call.app.id, conversation: .group(group), message: message, isEphemeral: true)
            })
        return try zip(self.toGroupId, results).map { group, result in
            PublishedUID(try result.get().id, in: .group, to: group.rawValue)
        }
    }

    static func encode(_ outcome: [PublishedUID], to json: inout JSONWriter) {
        json.messageUIDs(outcome, "groupId")
    }
}
