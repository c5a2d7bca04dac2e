package import ParleyCore

extension Store {
    package func threads(_ selection: ThreadSelection) async throws -> [FoundThread] {
        try await self.database.read { try $0.threads(selection) }
    }

    package func threads(on messages: [MessageID], in app: AppID) async throws -> [Group] {
        try await self.database.read { try $0.threads(on: messages, in: app) }
    }

    package func messageCount(of thread: GroupID, in app: AppID) async throws -> Int {
        try await self.database.read { try $0.messageCount(of: ConversationID(app: app, .group(thread))) }
    }

    // MARK: Reactions

    package func reactions(
        to messages: [MessageID], for user: UserID?
    ) async throws -> [MessageID: [Reaction]] {
        guard !messages.isEmpty else { return [:] }
        return try await self.database.read { connection in
            var reactions: [MessageID: [Reaction]] = [:]
            for message in messages {
                let some = try connection.reactions(to: message, for: user)
                if !some.isEmpty { reactions[message] = some }
            }
            return reactions
        }
    }

    package func reactors(
        _ kind: String, to message: MessageID, after: Int64?, limit: Int
    ) async throws -> [Reactor] {
        try await self.database.read {
            try $0.reactors(kind, to: message, after: after, limit: max(0, limit))
        }
    }
}
