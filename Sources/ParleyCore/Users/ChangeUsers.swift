extension Core {
    /// Creates the user if new, otherwise changes the one that is there.
    ///
    /// - Parameter change: sees the user as it is, or as it begins.
    /// - Returns: the user afterwards, and whether it is new.
    @discardableResult
    package func importUser(
        _ id: UserID, in app: AppID, _ change: @escaping @Sendable (inout User) throws -> Void = { _ in }
    ) async throws -> (user: User, isNew: Bool) {
        try await self.directory.write(in: app) { transaction in
            let existing = try transaction.user(id)
            var user = try existing ?? transaction.newUser(id)
            try change(&user)
            if user != existing {
                user.updatedAt = transaction.now
                try transaction.save(user)
            }
            return (user, existing == nil)
        }
    }

    /// - Throws: ``Rejection/userNotFound(_:)``, and what `change` throws.
    @discardableResult
    package func changeUser(
        _ id: UserID, in app: AppID, _ change: @escaping @Sendable (inout User) throws -> Void
    ) async throws -> User {
        try await self.directory.write(in: app) { transaction in
            guard var user = try transaction.user(id) else { throw Rejection.userNotFound(id) }
            try change(&user)
            user.updatedAt = transaction.now
            try transaction.save(user)
            return user
        }
    }

    /// Groups that the user owned end with him where `endingOwnedGroups` says so (Easemob); otherwise they go on without an owner, as threads always do. Also those
    /// that he was not in: who has the id next owns none of them.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``.
    @discardableResult
    package func deleteUser(_ id: UserID, in app: AppID, endingOwnedGroups: Bool) async throws -> User {
        let user = try await self.directory.write(in: app) { transaction in
            guard let user = try transaction.user(id) else { throw Rejection.userNotFound(id) }
            for owned in try transaction.groups(ownedBy: id) {
                guard var group = try transaction.group(owned) else { continue }
                if endingOwnedGroups, !group.type.rules.isThread {
                    try transaction.dissolve(group, by: nil)
                } else {
                    group.owner = nil
                    try transaction.save(group)
                }
            }
            for joined in try transaction.groups(of: id) {
                guard let group = try transaction.group(joined) else { continue }
                try transaction.dropAttributes(setBy: [id], in: group)
                try transaction.note(GroupHappening(.left([id]), in: group, by: nil))
            }
            try transaction.delete(id)
            return user
        }
        self.signals.disconnect(Disconnect(id, in: app, because: .userInactive))
        return user
    }

    /// Closes a user's connections, and lets him not log in before `moment`. Who is not known yet is made, so that the block holds when he comes.
    package func block(_ id: UserID, in app: AppID, until moment: Timestamp) async throws {
        try await self.importUser(id, in: app) { $0.blockedUntil = moment }
        self.signals.disconnect(Disconnect(id, in: app, because: .userInactive))
    }

    /// Lets a user log in again, whoever blocked him and for however long.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func unblock(_ id: UserID, in app: AppID) async throws {
        try await self.changeUser(id, in: app) { user in
            user.isActive = true
            user.blockedUntil = nil
        }
    }

    /// Voids the tokens issued before `moment` and closes the connections that they opened.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func expireTokens(
        of id: UserID, in app: AppID, issuedBefore moment: Timestamp, because reason: Disconnection = .tokenExpired
    ) async throws {
        try await self.changeUser(id, in: app) { $0.tokensValidFrom = max($0.tokensValidFrom, moment) }
        self.signals.disconnect(Disconnect(id, in: app, tokensIssuedBefore: moment, because: reason))
    }
}

extension DirectoryTransaction {
    /// One who is not there yet, not saved. Tokens of a user of the same id who was deleted are not his.
    package func newUser(_ id: UserID) throws -> User {
        var user = User(id: id, createdAt: self.now)
        if let departure = try self.departure(of: id) { user.tokensValidFrom = departure }
        return user
    }
}
