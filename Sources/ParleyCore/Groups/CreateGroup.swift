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
        try await self.directory.write(in: command.app) { try $0.create(command) }
    }
}

extension DirectoryTransaction {
    /// ``Core/createGroup(_:)``.
    @discardableResult
    func create(_ command: CreateGroup) throws -> Int {
        let (group, isNew) = try command.establish(in: self)
        let added = try command.addMembers(to: group, isNew: isNew, in: self)
        let count = try self.memberCount(of: group.id)
        guard count <= group.capacity else { throw Rejection.groupFull(group.id, capacity: group.capacity) }
        if isNew {
            let administrators = added.filter { $0.role == .administrator }.map(\.user)
            let kind = GroupHappening.Kind.created(added.map(\.user), administrators: administrators)
            try self.note(GroupHappening(kind, in: group, by: command.by))
        } else {
            try self.arrived(added.map(\.user), in: group, by: command.by)
        }
        if !added.isEmpty { try self.noteIfFull(group, by: command.by) }
        return count
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
    fileprivate func addMembers(
        to group: Group, isNew: Bool, in transaction: any DirectoryTransaction
    ) throws -> [Member] {
        var added: [Member] = []
        if isNew, let owner = group.owner, try transaction.member(owner, of: group.id) == nil {
            added.append(
                Member(
                    user: owner, role: .owner, joinedAt: transaction.now, delivery: group.type.rules.defaultDelivery))
            try transaction.save(added[0], of: group.id)
        }
        for var member in self.members where try transaction.member(member.user, of: group.id) == nil {
            try transaction.requireMember(member.user, where: group)
            if !isNew { member.role = try transaction.role(onArrivalOf: member.user, in: group) }
            try transaction.save(member, of: group.id)
            added.append(member)
        }
        return added
    }
}
