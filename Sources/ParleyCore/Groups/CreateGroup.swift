/// Makes a group with its first members.
package struct CreateGroup: Sendable {
    package var app: AppID
    package var group: Group
    /// The owner need not be among them: he is added.
    package var members: [Member]
    package var ifExists: IfExists
    /// The owner must be a known user.
    package var ownerMustExist: Bool

    package enum IfExists: Sendable {
        case refuse
        /// The members join the group that is there (RongCloud).
        case join
    }

    package init(
        app: AppID, group: Group, members: [Member], ifExists: IfExists = .refuse, ownerMustExist: Bool = false
    ) {
        self.app = app
        self.group = group
        self.members = members
        self.ifExists = ifExists
        self.ownerMustExist = ownerMustExist
    }
}

extension Core {
    /// - Throws: ``Rejection/groupExists(_:owner:)``, ``Rejection/groupFull(_:capacity:)``, ``Rejection/userNotFound(_:)`` (the owner).
    /// - Returns: how many members the group has.
    @discardableResult
    package func createGroup(_ command: CreateGroup) async throws -> Int {
        try await self.directory.write(in: command.app) { transaction in
            let group = try command.establish(in: transaction)
            if let owner = group.owner, try transaction.member(owner, of: group.id) == nil {
                try transaction.save(
                    Member(
                        user: owner, role: .owner, joinedAt: transaction.now, delivery: group.type.rules.defaultDelivery
                    ),
                    of: group.id)
            }
            for member in command.members where try transaction.member(member.user, of: group.id) == nil {
                try transaction.save(member, of: group.id)
            }
            let count = try transaction.memberCount(of: group.id)
            guard count <= group.capacity else { throw Rejection.groupFull(group.id, capacity: group.capacity) }
            return count
        }
    }
}

extension CreateGroup {
    fileprivate func establish(in transaction: any DirectoryTransaction) throws -> Group {
        if let existing = try transaction.group(self.group.id) {
            switch self.ifExists {
            case .refuse: throw Rejection.groupExists(existing.id, owner: existing.owner)
            case .join: return existing
            }
        }
        if self.ownerMustExist, let owner = self.group.owner, try transaction.user(owner) == nil {
            throw Rejection.userNotFound(owner)
        }
        try transaction.save(self.group)
        return self.group
    }
}
