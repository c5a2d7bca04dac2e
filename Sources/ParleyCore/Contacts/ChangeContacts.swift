extension Core {
    /// Asks others to be a user's contacts. Who is one already is not asked.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``, ``Rejection/blockedByRecipient(_:)``; then nobody was asked.
    package func invite(_ others: [UserID], by user: UserID, in app: AppID, reason: String) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user] + others)
            for other in others where other != user {
                if try transaction.hasBlocked(other, user) { throw Rejection.blockedByRecipient(other) }
                guard try transaction.contact(other, of: user) == nil else { continue }
                try transaction.save(ContactInvitation(from: user, to: other, reason: reason, at: transaction.now))
                try transaction.tell(ContactChange(.invited(reason: reason), from: user, to: other))
            }
        }
    }

    /// To agree twice does no harm.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``, ``Rejection/contactsFull(_:limit:)``, ``Rejection/notPermitted`` where `other` has not asked.
    package func acceptInvitation(from other: UserID, by user: UserID, in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user, other])
            guard try transaction.contact(other, of: user) == nil else { return }
            guard try transaction.invitation(from: other, to: user) != nil else { throw Rejection.notPermitted }
            try transaction.befriend(user, other)
            try transaction.tell(ContactChange(.agreed, from: user, to: other))
        }
    }

    /// Where nothing was asked, nothing is told.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func declineInvitation(from other: UserID, by user: UserID, in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user, other])
            guard try transaction.deleteInvitation(from: other, to: user) else { return }
            try transaction.tell(ContactChange(.declined, from: user, to: other))
        }
    }

    /// Makes two users each other's contacts without asking either. Who is one already stays one.
    ///
    /// - Parameter isAnnounced: tell those of the two who are connected.
    /// - Throws: ``Rejection/userNotFound(_:)``, ``Rejection/contactsFull(_:limit:)``, ``Rejection/notPermitted`` where they are one and the same.
    package func addContact(
        _ other: UserID, to user: UserID, in app: AppID, isAnnounced: Bool = true
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.addContact(other, to: user, isAnnounced: isAnnounced)
        }
    }

    /// The same for several, each for itself: one that is refused does not hinder the others.
    ///
    /// - Returns: what became of each, in the order of `others`.
    /// - Throws: ``Rejection/userNotFound(_:)``, ``Rejection/contactsFull(_:limit:)`` of the user himself.
    package func addContacts(
        _ others: [UserID], to user: UserID, in app: AppID, isAnnounced: Bool
    ) async throws -> [Result<Void, Rejection>] {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user])
            guard try transaction.contactCount(of: user) < Contact.limit else {
                throw Rejection.contactsFull(user, limit: Contact.limit)
            }
            return try others.map { other -> Result<Void, Rejection> in
                do {
                    return .success(try transaction.addContact(other, to: user, isAnnounced: isAnnounced))
                } catch let rejection as Rejection {
                    return .failure(rejection)
                }
            }
        }
    }

    /// Who is no contact stays none.
    ///
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func removeContact(_ other: UserID, of user: UserID, in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user, other])
            try transaction.part(user, other)
        }
    }

    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func removeAllContacts(of user: UserID, in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user])
            for contact in try transaction.contacts(of: user) { try transaction.part(user, contact.user) }
        }
    }

    /// - Parameter remark: nil: none.
    /// - Returns: false: they are no contacts, and nothing was done.
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func setRemark(
        _ remark: String?, on other: UserID, by user: UserID, in app: AppID
    ) async throws -> Bool {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user, other])
            guard var contact = try transaction.contact(other, of: user) else { return false }
            contact.remark = remark
            try transaction.save(contact, of: user)
            return true
        }
    }

    // MARK: Blocks

    /// The users need not be known, nor be contacts. Contacts stay what they are.
    package func block(_ others: [UserID], by user: UserID, in app: AppID) async throws {
        try await self.directory.write(in: app) { try $0.block(others, by: user) }
    }

    package func unblock(_ others: [UserID], by user: UserID, in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            for other in others where try transaction.hasBlocked(user, other) {
                try transaction.unblock(other, by: user)
                try transaction.tell(ContactChange(.unblocked, from: user, to: other))
            }
        }
    }
}

extension DirectoryTransaction {
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func require(_ users: [UserID]) throws {
        for user in users where try self.user(user) == nil { throw Rejection.userNotFound(user) }
    }

    package func block(_ others: [UserID], by user: UserID) throws {
        for other in others where try !self.hasBlocked(user, other) {
            try self.block(other, by: user)
            try self.tell(ContactChange(.blocked, from: user, to: other))
        }
    }

    fileprivate func addContact(_ other: UserID, to user: UserID, isAnnounced: Bool) throws {
        try self.require([user, other])
        guard user != other else { throw Rejection.notPermitted }
        guard try self.contact(other, of: user) == nil else { return }
        try self.befriend(user, other)
        try self.tell(ContactChange(.added, from: user, to: other), isAnnounced: isAnnounced)
    }

    /// What either had asked the other is answered by it.
    fileprivate func befriend(_ user: UserID, _ other: UserID) throws {
        for one in [user, other] where try self.contactCount(of: one) >= Contact.limit {
            throw Rejection.contactsFull(one, limit: Contact.limit)
        }
        for (one, another) in [(user, other), (other, user)] {
            try self.save(Contact(another), of: one)
            _ = try self.deleteInvitation(from: one, to: another)
        }
    }

    fileprivate func part(_ user: UserID, _ other: UserID) throws {
        guard try self.contact(other, of: user) != nil else { return }
        try self.deleteContact(other, of: user)
        try self.deleteContact(user, of: other)
        try self.tell(ContactChange(.removed, from: user, to: other))
    }

    fileprivate func tell(_ change: ContactChange, isAnnounced: Bool = true) throws {
        try self.note(.contact(change))
        guard isAnnounced else { return }
        let isPrivate = change.kind == .blocked || change.kind == .unblocked
        self.announce(.contact(change), to: .users(isPrivate ? [change.from] : [change.from, change.to]))
    }
}
