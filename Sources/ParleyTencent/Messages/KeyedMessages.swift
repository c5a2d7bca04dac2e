import ParleyCore
import ParleyDialectKit

extension Core {
    /// The direct message that a MsgKey names. Nil: there is none.
    ///
    /// A batch has one key for all its recipients, and the key has the first one's sequence: what the others got is known by the rest of it, and
    /// looked for among the newest 100.
    ///
    /// - Parameter sender: nil: either of the two.
    func entry(named key: MsgKey, from sender: UserID?, in conversation: ConversationID) async throws -> Entry? {
        let isMeant = { (entry: Entry) in
            key.names(entry) && (sender == nil || entry.message?.sender == sender)
        }
        if let entry = try await self.log.entry(key.sequence, of: conversation), isMeant(entry) { return entry }
        return try await self.log.entries(of: conversation, upTo: nil, limit: 100).first(where: isMeant)
    }
}

extension MsgKey {
    /// The key of a message that is in the log.
    init(_ entry: Entry) {
        self.init(
            sequence: entry.sequence ?? 0, random: entry.message?.options.random ?? 0,
            timeSeconds: entry.sentAt.seconds)
    }
}

extension Fields {
    func messageKey() throws(Malformed) -> MsgKey {
        guard let key = MsgKey(try self.string("MsgKey")) else { throw Malformed(self.name("MsgKey"), .invalid) }
        return key
    }
}
