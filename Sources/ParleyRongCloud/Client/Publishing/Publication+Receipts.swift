import ParleyCore
import ParleyJSON

// What the SDKs say for their users: that something was read, that somebody types. Source: facts/rongcloud-client.md 6.7.
extension Publication {
    /// `RC:ReadNtf` tells the other, `RC:SRSMsg` the user's own devices; for the core both are the same, and it tells both.
    func read(_ conversation: Conversation) async throws -> ClientReceipt {
        guard let body = try? JSON(parsing: self.wire.content),
            let through = try await self.sequence(in: conversation, body)
        else { throw ClientRefusal.invalidPublish }
        let place = try await self.core.read(conversation, through: through, by: self.user, in: self.app)
        return self.receipt(in: conversation, readThrough: min(through, place.readThrough))
    }

    /// How far was read: up to a message, or a moment, where the message is not known.
    private func sequence(in conversation: Conversation, _ body: JSON) async throws -> UInt64? {
        if let id = body["messageUId"]?.string.flatMap({ MessageUID($0) })?.messageID,
            let entry = try await self.core.log.find(.id(id), in: conversation, of: self.app)
        {
            return entry.sequence
        }
        guard let time = body["lastMessageSendTime"]?.scalarText.flatMap({ Int64($0) }) else { return nil }
        return try await self.core.log.sequence(
            reachedAt: Timestamp(milliseconds: time), in: ConversationID(app: self.app, conversation))
    }

    func type(in conversation: Conversation) async throws -> ClientReceipt {
        try await self.core.type(true, in: conversation, by: self.user, of: self.app)
        return self.receipt(in: conversation)
    }

    /// `RC:RRReqMsg`: the sender of a message asks the group who has read it. From now on it is counted, for those who ask in another dialect's way; it is
    /// handed on as well, and not refused if the message is not known, since this server's count is not what the SDKs look at.
    func request(in conversation: Conversation) async throws -> ClientReceipt {
        let receipt = try await self.send(in: conversation)
        if let uid = (try? JSON(parsing: self.wire.content))?["messageUId"]?.string,
            let id = MessageUID(uid)?.messageID
        {
            do {
                try await self.core.requestReceipts(of: id, in: conversation, by: self.user, app: self.app)
            } catch is Rejection {}
        }
        return receipt
    }

    /// The answer to `RC:RRReqMsg`. It is handed on, since whoever asked may be offline now; and noted in the core, for messages that asked for receipts in
    /// another dialect's way.
    func respond(in conversation: Conversation) async throws -> ClientReceipt {
        let messages = self.receipts.flatMap(\.messages)
        if !messages.isEmpty {
            try await self.core.acknowledge(messages, of: conversation, by: self.user, in: self.app)
        }
        return try await self.send(in: conversation)
    }

    private static let readAtOnce = 1000

    /// `receiptMessageDic`: by sender, the messages of his that were read.
    var receipts: [(sender: String, messages: [MessageID])] {
        var left = Self.readAtOnce
        return ((try? JSON(parsing: self.wire.content))?["receiptMessageDic"]?.members ?? []).map { sender, uids in
            let messages = (uids.array ?? []).prefix(left).compactMap {
                $0.string.flatMap { MessageUID($0) }?.messageID
            }
            left -= messages.count
            return (sender, messages)
        }
    }
}
