extension Core {
    /// Hides messages from one user, on all of his devices; everyone else still has them. Ids that are not of
    /// messages of this conversation are passed over.
    ///
    /// - Parameter tellsClients: his connected devices are told, and take them off the screen.
    /// - Returns: those that are hidden now and were not before.
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    @discardableResult
    package func delete(
        _ messages: [MessageID], of conversation: Conversation, for user: UserID, in app: AppID,
        tellsClients: Bool = true
    ) async throws -> [MessageID] {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            let hidden = try messages.filter { id in
                guard let entry = try transaction.entry(id), entry.conversation.conversation == conversation,
                    entry.message != nil, let sequence = entry.sequence
                else { return false }
                return try transaction.hide(sequence, of: conversation, from: user)
            }
            for id in hidden { try transaction.note(.deleted(Deletion(of: .message(id), in: conversation, by: user))) }
            if !hidden.isEmpty {
                transaction.announce(.deleted(conversation, hidden), to: .users([user]), isSilent: !tellsClients)
            }
            return hidden
        }
    }
}
