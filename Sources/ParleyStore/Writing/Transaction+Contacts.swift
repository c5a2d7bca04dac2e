import ParleyCore

extension Transaction {
    func contact(_ other: UserID, of user: UserID) throws -> Contact? {
        try self.connection.contact(other, of: user, in: self.app)
    }

    func contacts(of user: UserID) throws -> [Contact] { try self.connection.contacts(of: user, in: self.app) }

    func contactCount(of user: UserID) throws -> Int { try self.connection.contactCount(of: user, in: self.app) }

    func save(_ contact: Contact, of user: UserID) throws {
        try self.connection.save(contact, of: user, in: self.app)
    }

    func deleteContact(_ other: UserID, of user: UserID) throws {
        try self.connection.deleteContact(other, of: user, in: self.app)
    }

    // MARK: Invitations

    func invitation(from user: UserID, to other: UserID) throws -> ContactInvitation? {
        try self.connection.invitation(from: user, to: other, in: self.app)
    }

    func save(_ invitation: ContactInvitation) throws { try self.connection.save(invitation, in: self.app) }

    func deleteInvitation(from user: UserID, to other: UserID) throws -> Bool {
        try self.connection.deleteInvitation(from: user, to: other, in: self.app)
    }

    // MARK: Blocks

    func hasBlocked(_ user: UserID, _ other: UserID) throws -> Bool {
        try self.connection.hasBlocked(user, other, in: self.app)
    }

    func blockCount(of user: UserID) throws -> Int { try self.connection.blockCount(of: user, in: self.app) }

    // MARK: Statuses

    func status(of user: UserID) throws -> UserStatus? { try self.connection.status(of: user, in: self.app) }

    func save(_ status: UserStatus, of user: UserID) throws {
        try self.connection.save(status, of: user, in: self.app)
    }

    func subscriptions(of user: UserID) throws -> [PresenceSubscription] {
        try self.connection.subscriptions(of: user, in: self.app, now: self.now)
    }

    func subscribers(to user: UserID) throws -> [UserID] {
        try self.connection.subscribers(to: user, in: self.app, now: self.now)
    }

    func save(_ subscription: PresenceSubscription, of user: UserID) throws {
        try self.connection.save(subscription, of: user, in: self.app)
    }

    func deleteSubscription(of user: UserID, to target: UserID) throws {
        try self.connection.deleteSubscription(of: user, to: target, in: self.app)
    }

    // MARK: Profiles

    func profile(of user: UserID) throws -> [String: String] { try self.connection.profile(of: user, in: self.app) }

    func save(_ profile: [String: String], of user: UserID) throws {
        try self.connection.save(profile, of: user, in: self.app)
    }
}
