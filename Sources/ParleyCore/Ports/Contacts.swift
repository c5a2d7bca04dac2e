/// Who is whose contact, and who wants to be. A part of the ``Directory``.
package protocol Contacts: Sendable {
    /// Newest first, those before a ``Contact/position`` (nil: from the newest), at most `limit`.
    func contacts(of user: UserID, in app: AppID, before: Int64?, limit: Int) async throws -> [Contact]
    /// Those of `others` who are contacts of `user`.
    func contacts(of user: UserID, in app: AppID, among others: [UserID]) async throws -> Set<UserID>
    /// What waits for the user's answer, oldest first.
    func invitations(to user: UserID, in app: AppID) async throws -> [ContactInvitation]
}

/// What rules may read and change of contacts. A part of the ``DirectoryTransaction``.
package protocol ContactTransaction: AnyObject {
    func contact(_ other: UserID, of user: UserID) throws -> Contact?
    /// Newest first.
    func contacts(of user: UserID) throws -> [Contact]
    func contactCount(of user: UserID) throws -> Int
    /// Creates or replaces, in this one user's list. A new one is the newest; ``Contact/position`` is not looked at.
    func save(_ contact: Contact, of user: UserID) throws
    /// From this one user's list.
    func deleteContact(_ other: UserID, of user: UserID) throws

    func invitation(from user: UserID, to other: UserID) throws -> ContactInvitation?
    /// Creates or replaces. Of those that wait for one user, the newest ``ContactInvitation/limit`` are kept.
    func save(_ invitation: ContactInvitation) throws
    /// - Returns: whether there was one.
    func deleteInvitation(from user: UserID, to other: UserID) throws -> Bool

    func hasBlocked(_ user: UserID, _ other: UserID) throws -> Bool
    func blockCount(of user: UserID) throws -> Int
}
