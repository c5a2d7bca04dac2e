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

    package func confirm(_ cursors: [Cursor]) async throws {
        guard !cursors.isEmpty else { return }
        try await self.writer.confirm(cursors)
    }
}
