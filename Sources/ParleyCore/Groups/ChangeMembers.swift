/// Brings users into a group.
package struct AddMembers: Sendable {
    package var app: AppID
    package var group: GroupID
    package var users: [UserID]
    package var by: UserID?
    /// Users who are not known are refused one by one.
    package var usersMustExist: Bool
    /// Tell it in the conversation, where the type of the group does that.
    package var isAnnounced: Bool
    /// A stricter capacity than the group's own.
    package var capacity: Int?

    package enum Outcome: Hashable, Sendable {
        case added
        case alreadyMember
        case unknownUser
    }

    package init(
        app: AppID, group: GroupID, users: [UserID], by: UserID? = nil, usersMustExist: Bool = false,
        isAnnounced: Bool = false, capacity: Int? = nil
    ) {
        self.app = app
        self.group = group
        self.users = users
        self.by = by
        self.usersMustExist = usersMustExist
        self.isAnnounced = isAnnounced
        self.capacity = capacity
    }
}

/// Takes users out of a group: they leave, or they are removed.
package struct RemoveMembers: Sendable {
    package var app: AppID
    package var group: GroupID
    package var users: [UserID]
    package var by: UserID?
    package var isAnnounced: Bool
    /// What happens when the owner goes.
    package var owner: Owner
    /// Nil: somebody wanted it so.
    package var cause: GroupHappening.Cause?

    package enum Owner: Sendable {
        case mayNotLeave
        /// The group goes on without an owner.
        case mayLeave
    }

    package init(
        app: AppID, group: GroupID, users: [UserID], by: UserID? = nil, isAnnounced: Bool = false,
        owner: Owner = .mayNotLeave, cause: GroupHappening.Cause? = nil
    ) {
        self.app = app
        self.group = group
        self.users = users
        self.by = by
        self.isAnnounced = isAnnounced
        self.owner = owner
        self.cause = cause
    }
}

extension Core {
    /// - Returns: what became of each, in the order of `users`.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/groupFull(_:capacity:)`` (then nobody was added).
    package func addMembers(_ command: AddMembers) async throws -> [AddMembers.Outcome] {
        do {
            return try await self.directory.write(in: command.app) { try $0.add(command) }
        } catch Rejection.groupFull(let id, let capacity) {
            // Nothing was done, so nothing was noted; and the vendors also tell of those whom a full group turned away.
            if self.chronicle.wants(.group, in: command.app),
                let group = try await self.directory.group(id, in: command.app)?.group
            {
                self.chronicle.note(.group(GroupHappening(.full, in: group, by: command.by)), in: command.app)
            }
            throw Rejection.groupFull(id, capacity: capacity)
        }
    }

    /// - Returns: those who were members and are no longer.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/ownerMayNotLeave(_:)``.
    @discardableResult
    package func removeMembers(_ command: RemoveMembers) async throws -> [UserID] {
        try await self.directory.write(in: command.app) { try $0.remove(command) }
    }

    /// Changes one member's place. `change` must not touch the user. Whether the group rings is told to the member's devices, as
    /// ``changePlace(in:of:in:_:)`` does: it is the same switch.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)``, and what `change` throws.
    package func changeMember(
        _ user: UserID, of group: GroupID, in app: AppID, by: UserID? = nil,
        _ change: @escaping @Sendable (inout Member, Group) throws -> Void
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard let existing = try transaction.group(group) else { throw Rejection.groupNotFound(group) }
            guard var member = try transaction.member(user, of: group) else {
                throw Rejection.notMember(user, of: group)
            }
            let before = member
            try change(&member, existing)
            try transaction.save(member, of: group)
            if (member.role == .administrator) != (before.role == .administrator) {
                let isOne = member.role == .administrator
                if existing.type.rules.isRoom {
                    let until: Timestamp? = isOne ? .distantFuture : nil
                    try transaction.set(.administrator, of: user, in: group, until: until)
                }
                try transaction.note(
                    GroupHappening(.administrators([user], added: isOne), in: existing, by: by))
            }
            if member.attributes != before.attributes {
                let changes = member.attributes.changes(since: before.attributes)
                try transaction.note(GroupHappening(.memberAttributes(user, changes), in: existing, by: by))
            }
            if (member.delivery == .notify) != (before.delivery == .notify) {
                let place = try transaction.place(of: user, in: .group(group))
                var before = place
                before.isMuted.toggle()
                transaction.announce(.place(PlaceChange(place, before: before)), to: .users([user]))
            }
        }
    }

    /// Nil ends the mute. Users need not be members: a mute outlives leaving the group.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notSupported(by:)``.
    package func mute(
        _ users: [UserID], in group: GroupID, of app: AppID, until: Timestamp?, by: UserID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard let existing = try transaction.group(group) else { throw Rejection.groupNotFound(group) }
            guard existing.type.rules.memberMayBeMuted else { throw Rejection.notSupported(by: existing.type) }
            for user in users { try transaction.mute(user, in: group, until: until) }
            let kind: GroupHappening.Kind =
                if let until, until > transaction.now { .muted(users, until: until) } else { .unmuted(users) }
            try transaction.note(GroupHappening(kind, in: existing, by: by))
        }
    }
}

