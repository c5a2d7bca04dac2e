import ParleyCore

/// Contacts and invitations, in SQL.
extension SQLConnection {
    func contact(_ other: UserID, of user: UserID, in app: AppID) throws -> Contact? {
        try self.first(
            "SELECT contact_id, remark, number FROM contacts WHERE app = ? AND user_id = ? AND contact_id = ?",
            [.text(app), .text(user), .text(other)], Contact.init(row:))
    }

    /// Newest first.
    func contacts(of user: UserID, in app: AppID, before: Int64? = nil, limit: Int = Int.max) throws -> [Contact] {
        try self.all(
            """
            SELECT contact_id, remark, number FROM contacts
            WHERE app = ? AND user_id = ? AND number < ? ORDER BY number DESC LIMIT ?
            """, [.text(app), .text(user), .int(before ?? Int64.max), .int(limit)], Contact.init(row:))
    }

    func contactCount(of user: UserID, in app: AppID) throws -> Int {
        try self.first(
            "SELECT COUNT(*) FROM contacts WHERE app = ? AND user_id = ?", [.text(app), .text(user)]
        ) { Int($0.int(0)) } ?? 0
    }

    func save(_ contact: Contact, of user: UserID, in app: AppID) throws {
        try self.run(
            """
            INSERT INTO contacts (app, user_id, contact_id, remark) VALUES (?, ?, ?, ?)
            ON CONFLICT (app, user_id, contact_id) DO UPDATE SET remark = excluded.remark
            """, [.text(app), .text(user), .text(contact.user), .text(contact.remark)])
    }

    func deleteContact(_ other: UserID, of user: UserID, in app: AppID) throws {
        try self.run(
            "DELETE FROM contacts WHERE app = ? AND user_id = ? AND contact_id = ?",
            [.text(app), .text(user), .text(other)])
    }

    // MARK: Invitations

    /// Oldest first.
    func invitations(to user: UserID, in app: AppID) throws -> [ContactInvitation] {
        try self.all(
            "SELECT from_id, user_id, reason, at FROM invitations WHERE app = ? AND user_id = ? ORDER BY number",
            [.text(app), .text(user)], ContactInvitation.init(row:))
    }

    func invitation(from user: UserID, to other: UserID, in app: AppID) throws -> ContactInvitation? {
        try self.first(
            "SELECT from_id, user_id, reason, at FROM invitations WHERE app = ? AND user_id = ? AND from_id = ?",
            [.text(app), .text(other), .text(user)], ContactInvitation.init(row:))
    }

    func save(_ invitation: ContactInvitation, in app: AppID) throws {
        try self.run(
            "INSERT OR REPLACE INTO invitations (app, user_id, from_id, reason, at) VALUES (?, ?, ?, ?, ?)",
            [
                .text(app), .text(invitation.to), .text(invitation.from), .text(invitation.reason),
                .time(invitation.at),
            ])
        try self.run(
            """
            DELETE FROM invitations WHERE app = ?1 AND user_id = ?2 AND number <=
                (SELECT number FROM invitations WHERE app = ?1 AND user_id = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3)
            """, [.text(app), .text(invitation.to), .int(ContactInvitation.limit)])
    }

    func deleteInvitation(from user: UserID, to other: UserID, in app: AppID) throws -> Bool {
        try self.run(
            "DELETE FROM invitations WHERE app = ? AND user_id = ? AND from_id = ?",
            [.text(app), .text(other), .text(user)]) > 0
    }

    /// From both lists of each pair.
    func forgetContacts(of user: UserID, in app: AppID) throws {
        try self.run(
            """
            DELETE FROM contacts WHERE app = ?1 AND contact_id = ?2 AND user_id IN
                (SELECT contact_id FROM contacts WHERE app = ?1 AND user_id = ?2)
            """, [.text(app), .text(user)])
        for sql in [
            "DELETE FROM contacts WHERE app = ? AND user_id = ?",
            "DELETE FROM invitations WHERE app = ? AND user_id = ?",
            "DELETE FROM invitations WHERE app = ? AND from_id = ?",
        ] {
            try self.run(sql, [.text(app), .text(user)])
        }
    }
}

extension Contact {
    fileprivate init(row: SQLRow) {
        self.init(UserID(row.text(0)), remark: row.optionalText(1), position: row.int(2))
    }
}

extension ContactInvitation {
    fileprivate init(row: SQLRow) {
        self.init(from: UserID(row.text(0)), to: UserID(row.text(1)), reason: row.text(2), at: row.time(3))
    }
}
