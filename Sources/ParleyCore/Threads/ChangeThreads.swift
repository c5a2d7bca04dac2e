extension Core {
    /// Makes a thread on a message of a group. Its owner is in it from then on.
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)`` (the group that it belongs to), ``Rejection/notSupported(by:)`` (that is a thread itself),
    ///   ``Rejection/notMember(_:of:)`` (the owner), ``Rejection/messageNotFound`` (of that group, and for him), ``Rejection/groupExists(_:owner:)`` (there is
    ///   one on the message), ``Rejection/threadsFull(limit:)``, ``Rejection/threadMembershipsFull(_:limit:)``.
    package func start(
        _ id: GroupID, on origin: ThreadOrigin, name: String, owner: UserID, in app: AppID, device: DeviceID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireThreadlessMessage(origin, for: owner)
            guard try transaction.threadCount(joinedBy: nil) < self.limits.threads else {
                throw Rejection.threadsFull(limit: self.limits.threads)
            }
            try transaction.requireRoomForThread(of: owner, self.limits)
            let thread = Group(thread: id, on: origin, name: name, owner: owner, createdAt: transaction.now)
            try transaction.create(CreateGroup(app: app, group: thread, members: [], by: owner))
            transaction.announce(.started, of: thread, by: owner, on: device)
        }
    }

    /// Who is in it already is welcome again.
    ///
    /// - Parameter by: he who joins; nil: the backend brings them in.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)`` (the group that it belongs to), ``Rejection/threadMembershipsFull(_:limit:)``.
    ///   Then nobody has joined.
    package func join(
        _ users: [UserID], thread id: GroupID, in app: AppID, by: UserID?, on device: DeviceID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            let thread = try transaction.existingThread(id)
            for user in users where try transaction.member(user, of: id) == nil {
                try transaction.requireRoomForThread(of: user, self.limits)
                try transaction.add(AddMembers(app: app, group: id, users: [user], by: by))
                transaction.announce(.joined, of: thread, by: user, on: device)
            }
        }
    }

    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)``.
    package func leave(
        thread id: GroupID, by user: UserID, in app: AppID, on device: DeviceID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            let thread = try transaction.existingThread(id)
            let left = try transaction.remove(RemoveMembers(app: app, group: id, users: [user], owner: .mayLeave))
            guard !left.isEmpty else { throw Rejection.notMember(user, of: id) }
            transaction.announce(.left, of: thread, by: user, on: device)
        }
    }

    /// - Throws: ``Rejection/groupNotFound(_:)``.
    package func rename(
        thread id: GroupID, to name: String, in app: AppID, by: UserID?, on device: DeviceID? = nil
    ) async throws {
        let thread = try await self.directory.write(in: app) { transaction in
            var thread = try transaction.existingThread(id)
            thread.name = name
            thread.updatedAt = transaction.now
            try transaction.save(thread)
            if let by { transaction.announce(.renamed, of: thread, by: by, on: device) }
            return thread
        }
        let count = try await self.directory.messageCount(of: id, in: app)
        self.announce(ThreadChange(.renamed(messageCount: count), of: thread, by: by), in: app)
    }

    /// - Throws: ``Rejection/groupNotFound(_:)``.
    package func end(
        thread id: GroupID, in app: AppID, by: UserID?, on device: DeviceID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            let thread = try transaction.existingThread(id)
            try transaction.dissolve(thread, by: by)
            if let by { transaction.announce(.ended, of: thread, by: by, on: device) }
        }
    }

    private func announce(_ change: ThreadChange, in app: AppID) {
        guard let group = change.thread.origin?.group else { return }
        self.signals.announce(
            Announcement(app: app, event: .thread(change), recipients: .group(group, except: nil)))
    }
}

// MARK: - What was said

extension Core {
    /// How many messages a thread has, and the last of them.
    package func overview(of thread: GroupID, in app: AppID) async throws -> ThreadOverview {
        ThreadOverview(
            messageCount: try await self.directory.messageCount(of: thread, in: app),
            last: try await self.lastMessage(of: thread, in: app))
    }

