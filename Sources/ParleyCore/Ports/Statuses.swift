/// What users say of themselves: how they are just now and who wants to be told of it, and what they show to others. A part of the ``Directory``.
package protocol Statuses: Sendable {
    /// Those of them who have one.
    func statuses(of users: [UserID], in app: AppID) async throws -> [UserID: UserStatus]
    /// Whom the user is told of, the newest subscription first.
    func subscriptions(of user: UserID, in app: AppID) async throws -> [PresenceSubscription]

    /// Named texts that the user shows to others: a portrait, a signature. Of those who have some. The users need not be known.
    func profiles(of users: [UserID], in app: AppID) async throws -> [UserID: [String: String]]
    /// Names and texts of all profiles of the App, in bytes.
    func profileByteCount(in app: AppID) async throws -> Int
}

/// What rules may read and change of it. A part of the ``DirectoryTransaction``.
package protocol StatusTransaction: AnyObject {
    func status(of user: UserID) throws -> UserStatus?
    /// Creates or replaces.
    func save(_ status: UserStatus, of user: UserID) throws

    /// Newest first.
    func subscriptions(of user: UserID) throws -> [PresenceSubscription]
    /// Who is told of the user.
    func subscribers(to user: UserID) throws -> [UserID]
    /// Creates or replaces; what was there keeps its place in the order.
    func save(_ subscription: PresenceSubscription, of user: UserID) throws
    func deleteSubscription(of user: UserID, to target: UserID) throws

    func profile(of user: UserID) throws -> [String: String]
    /// In the place of what was there.
    func save(_ profile: [String: String], of user: UserID) throws
}
