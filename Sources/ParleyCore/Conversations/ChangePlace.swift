extension Core {
    /// A user has read a conversation up to `through` (nil: all of it). His other devices are told; in a direct conversation the other user is, and in
    /// a group those whose messages ask for receipts. A place never moves back.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted`` (another's conversation).
    @discardableResult
    package func read(
        _ conversation: Conversation, through sequence: UInt64?, by user: UserID, in app: AppID
    ) async throws -> Place {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            var place = try transaction.place(of: user, in: conversation)
            let last = try transaction.lastSequence(of: conversation)
            let through = min(sequence ?? last, last)
            guard through > place.readThrough else { return place }
            let before = place.readThrough
            place.readThrough = through
            try transaction.save(place)
            transaction.announce(.place(place), to: .users([user]))
            try transaction.tellSenders(of: conversation, by: user, after: before, through: through)
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
            transaction.announce(given, by: user, in: conversation)
            return given
        }
    }

    /// Changes how a user sees a conversation. `change` gets the place and the conversation's last sequence; it must not touch ``Place/readThrough``
    /// (that is ``read(_:through:by:in:)``), except forward.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    @discardableResult
    package func changePlace(
        in conversation: Conversation, of user: UserID, in app: AppID,
        _ change: @escaping @Sendable (inout Place, UInt64, Timestamp) -> Void
    ) async throws -> Place {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            let before = try transaction.place(of: user, in: conversation)
            var place = before
            change(&place, try transaction.lastSequence(of: conversation), transaction.now)
            guard place != before else { return place }
            if place.isMuted != before.isMuted, case .group(let group) = conversation,
                var member = try transaction.member(user, of: group)
            {
                member.delivery = place.isMuted ? .silent : .notify
                try transaction.save(member, of: group)
            }
            try transaction.save(place)
            transaction.announce(.place(place), to: .users([user]))
            return place
        }
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

    fileprivate func tellSenders(
        of conversation: Conversation, by user: UserID, after: UInt64, through: UInt64
    ) throws {
        if case .direct(let pair) = conversation, pair.lesser != pair.greater {
            self.announce(
                .read(conversation, by: user, through: through, at: self.now), to: .users([pair.peer(of: user)]))
        }
        let given = try self.acknowledge(after: after, through: through, of: conversation, by: user)
        self.announce(given, by: user, in: conversation)
    }

    fileprivate func announce(_ given: [Acknowledgement], by user: UserID, in conversation: Conversation) {
        for acknowledgement in given {
            self.announce(
                .acknowledged(conversation, acknowledgement, by: user, at: self.now),
                to: .users([acknowledgement.sender]))
        }
    }
}