    /// Nil: there is none for all.
    package func lastMessage(of thread: GroupID, in app: AppID) async throws -> ThreadOverview.LastMessage? {
        var query = HistoryQuery(app: app, conversation: .group(thread), user: nil, limit: 1)
        query.includes = { !$0.isRecalled && $0.message?.isForEveryone == true }
        guard let entry = try await self.history(query).entries.first, let message = entry.message else { return nil }
        return ThreadOverview.LastMessage(entry.id, message)
    }

    /// Something was said in a conversation, taken back or changed: where it is a thread, those in its group are told how it is then, and the backend. Nobody
    /// waits for that.
    func tellOfThread(_ conversation: Conversation, in app: AppID, by user: UserID) {
        guard case .group(let id) = conversation else { return }
        self.threadTeller.look(at: id, in: app) { await self.tell(of: id, in: app, by: user) }
    }

    /// A hint: what cannot be read just now nobody is told.
    private func tell(of id: GroupID, in app: AppID, by user: UserID) async {
        guard let thread = try? await self.directory.group(id, in: app)?.group, thread.type.rules.isThread,
            let overview = try? await self.overview(of: id, in: app)
        else { return }
        let change = ThreadChange(.said(overview), of: thread, by: user)
        self.announce(change, in: app)
        if self.chronicle.wants(.thread, in: app) { self.chronicle.note(.thread(change), in: app) }
    }
}

// MARK: - Rules

extension DirectoryTransaction {
    fileprivate func existingThread(_ id: GroupID) throws -> Group {
        guard let thread = try self.group(id), thread.type.rules.isThread else { throw Rejection.groupNotFound(id) }
        return thread
    }

    fileprivate func requireThreadlessMessage(_ origin: ThreadOrigin, for user: UserID) throws {
        guard let group = try self.group(origin.group), !group.type.rules.isRoom else {
            throw Rejection.groupNotFound(origin.group)
        }
        guard !group.type.rules.isThread else { throw Rejection.notSupported(by: group.type) }
        guard try self.member(user, of: group.id) != nil else { throw Rejection.notMember(user, of: group.id) }
        let viewer = try self.viewer(user, of: .group(group.id))
        guard let entry = try self.entry(origin.message), entry.conversation.conversation == .group(group.id),
            entry.message != nil, !entry.isRecalled, entry.isVisible(to: viewer, for: .history)
        else { throw Rejection.messageNotFound }
        if let thread = try self.thread(on: origin.message) { throw Rejection.groupExists(thread, owner: nil) }
    }

    fileprivate func requireRoomForThread(of user: UserID, _ limits: CoreLimits) throws {
        guard try self.threadCount(joinedBy: user) < limits.threadsJoined else {
            throw Rejection.threadMembershipsFull(user, limit: limits.threadsJoined)
        }
    }

    /// Into a thread come only members of the group that it belongs to; into other groups, anybody.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``
    func requireMember(_ user: UserID, where group: Group) throws {
        guard let origin = group.origin else { return }
        guard try self.member(user, of: origin.group) != nil else {
            throw Rejection.notMember(user, of: origin.group)
        }
    }

    /// What happens to a thread as to any group, told as what became of a thread. Of who comes and goes only his own devices hear, by what he did.
    func announce(_ happening: GroupHappening) {
        guard let group = happening.group.origin?.group else { return }
        func tell(_ kind: ThreadChange.Kind, _ recipients: Announcement.Recipients) {
            self.announce(.thread(ThreadChange(kind, of: happening.group, by: happening.by)), to: recipients)
        }
        switch happening.kind {
        case .created: tell(.started, .group(group, except: nil))
        case .dissolved: tell(.ended, .group(group, except: nil))
        case .removed(let users): tell(.removed(users), .users(users))
        case .changed, .full, .joined, .left, .owner, .administrators, .muted, .unmuted, .speakers, .keptOut, .applied,
            .applicationAnswered, .invited, .invitationAnswered, .file, .memberAttributes, .attributesSet,
            .attributesRemoved:
            break
        }
    }

    fileprivate func announce(
        _ deed: ThreadChange.Deed, of thread: Group, by user: UserID, on device: DeviceID?
    ) {
        self.announce(.thread(ThreadChange(.own(deed), of: thread, by: user, on: device)), to: .users([user]))
    }
}
