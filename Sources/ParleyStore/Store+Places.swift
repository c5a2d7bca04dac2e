package import ParleyCore

// WIP store: to be written.
extension Store {
    package func place(of user: UserID, in conversation: ConversationID) async throws -> Place {
        fatalError("WIP store")
    }
    package func conversations(
        of user: UserID, in app: AppID, from: ConversationPage.Bookmark?, limit: Int
    ) async throws -> ConversationPage { fatalError("WIP store") }
    package func summary(
        of conversation: Conversation, for user: UserID, in app: AppID
    ) async throws -> ConversationSummary? { fatalError("WIP store") }
    package func unread(of user: UserID, in app: AppID) async throws -> (messages: Int, conversations: Int) {
        fatalError("WIP store")
    }
    package func hidden(
        from user: UserID, in conversation: ConversationID, _ sequences: ClosedRange<UInt64>
    ) async throws -> Set<UInt64> { fatalError("WIP store") }
    package func readers(of sequence: UInt64, in conversation: ConversationID) async throws -> [ReadReceipt] {
        fatalError("WIP store")
    }
}
