package import ParleyCore

extension Store {
    package func append(_ drafts: [Draft]) async throws -> [Receipt] {
        guard !drafts.isEmpty else { return [] }
        let prepared = try drafts.map(PreparedDraft.init)
        let byteCount = prepared.reduce(0) { $0 + $1.stored.byteCount }
        return try await self.writer.run(.plain, byteCount: byteCount) { batch in try prepared.map(batch.append) }
    }

    package func entries(of conversation: ConversationID, after: UInt64, limit: Int) async throws -> [Entry] {
        try await self.database.read { try $0.entries(of: conversation, after: after, limit: limit) }
    }

    package func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [Entry] {
        try await self.database.read { try $0.entries(of: conversation, upTo: upTo, limit: limit) }
    }

    package func ids(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [EntryID] {
        try await self.database.read { try $0.ids(of: conversation, upTo: upTo, limit: limit) }
    }

    package func entry(_ id: MessageID, in app: AppID) async throws -> Entry? {
        try await self.database.read { try $0.entry(id, in: app) }
    }

    package func entry(_ sequence: UInt64, of conversation: ConversationID) async throws -> Entry? {
        try await self.database.read { try $0.entry(sequence, of: conversation) }
    }

    package func lastSequence(of conversation: ConversationID) async throws -> UInt64 {
        try await self.database.read { try $0.conversation(conversation)?.end.lastSequence ?? 0 }
    }

    package func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] {
        try await self.database.read {
            try $0.positions(of: user, device: device, in: app, retainedSince: retainedSince)
        }
    }

    package func begin(
        _ device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] {
        let now = self.clock.now()
        // Written at each connect, it would be a flood of writes when everybody comes back at once.
        let refreshedSince = now.adding(seconds: -24 * 3600)
        let known = try await self.database.read { connection -> (positions: [Position], seenAt: Timestamp)? in
            guard let beginning = try connection.beginning(of: device, of: user, in: app) else { return nil }
            let positions = try connection.positions(of: user, device: device, in: app, retainedSince: retainedSince)
            return (positions, beginning.seenAt)
        }
        if let known {
            if known.seenAt <= refreshedSince {
                try await self.writer.run(.plain, mustBeDurable: false) { batch in
                    try batch.connection.see(device, of: user, in: app, at: batch.now)
                }
            }
            return known.positions
        }
        // Whatever is said from now on is behind it in the file: what a crash leaves of that, it leaves of this.
        return try await self.writer.run(.plain, mustBeDurable: false) { batch in
            try batch.book.save(on: batch.connection)
            return try batch.connection.begin(device, of: user, in: app, retainedSince: retainedSince, now: batch.now)
        }
    }

    package func reached(by users: [UserID], in conversation: ConversationID) async throws -> [UserID: UInt64] {
        try await self.database.read { connection in
            guard let number = try connection.conversation(conversation)?.number else { return [:] }
            return try connection.furthest(of: users, in: conversation.app, inConversation: number)
        }
    }

    package func confirm(_ cursors: [Cursor]) async throws {
        guard !cursors.isEmpty else { return }
        try await self.writer.confirm(cursors)
    }
}
