import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Says something to up to a thousand users, those who are online now, and leaves no trace.
///
/// Page: seeds/rongcloud-private-status.txt; facts/rongcloud-server.md 2.2. Every recipient gets a line in the
/// answer, whether online or not: presence is not told this way. What SDKs send along (`isPersisted`, `isCounted`,
/// `busChannel`, `msgRandom`) means nothing here.
struct StatusMessagePrivatePublish: Endpoint {
    static let description = EndpointDescription(
        "POST", "/statusmessage/private/publish.json", "Send a private status message",
        page: VendorPage.list)
    /// 6000 messages a minute, each recipient one.
    static let rate = RateLimiter.Limit("rongcloud.private-status", 6000, perSeconds: 60)
    static let bodyLimit = MessageBody.statusLimit

    let fromUserId: UserID
    let toUserId: [UserID]
    let message: WireMessage
    let verifyBlacklist: Bool
    let isIncludeSender: Bool

    init(_ parameters: Parameters) throws(Malformed) {
        self.fromUserId = try parameters.requiredUser("fromUserId")
        self.toUserId = try parameters.requiredUsers("toUserId", atMost: 1000)
        self.message = try WireMessage(parameters)
        self.verifyBlacklist = try parameters.flag("verifyBlacklist")
        self.isIncludeSender = try parameters.flag("isIncludeSender")
    }

    var cost: Int { self.toUserId.count }

    func perform(_ call: Call) async throws -> [PublishedUID] {
        let message = self.message.message(from: self.fromUserId, reachesSender: self.isIncludeSender)
        let results = try await call.core.send(
            self.toUserId.map { user in
                Send(
                    app: call.app.id, conversation: .direct(self.fromUserId, user), message: message,
                    isEphemeral: true, checks: self.verifyBlacklist ? .blocks : [])
            })
        return try call.published(results, to: self.toUserId)
    }

    static func encode(_ outcome: [PublishedUID], to json: inout JSONWriter) {
        json.messageUIDs(outcome, "userId")
    }
}

extension Call {
    /// Whoever has blocked the sender gets nothing, and the sender is not told: the answer has a UID, of a message
    /// that is nowhere.
    func published(
        _ results: [Result<Receipt, Rejection>], to users: [UserID]
    ) throws(Rejection) -> [PublishedUID] {
        var published: [PublishedUID] = []
        for (user, result) in zip(users, results) {
            let id: MessageID
            switch result {
            case .success(let receipt): id = receipt.id
            case .failure(.blockedByRecipient): id = self.core.identifiers.next()
            case .failure(let rejection): throw rejection
            }
            published.append(PublishedUID(id, in: .direct, to: user.rawValue))
        }
        return published
    }
}
