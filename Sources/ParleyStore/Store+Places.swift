package import ParleyCore

extension Store {
    package func place(of user: UserID, in conversation: ConversationID) async throws -> Place {
        try await self.database.read { try $0.place(of: user, in: conversation) }
    }

    package func markedPlaces(of user: UserID, in app: AppID) async throws -> [Place] {
        try await self.database.read { try $0.markedPlaces(of: user, in: app) }
    }

    package func conversations(
        of user: UserID, in app: AppID, marked marks: Marks, from bookmark: ConversationPage.Bookmark?, limit: Int
    ) async throws -> ConversationPage {
        try await self.database.read {
            try $0.conversations(of: user, in: app, marked: marks, from: bookmark, limit: limit)
        }
    }

    package func summary(
        of conversation: Conversation, for user: UserID, in app: AppID
    ) async throws -> ConversationSummary? {
        try await self.database.read { try $0.summary(of: ConversationID(app: app, conversation), for: user) }
    }

    package func unread(of user: UserID, in app: AppID) async throws -> (messages: Int, conversations: Int) {
        try await self.database.read { try $0.unread(of: user, in: app) }
    }

    package func unreadDirectMessages(of user: UserID, in app: AppID) async throws -> Int {
        try await self.database.read { try $0.unreadDirectMessages(of: user, in: app) }
    }

    package func hidden(
        from user: UserID, in conversation: ConversationID, _ sequences: ClosedRange<UInt64>
    ) async throws -> Set<UInt64> {
        try await self.database.read { connection in
            guard let number = try connection.conversation(conversation)?.number else { return [] }
            return try connection.hidden(from: user, in: conversation.app, inConversation: number, sequences)
        }
    }

    package func pinnedMessages(of conversation: ConversationID) async throws -> [PinnedMessage] {
        try await self.database.read { try $0.pinnedMessages(of: conversation) }
    }

    package func readers(of sequence: UInt64, in conversation: ConversationID) async throws -> [ReadReceipt] {
        try await self.database.read { try $0.readers(of: sequence, in: conversation) }
    }
}
