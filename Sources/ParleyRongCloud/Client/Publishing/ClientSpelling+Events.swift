package import ParleyCore
import ParleyJSON

// What no log keeps, as the messages that the vendor's SDKs send each other for it. Source: facts/rongcloud-client.md 6.7.
extension ClientSpelling {
    /// - Parameters:
    ///   - subject: ``subject(of:for:in:)``. Without it the moment of reading stands for what was read, and of one's own reading nothing is told.
    ///   - id: for this alone; nil: the message has none.
    ///   - dataTime: the time by which the client counts it.
    /// - Returns: nil when clients are not told.
    package static func downStream(
        _ event: Event, subject: Entry? = nil, for user: UserID, id: MessageID? = nil, dataTime: Int64,
        isChatRoom: Bool = false
    ) -> WireDownStreamMessage? {
        guard !isChatRoom, let (conversation, sender, wire) = self.said(by: event, subject, to: user) else {
            return nil
        }
        let address = ClientAddress(conversation, for: user)
        return address.message(from: sender, wire, uid: id.map { address.uid(of: $0, from: sender) }, dataTime)
    }

    /// The last of what was read, of an event that says so.
    package static func subject(of event: Event, for user: UserID, in app: AppID, _ core: Core) async throws -> Entry? {
        switch event {
        case .read(let conversation, _, let sequence, _):
            try await core.log.entry(sequence, of: ConversationID(app: app, conversation))
        case .place(let change) where change.place.user == user && change.place.readThrough > 0:
            try await core.log.entry(
                change.place.readThrough, of: ConversationID(app: app, change.place.conversation))
        case .place, .membership, .deleted, .acknowledged, .delivered, .typing, .presence, .status, .subscriptions,
            .contact, .attributes, .pinned, .group, .reacted, .thread, .ended:
            nil
        }
    }

    private static func said(
        by event: Event, _ subject: Entry?, to user: UserID
    ) -> (Conversation, sender: UserID, WireMessage)? {
        switch event {
        case .read(let conversation, let reader, _, let at):
            return (conversation, reader, self.readNotice(of: subject, to: user, at))
        case .place(let change):
            let place = change.place
            // Also when something else of it changed: clients that know how far was read lose nothing by hearing it again.
            guard place.user == user, let subject, place.readThrough > 0 else { return nil }
            return (place.conversation, user, self.readState(through: subject))
        case .typing(let conversation, let sender, isTyping: true):
            guard case .direct = conversation else { return nil }
            return (conversation, sender, Self.typing)
        case .acknowledged(let conversation, let acknowledgement, let reader, _):
            guard case .group = conversation else { return nil }
            let address = ClientAddress(conversation, for: user)
            return (conversation, reader, self.response(to: acknowledgement, at: address))
        case .typing, .delivered, .membership, .deleted, .presence, .status, .subscriptions,
            .contact, .attributes, .pinned, .group, .reacted, .thread, .ended:
            return nil
        }
    }

    /// `messageUId` is of the user's own message: receipts are of those.
    private static func readNotice(of last: Entry?, to user: UserID, _ moment: Timestamp) -> WireMessage {
        let own = last.flatMap { $0.message?.sender == user ? $0 : nil }
        return WireMessage("RC:ReadNtf") { json in
            json.field("messageUId", own.map { self.uid(of: $0).description } ?? "")
            json.field("lastMessageSendTime", (last?.sentAt ?? moment).milliseconds)
            json.field("type", 1)
        }
    }

    private static func readState(through last: Entry) -> WireMessage {
        WireMessage("RC:SRSMsg") { $0.field("lastMessageSendTime", last.sentAt.milliseconds) }
    }

    /// What was typed the core does not tell.
    private static let typing = WireMessage("RC:TypSts") { $0.field("typingContentType", "RC:TxtMsg") }

    private static func response(to acknowledgement: Acknowledgement, at address: ClientAddress) -> WireMessage {
        let sender = acknowledgement.sender
        return WireMessage("RC:RRRspMsg") { json in
            json.field("receiptMessageDic") { json in
                json.object {
                    $0.field(sender.rawValue, [address.uid(of: acknowledgement.id, from: sender).description])
                }
            }
        }
    }
}
