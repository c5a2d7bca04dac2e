extension Core {
    /// A user has read a conversation up to `through` (nil: all of it). His other devices are told; in a direct conversation the other user is, and in
    /// a group those whose messages ask for receipts. A place never moves back.
    ///
    /// - Parameter message: of a direct conversation, the one that he has just read: its sender is told whether he asked for it or not.
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted`` (another's conversation).
    @discardableResult
    package func read(
        _ conversation: Conversation, through sequence: UInt64?, acknowledging message: Acknowledgement? = nil,
        by user: UserID, in app: AppID
    ) async throws -> Place {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            if let message {
                transaction.announce(
                    .acknowledged(conversation, message, by: user, at: transaction.now), to: .users([message.sender]))
            }
            let last = try transaction.lastSequence(of: conversation)
            var place = try transaction.currentPlace(of: user, in: conversation)
            let through = min(sequence ?? last, last)
            guard through > place.readThrough else { return place }
            let before = place
            place.readThrough = through
            try transaction.save(place)
            try transaction.tell(place, before: before)
            try transaction.tellSenders(of: conversation, by: user, after: before.readThrough, through: through)
            return place
        }
    }

    /// A user has read just these messages (the vendors' receipts for single messages); his place stays where it is.
    ///
    /// - Returns: those that asked for a receipt and now have it from this user.
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    @discardableResult
    package func acknowledge(
        _ messages: [MessageID], of conversation: Conversation, by user: UserID, in app: AppID
    ) async throws -> [Acknowledgement] {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            let given = try messages.compactMap { try transaction.acknowledge($0, of: conversation, by: user) }
            try transaction.tell(given, by: user, in: conversation)
            return given
        }
    }

    /// Changes how a user sees a conversation. `change` gets the place and the conversation's last sequence. Reading and clearing only go forward,
    /// and nothing goes beyond what was said; reading on is told as by ``read(_:through:by:in:)``.
    ///
    /// In a group, muting makes the member's delivery ``Member/Delivery/silent``, and unmuting ``Member/Delivery/notify``: vendors' APIs show and
    /// change the same. A member with ``Member/Delivery/discard`` counts as muted: muting him changes nothing, so what is stricter stays.
    ///
    /// - Parameters:
    ///   - device: of the user's the one that asks for it.
    ///   - tellsClients: the user's connected devices are told.
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``, ``Rejection/userNotFound(_:)`` (a
    ///   direct conversation in which nothing was said, with nobody).
    @discardableResult
    package func changePlace(
        in conversation: Conversation, of user: UserID, on device: DeviceID? = nil, in app: AppID,
        tellsClients: Bool = true, _ change: @escaping @Sendable (inout Place, UInt64, Timestamp) -> Void
    ) async throws -> Place {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            let last = try transaction.lastSequence(of: conversation)
            let before = try transaction.currentPlace(of: user, in: conversation)
            var changed = before
            change(&changed, last, transaction.now)
            let place = before.changed(to: changed, last: last)
            guard place != before else { return place }
            if last == 0 { try transaction.requirePeer(of: user, in: conversation) }
            if place.isMuted != before.isMuted, case .group(let group) = conversation,
                var member = try transaction.member(user, of: group)
            {
                member.delivery = place.isMuted ? .silent : .notify
                try transaction.save(member, of: group)
            }
            try transaction.save(place)
            try transaction.tell(place, before: before, device, isSilent: !tellsClients)
            if place.readThrough > before.readThrough {
                try transaction.tellSenders(
                    of: conversation, by: user, after: before.readThrough, through: place.readThrough)
            }
            return place
        }
    }
}

