extension DirectoryTransaction {
    /// Tells the backend, where it wants to know, and those whom it concerns, where they are connected.
    ///
    /// - Parameter others: beside those whom the group itself names.
    func note(_ happening: GroupHappening, to others: [UserID] = []) throws {
        if happening.group.type.rules.isThread { return self.announce(happening) }
        try self.note(.group(happening))
        for recipients in happening.recipients { self.announce(.group(happening), to: recipients) }
        if !others.isEmpty { self.announce(.group(happening), to: .users(others)) }
    }

    /// The owner of a chat room and its administrators are so again whenever they come in.
    func role(onArrivalOf user: UserID, in group: Group) throws -> Member.Role {
        if group.owner == user { return .owner }
        guard group.type.rules.isRoom else { return .member }
        return try self.has(user, as: .administrator, in: group.id) ? .administrator : .member
    }

    /// Once they are members.
    func arrived(_ users: [UserID], in group: Group, by: UserID?) throws {
        guard !users.isEmpty else { return }
        var waited = group
        for user in users {
            waited.strike(user.rawValue, from: .applicants)
            waited.strike(user.rawValue, from: .invited)
        }
        if waited != group { try self.save(waited) }
        let count = try self.memberCount(of: group.id)
        try self.note(GroupHappening(.joined(users, count: count), in: group, by: by))
    }
}

extension GroupHappening {
    /// Those in the group, or those whom it is about. Of what is for others, who tells it says to whom.
    fileprivate var recipients: [Announcement.Recipients] {
        let everyone = Announcement.Recipients.group(self.group.id, except: nil)
        return switch self.kind {
        case .created, .changed, .joined, .owner, .administrators, .muted, .unmuted, .speakers, .file,
            .memberAttributes, .attributesSet, .attributesRemoved:
            [everyone]
        // Who has left is no longer among everyone.
        case .left(let users), .removed(let users): [everyone, .users(users)]
        case .keptOut(let users, _), .invited(let users, _): [.users(users)]
        case .applicationAnswered(let user, _, _): [.users([user])]
        case .dissolved, .full, .applied, .invitationAnswered: []
        }
    }
}

extension GroupSnapshot {
    /// The owner and the administrators.
    package var leaders: [UserID] { self.members.values.filter { $0.role > .member }.map(\.user).sorted() }
}
