package import ParleyCore

extension Store {
    package func contacts(of user: UserID, in app: AppID, before: Int64?, limit: Int) async throws -> [Contact] {
        try await self.database.read { try $0.contacts(of: user, in: app, before: before, limit: max(0, limit)) }
    }

    package func contacts(of user: UserID, in app: AppID, among others: [UserID]) async throws -> Set<UserID> {
        try await self.database.read { connection in
            Set(try others.filter { try connection.contact($0, of: user, in: app) != nil })
        }
    }

    package func invitations(to user: UserID, in app: AppID) async throws -> [ContactInvitation] {
        try await self.database.read { try $0.invitations(to: user, in: app) }
    }

    // MARK: Statuses

    package func statuses(of users: [UserID], in app: AppID) async throws -> [UserID: UserStatus] {
        try await self.database.read { connection in
            try Self.found(for: users) { try connection.status(of: $0, in: app) }
        }
    }

    package func subscriptions(of user: UserID, in app: AppID) async throws -> [PresenceSubscription] {
        let now = self.clock.now()
        return try await self.database.read { try $0.subscriptions(of: user, in: app, now: now) }
    }

    package func profiles(of users: [UserID], in app: AppID) async throws -> [UserID: [String: String]] {
        try await self.database.read { connection in
            try Self.found(for: users) { user in
                let profile = try connection.profile(of: user, in: app)
                return profile.isEmpty ? nil : profile
            }
        }
    }

    package func profileByteCount(in app: AppID) async throws -> Int {
        try await self.database.read { try $0.profileByteCount(in: app) }
    }

    private static func found<Value>(
        for users: [UserID], _ look: (UserID) throws -> Value?
    ) throws -> [UserID: Value] {
        var found: [UserID: Value] = [:]
        for user in users { found[user] = try look(user) }
        return found
    }
}