extension Core {
    /// Clears every conversation of a user, for him alone.
    ///
    /// - Parameters:
    ///   - removes: they leave his list, too.
    ///   - device: of his the one that asks for it.
    package func clearAll(
        of user: UserID, on device: DeviceID? = nil, in app: AppID, removes: Bool = false
    ) async throws {
        let positions = try await self.log.positions(
            of: user, device: .nobodys, in: app, retainedSince: .distantPast)
        let conversations = positions.map(\.conversation)
        try await self.directory.write(in: app) { transaction in
            for conversation in conversations {
                let before = try transaction.currentPlace(of: user, in: conversation)
                var place = before
                place.clearedThrough = try transaction.lastSequence(of: conversation)
                if removes { place.removedThrough = place.clearedThrough }
                guard place != before else { continue }
                try transaction.save(place)
                try transaction.tell(place, before: before, device)
            }
        }
    }
}

extension Place {
    fileprivate func changed(to wanted: Place, last: UInt64) -> Place {
        var place = self
        place.readThrough = max(self.readThrough, min(wanted.readThrough, last))
        place.clearedThrough = max(self.clearedThrough, min(wanted.clearedThrough, last))
        place.removedThrough = wanted.removedThrough.map { min($0, last) }
        place.pinnedAt = wanted.pinnedAt
        place.isMuted = wanted.isMuted
        place.marks = wanted.marks
        return place
    }
}

extension DirectoryTransaction {
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    func requireParty(_ user: UserID, to conversation: Conversation) throws {
        switch conversation {
        case .group(let group):
            guard try self.member(user, of: group) == nil else { return }
            throw try self.group(group) == nil ? Rejection.groupNotFound(group) : Rejection.notMember(user, of: group)
        case .direct(let pair):
            guard user == pair.lesser || user == pair.greater else { throw Rejection.notPermitted }
        case .system(let owner):
            guard user == owner else { throw Rejection.notPermitted }
        case .room: throw Rejection.notPermitted
        }
    }

    /// Something was said since the user removed the conversation from his list: it is in it again. (A notice is not, nor what does not move it.)
    fileprivate func currentPlace(of user: UserID, in conversation: Conversation) throws -> Place {
        var place = try self.place(of: user, in: conversation)
        if let removed = place.removedThrough, removed < (try self.activeSequence(of: conversation)) {
            place.removedThrough = nil
        }
        return place
    }

    /// Places open conversations: not with whoever somebody thinks of.
    fileprivate func requirePeer(of user: UserID, in conversation: Conversation) throws {
        guard case .direct(let pair) = conversation else { return }
        let peer = pair.peer(of: user)
        if try self.user(peer) == nil { throw Rejection.userNotFound(peer) }
    }

    fileprivate func tell(
        _ place: Place, before: Place, _ device: DeviceID? = nil, isSilent: Bool = false
    ) throws {
        var change = PlaceChange(place, before: before, device: device)
        if place.clearedThrough > before.clearedThrough {
            let moment = try self.entry(place.clearedThrough, of: place.conversation)?.sentAt
            change.clearedUpTo = moment
            try self.note(
                .deleted(Deletion(of: .through(moment ?? self.now), in: place.conversation, by: place.user)))
        }
        self.announce(.place(change), to: .users([place.user]), isSilent: isSilent)
    }

    fileprivate func tellSenders(
        of conversation: Conversation, by user: UserID, after: UInt64, through: UInt64
    ) throws {
        if case .direct(let pair) = conversation, pair.lesser != pair.greater {
            self.announce(
                .read(conversation, by: user, through: through, at: self.now), to: .users([pair.peer(of: user)]))
        }
        let given = try self.acknowledge(after: after, through: through, of: conversation, by: user)
        try self.tell(given, by: user, in: conversation)
    }

    /// Who said it, and the backend.
    fileprivate func tell(_ given: [Acknowledgement], by user: UserID, in conversation: Conversation) throws {
        for acknowledgement in given {
            try self.note(
                .read(Reading(of: acknowledgement.id, from: acknowledgement.sender, in: conversation, by: user)))
            self.announce(
                .acknowledged(conversation, acknowledgement, by: user, at: self.now),
                to: .users([acknowledgement.sender]))
        }
    }
}
