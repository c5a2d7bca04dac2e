/// What rules may read and change of reactions. A part of the ``DirectoryTransaction``; clients' questions are answered by ``Places``.
package protocol ReactionTransaction: AnyObject {
    /// As the places' (``Places/reactions(to:for:)``).
    func reactions(to message: MessageID, for user: UserID?) throws -> [Reaction]
    /// - Returns: false when it was there before.
    func react(_ kind: String, to message: MessageID, of conversation: Conversation, by user: UserID) throws -> Bool
    /// - Returns: false when there was none.
    func takeBack(_ kind: String, to message: MessageID, by user: UserID) throws -> Bool
}
