extension Core {
    /// Hides messages from one user, on all of his devices; everyone else still has them. Ids that are not of
    /// messages of this conversation are passed over.
    ///
    /// - Returns: those that are hidden now and were not before.
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    @discardableResult
    package func delete(
        _ messages: [MessageID], of conversation: Conversation, for user: UserID, in app: AppID
    ) async throws -> [MessageID] {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            let hidden = try messages.filter { id in
                guard let entry = try transaction.entry(id), entry.conversation.conversation == conversation,
                    entry.message != nil, let sequence = entry.sequence
                else { return false }
                return try transaction.hide(sequence, of: conversation, from: user)
            }
            if !hidden.isEmpty { transaction.announce(.deleted(conversation, hidden), to: .users([user])) }
            return hidden
        }
    }
}
