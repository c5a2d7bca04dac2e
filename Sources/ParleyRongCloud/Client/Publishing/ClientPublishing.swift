package import ParleyCore
import ParleyDialectKit

/// What a client's PUBLISH does: most say something; some are receipts, notices of typing, and recalls, which the vendor sends as messages too.
///
/// Source: facts/rongcloud-client.md 5.1 and 6. What is said does not differ from what any other client says: the same rules hold for it.
package enum ClientPublishing {
    /// Users do not type faster; what SDKs send by themselves counts too. The vendor allows five messages, which is a setting here.
    static let rate = RateLimiter.Limit("rongcloud.client-publish", 50)

    /// - Parameter target: the frame's.
    /// - Returns: what the PUBACK says; nil where clients expect none.
    /// - Throws: ``ClientRefusal``; anything else is a fault.
    package static func take(
        topic: String, target: String, payload: [UInt8], from caller: ClientCaller
    ) async throws -> ClientReceipt? {
        let message = WireUpStreamMessage.parse(payload)
        return try await self.take(topic: topic, target: target, message: message, from: caller)
    }

    /// - Parameter message: nil when it could not be read.
    package static func take(
        topic: String, target: String, message: WireUpStreamMessage?, from caller: ClientCaller
    ) async throws -> ClientReceipt? {
        do {
            let receipt = try await Publication(topic, target, message, from: caller).perform()
            return ClientTopic.isAcknowledged(topic) ? receipt : nil
        } catch let refusal as ClientRefusal {
            guard ClientTopic.isAcknowledged(topic) else { return nil }
            throw refusal
        }
    }
}

/// What a PUBACK says of what was taken.
package struct ClientReceipt: Hashable, Sendable {
    package let id: MessageID
    /// The `messageUId`.
    package let uid: MessageUID
    /// It was taken before: this is the first one's receipt.
    package let isRepeat: Bool
    package let conversation: Conversation
    /// Where it says that its user has read: up to here, which may be less than the user has read elsewhere. Nil: it says something else.
    package let readThrough: UInt64?

    package var sentAt: Timestamp { self.id.sentAt }
}

/// One PUBLISH, read.
struct Publication: Sendable {
    let caller: ClientCaller
    let topic: ClientTopic
    /// Nil: a recall, which names it inside.
    let conversation: Conversation?
    let upStream: WireUpStreamMessage
    let wire: WireMessage

    init(
        _ topic: String, _ target: String, _ upStream: WireUpStreamMessage?, from caller: ClientCaller
    ) throws(ClientRefusal) {
        guard let topic = ClientTopic(rawValue: topic) else { throw .unsupportedPublish }
        self.conversation = try topic.conversation(of: caller.user, with: target)
        guard let upStream, upStream.hasContent, (1...32).contains(upStream.classname.utf16.count) else {
            throw .invalidPublish
        }
        let content = upStream.contentBytes
        guard content.count <= WireMessage.maximumContentLength else { throw .tooLongPublish }
        self.caller = caller
        self.topic = topic
        self.upStream = upStream
        self.wire = WireMessage(objectName: upStream.classname, content: ClientText.decode(content))
    }

    var core: Core { self.caller.core }
    var user: UserID { self.caller.user }
    var app: AppID { self.caller.app.id }

    /// - Throws: ``ClientRefusal``; anything else is a fault.
    func perform() async throws -> ClientReceipt {
        guard
            self.caller.rates.admits(of: ClientPublishing.rate, for: self.caller.app, by: self.user.rawValue)
        else { throw ClientRefusal.tooFrequent }
        do {
            return try await self.isRecall ? self.recall() : self.say()
        } catch let rejection as Rejection {
            throw ClientRefusal(rejection, in: self.area)
        }
    }

    private var isRecall: Bool { self.topic == .recallMsg || self.wire.objectName == "RC:RcCmd" }

    private var area: PublishArea {
        if self.isRecall { return .recall }
        return self.wire.objectName == "RC:MsgExMsg" ? .expansion : self.topic.area
    }

    /// What is not for people is done, and told by the core's own events; so those who speak to other dialects learn of it as well.
    private func say() async throws -> ClientReceipt {
        guard let conversation = self.conversation else { throw ClientRefusal.invalidRecall }
        switch (self.wire.objectName, conversation) {
        case ("RC:ReadNtf", .direct), ("RC:SRSMsg", _): return try await self.read(conversation)
        case ("RC:TypSts", .direct): return try await self.type(in: conversation)
        case ("RC:RRReqMsg", .group): return try await self.request(in: conversation)
        case ("RC:RRRspMsg", .group): return try await self.respond(in: conversation)
        case ("RC:MsgExMsg", _): return try await self.expand(in: conversation)
        default: return try await self.send(in: conversation)
        }
    }

    /// Of something that is done, and that no log has.
    func receipt(in conversation: Conversation, readThrough: UInt64? = nil) -> ClientReceipt {
        self.receipt(
            Receipt(id: self.core.identifiers.next(), sequence: nil), in: conversation, readThrough: readThrough)
    }

    func receipt(_ receipt: Receipt, in conversation: Conversation, readThrough: UInt64? = nil) -> ClientReceipt {
        let target = Target(conversation, seenBy: self.user)
        return ClientReceipt(
            id: receipt.id, uid: MessageUID(receipt.id, in: target.type, target: target.id),
            isRepeat: receipt.isRepeat, conversation: conversation, readThrough: readThrough)
    }
}
