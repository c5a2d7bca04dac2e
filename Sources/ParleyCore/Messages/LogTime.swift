extension Log {
    /// The greatest sequence of what was said up to and including `moment`; 0 when nothing was. Entries are in the order of time, so this is a search
    /// by halves.
    package func sequence(reachedAt moment: Timestamp, in conversation: ConversationID) async throws -> UInt64 {
        let last = try await self.lastSequence(of: conversation)
        guard last > 0 else { return 0 }
        // Most who ask mean the present.
        if let newest = try await self.entries(of: conversation, upTo: nil, limit: 1).first, newest.sentAt <= moment {
            return last
        }
        var reached: UInt64 = 0
        var beyond = last
        while beyond - reached > 1 {
            let middle = reached + (beyond - reached) / 2
            // What is no longer kept has no time: the next that is kept stands for it.
            let next = try await self.entries(of: conversation, after: middle - 1, limit: 1).first
            if let next, let sequence = next.sequence, sequence < beyond, next.sentAt <= moment {
                reached = sequence
            } else {
                beyond = middle
            }
        }
        return reached
    }
}
