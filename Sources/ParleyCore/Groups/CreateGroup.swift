/// Makes a group with its first members.
package struct CreateGroup: Sendable {
    package var app: AppID
    package var group: Group
    /// The owner need not be among them: he is added.
    package var members: [Member]
    package var ifExists: IfExists
    /// The owner must be a known user.
    package var ownerMustExist: Bool
    /// Nil: the backend.
    package var by: UserID?

    package enum IfExists: Sendable {
        case refuse
        /// The members join the group that is there (RongCloud).
        case join
    }

    package init(
        app: AppID, group: Group, members: [Member], ifExists: IfExists = .refuse, ownerMustExist: Bool = false,
        by: UserID? = nil
    ) {
        self.app = app
        self.group = group
        self.members = members
        self.ifExists = ifExists
        self.ownerMustExist = ownerMustExist
        self.by = by
    }
}

extension Core {
    /// - Throws: ``Rejection/groupExists(_:owner:)``, ``Rejection/groupFull(_:capacity:)``, ``Rejection/userNotFound(_:)`` (the owner).
    /// - Returns: how many members the group has.
    @discardableResult
    package func createGroup(_ command: CreateGroup) async throws -> Int {
        try await self.directory.write(in: command.app) { transaction in
            let (group, isNew) = try command.establish(in: transaction)
            let added = try command.addMembers(to: group, in: transaction)
            let count = try transaction.memberCount(of: group.id)
            guard count <= group.capacity else { throw Rejection.groupFull(group.id, capacity: group.capacity) }
            if isNew {
                let administrators = added.filter { $0.role == .administrator }.map(\.user)
                let kind = GroupHappening.Kind.created(added.map(\.user), administrators: administrators)
                try transaction.note(.group(GroupHappening(kind, in: group, by: command.by)))
            } else {
                try transaction.note(joined: added.map(\.user), group, by: command.by)
            }
            if !added.isEmpty { try transaction.noteIfFull(group, by: command.by) }
            return count
        }
    }
}

extension CreateGroup {
    fileprivate func establish(in transaction: any DirectoryTransaction) throws -> (Group, isNew: Bool) {
        if let existing = try transaction.group(self.group.id) {
            switch self.ifExists {
            case .refuse: throw Rejection.groupExists(existing.id, owner: existing.owner)
            case .join: return (existing, false)
            }
        }
        if self.ownerMustExist, let owner = self.group.owner, try transaction.user(owner) == nil {
            throw Rejection.userNotFound(owner)
        }
        try transaction.save(self.group)
        return (self.group, true)
    }

    /// - Returns: those who are new, the owner first.
    fileprivate func addMembers(to group: Group, in transaction: any DirectoryTransaction) throws -> [Member] {
        var added: [Member] = []
        if let owner = group.owner, try transaction.member(owner, of: group.id) == nil {
            added.append(
                Member(
                    user: owner, role: .owner, joinedAt: transaction.now, delivery: group.type.rules.defaultDelivery))
            try transaction.save(added[0], of: group.id)
        }
        for member in self.members where try transaction.member(member.user, of: group.id) == nil {
            try transaction.save(member, of: group.id)
            added.append(member)
        }
        return added
    }
}
