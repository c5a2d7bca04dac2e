import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something to up to a thousand users, each in a conversation of their own with the sender.
///
/// Source: facts/rongcloud-server.md 3.3.
struct MessagePrivatePublish: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/private/publish.json", "Send a private message",
        page: VendorPage.list,
        .partial("busChannel is ignored"))
    /// 6000 messages a minute, each recipient one.
    static let rate = RateLimiter.Limit("rongcloud.private-message", 6000, perSeconds: 60)
    static let bodyLimit = MessageBody.limit

    let fromUserId: UserID
    let toUserId: [UserID]
    let message: WireMessage
    let verifyBlacklist: Bool
    let isIncludeSender: Bool
    let treatment: Treatment

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.toUserId = try parameters.requiredUsers("toUserId", atMost: 1000)
        self.message = try WireMessage(parameters)
        let count = try parameters.integer("count", in: -1...9999)
        self.verifyBlacklist = try parameters.flag("verifyBlacklist")
        self.isIncludeSender = try parameters.flag("isIncludeSender")
        var treatment = try Treatment(parameters, isWhole: true)
        // What the icon shows is known of one user only.
        if self.toUserId.count == 1 { treatment.options.push.badge = count.map { Int($0) } }
        self.treatment = treatment
    }

    var cost: Int { self.toUserId.count }

    func perform(_ call: Call) async throws -> [PublishedUID] {
        let message = self.message.message(
            from: self.fromUserId, reachesSender: self.isIncludeSender, treatment: self.treatment)
        let results = try await call.core.send(
            self.toUserId.map { user in
                Send(
                    app: call.app.id, conversation: .direct(self.fromUserId, user), message: message,
                    checks: self.verifyBlacklist ? .blocks : [],
                    deduplication: self.treatment.deduplication(of: self.fromUserId))
            })
        return try call.published(results, to: self.toUserId)
    }

    static func encode(_ outcome: [PublishedUID], to json: inout JSONWriter) {
        json.messageUIDs(outcome, "userId")
    }
}
