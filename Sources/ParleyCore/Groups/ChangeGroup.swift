extension Core {
    /// Changes a group. `change` must not touch id, type or owner.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, and what `change` throws.
    package func changeGroup(
        _ id: GroupID, in app: AppID, _ change: @escaping @Sendable (inout Group) throws -> Void
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard var group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            try change(&group)
            group.updatedAt = transaction.now
            try transaction.save(group)
        }
    }

    /// Gives the group to another member; the old owner stays as a member.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)``.
    package func transferGroup(_ id: GroupID, in app: AppID, to owner: UserID) async throws {
        try await self.directory.write(in: app) { transaction in
            guard var group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            guard var next = try transaction.member(owner, of: id) else { throw Rejection.notMember(owner, of: id) }
            if let old = group.owner, old != owner, var previous = try transaction.member(old, of: id) {
                previous.role = .member
                try transaction.save(previous, of: id)
            }
            next.role = .owner
            try transaction.save(next, of: id)
            group.owner = owner
            group.updatedAt = transaction.now
            try transaction.save(group)
        }
    }

    /// Ends the group, its memberships and its log.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``.
    package func dissolveGroup(_ id: GroupID, in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            guard try transaction.group(id) != nil else { throw Rejection.groupNotFound(id) }
            try transaction.delete(id)
        }
    }
}