extension DirectoryTransaction {
    /// ``Core/addMembers(_:)``.
    @discardableResult
    func add(_ command: AddMembers) throws -> [AddMembers.Outcome] {
        guard let group = try self.group(command.group) else { throw Rejection.groupNotFound(command.group) }
        var added: [UserID] = []
        let outcomes = try command.users.map { user -> AddMembers.Outcome in
            if try self.member(user, of: group.id) != nil { return .alreadyMember }
            if command.usersMustExist, try self.user(user) == nil { return .unknownUser }
            try self.requireMember(user, where: group)
            let member = Member(
                user: user, role: try self.role(onArrivalOf: user, in: group), joinedAt: self.now,
                delivery: group.type.rules.defaultDelivery)
            try self.save(member, of: group.id)
            added.append(user)
            return .added
        }
        let capacity = min(group.capacity, command.capacity ?? Int.max)
        if !added.isEmpty, try self.memberCount(of: group.id) > capacity {
            throw Rejection.groupFull(group.id, capacity: capacity)
        }
        if command.isAnnounced, group.type.rules.recordsNotices, !added.isEmpty {
            _ = try self.append(.notice(.joined(added, by: command.by)), to: .group(group.id))
        }
        try self.arrived(added, in: group, by: command.by)
        if !added.isEmpty { try self.noteIfFull(group, by: command.by) }
        return outcomes
    }

    /// ``Core/removeMembers(_:)``.
    @discardableResult
    func remove(_ command: RemoveMembers) throws -> [UserID] {
        guard var group = try self.group(command.group) else { throw Rejection.groupNotFound(command.group) }
        let removed = try command.users.filter { try self.member($0, of: group.id) != nil }
        if let owner = group.owner, removed.contains(owner) {
            guard command.owner == .mayLeave else { throw Rejection.ownerMayNotLeave(group.id) }
            if !group.type.rules.staysOwned {
                group.owner = nil
                try self.save(group)
            }
        }
        for user in removed { try self.remove(user, from: group.id) }
        // Rooms have no threads, and are left often.
        for user in removed where !group.type.rules.isRoom {
            for thread in try self.threads(of: group.id, joinedBy: user) {
                try self.remove(
                    RemoveMembers(app: command.app, group: thread, users: [user], by: command.by, owner: .mayLeave))
            }
        }
        if command.by != nil, group.type.rules.isRoom {
            for user in removed { try self.set(.administrator, of: user, in: group.id, until: nil) }
        }
        try self.dropAttributes(setBy: removed, in: group)
        if command.isAnnounced, group.type.rules.recordsNotices, !removed.isEmpty {
            let notice: Notice = command.by.map { .removed(removed, by: $0) } ?? .left(removed)
            _ = try self.append(.notice(notice), to: .group(group.id))
        }
        if !removed.isEmpty {
            let kind: GroupHappening.Kind = command.by == nil ? .left(removed) : .removed(removed)
            try self.note(GroupHappening(kind, in: group, by: command.by, cause: command.cause))
        }
        return removed
    }

    /// Once somebody has joined.
    func noteIfFull(_ group: Group, by: UserID?) throws {
        guard try self.wants(.group), try self.memberCount(of: group.id) >= group.capacity else { return }
        try self.note(GroupHappening(.full, in: group, by: by))
    }
}

extension [String: String] {
    /// With empty values what is no longer there.
    fileprivate func changes(since before: [String: String]) -> [String: String] {
        var changes = self.filter { before[$0.key] != $0.value }
        for key in before.keys where self[key] == nil { changes[key] = "" }
        return changes
    }
}
