import ParleyCore

// What a user no longer wants to see: `delMsg`, `cleanPMsg`, `cleanGMsg`, `cleanSMsg`. The others still have it.

extension ClientQuery {
    func deleteMessages() async throws -> [UInt8] {
        let input = try self.read(WireDeleteMsgInput.self)
        guard input.msgs.count <= Self.deletionLimit,
            let conversation = try self.conversation(input.type, input.conversationID)
        else { throw ClientRefusal.unreadable }
        var ids: [MessageID] = []
        for named in input.msgs { ids += try await self.messages(named, of: conversation) }
        try await self.core.delete(ids, of: conversation, for: self.user, in: self.app)
        return WireDeleteMsgOutput.with { $0.nothing = 0 }.wireBytes
    }

    /// The vendor's documents allow 100.
    private static let deletionLimit = 200

    /// By its id. A message that the client has without one: by its time, and by who sent it.
    private func messages(_ named: WireDeleteMsg, of conversation: Conversation) async throws -> [MessageID] {
        if let id = MessageUID(named.msgID)?.messageID { return [id] }
        guard named.msgDataTime > 0 else { return [] }
        let before = try await self.core.log.sequence(
            reachedAt: Timestamp(milliseconds: named.msgDataTime - 1), in: self.id(of: conversation))
        var walk = HistoryWalk(self, conversation, from: .after(before), pieces: 10)
        var ids: [MessageID] = []
        while let entry = try await walk.next(), entry.sentAt.milliseconds == named.msgDataTime {
            let isOwn = entry.message?.sender == self.user
            if named.direct == 0 || isOwn == (named.direct == 1) { ids.append(entry.id) }
        }
        return ids
    }

    /// Through `dataTime`, inclusive; 0: all of it. What all who speak for the App said is one conversation here: one of them cleared is all cleared.
    func clear(_ type: ConversationType) async throws -> [UInt8] {
        let input = try self.read(WireCleanHisMsgInput.self)
        guard let conversation = try self.conversation(type, input.targetID) else { return [] }
        let through =
            input.dataTime > 0
            ? try await self.core.log.sequence(
                reachedAt: Timestamp(milliseconds: input.dataTime), in: self.id(of: conversation)) : UInt64.max
        try await self.core.changePlace(in: conversation, of: self.user, in: self.app) { place, last, _ in
            place.clearedThrough = max(place.clearedThrough, min(through, last))
        }
        return []
    }
}
