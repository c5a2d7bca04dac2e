extension Core {
    /// Changes a group. `change` must not touch id, type or owner.
    ///
    /// - Parameter kind: what it is told as; nil: as a change of the profile, where it is one.
    /// - Throws: ``Rejection/groupNotFound(_:)``, and what `change` throws.
    package func changeGroup(
        _ id: GroupID, in app: AppID, by: UserID? = nil, as kind: GroupHappening.Kind? = nil,
        _ change: @escaping @Sendable (inout Group) throws -> Void
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard let before = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            var group = before
            try change(&group)
            let isOther = kind != nil || group.withoutLists != before.withoutLists
            group.updatedAt = transaction.now
            try transaction.save(group)
            if isOther { try transaction.note(GroupHappening(kind ?? .changed(from: before), in: group, by: by)) }
        }
    }

    /// Gives the group to another member; the old owner stays as a member.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)``.
    package func transferGroup(
        _ id: GroupID, in app: AppID, to owner: UserID, by: UserID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard var group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            guard var next = try transaction.member(owner, of: id) else { throw Rejection.notMember(owner, of: id) }
            let old = group.owner
            if let old, old != owner, var previous = try transaction.member(old, of: id) {
                previous.role = .member
                try transaction.save(previous, of: id)
            }
            next.role = .owner
            try transaction.save(next, of: id)
            group.owner = owner
            group.updatedAt = transaction.now
            try transaction.save(group)
            if old != owner { try transaction.note(GroupHappening(.owner(from: old), in: group, by: by)) }
        }
    }

    /// Ends the group, its memberships and its log.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``.
    package func dissolveGroup(_ id: GroupID, in app: AppID, by: UserID? = nil) async throws {
        try await self.directory.write(in: app) { transaction in
            guard let group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            try transaction.dissolve(group, by: by)
        }
    }
}

extension DirectoryTransaction {
    /// More members than this are not named when their group ends.
    private static var membersNamed: Int { 10_000 }

    func dissolve(_ group: Group, by: UserID?, cause: GroupHappening.Cause? = nil) throws {
        let areFew = try self.memberCount(of: group.id) <= Self.membersNamed
        let members = try areFew ? self.members(of: group.id).map(\.user) : self.memberIDs(of: group.id)
        if group.type.rules.isRoom { self.announce(.ended(.group(group.id)), to: .users(members)) }
        let isNamed = group.type.rules.listsMembers && areFew
        try self.note(
            GroupHappening(.dissolved(isNamed ? members : []), in: group, by: by, cause: cause), to: members)
        try self.delete(group.id)
        for thread in try self.threads(of: group.id, joinedBy: nil) {
            guard let thread = try self.group(thread) else { continue }
            try self.dissolve(thread, by: by, cause: cause)
        }
    }
}
