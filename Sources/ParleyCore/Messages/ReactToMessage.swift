/// One way in which users have reacted to a message.
package struct Reaction: Hashable, Sendable {
    /// What clients show: an emoji, or a name for something that they agree upon.
    package var kind: String
    /// By how many users.
    package var count: Int
    /// The first of them, at most ``usersShown``.
    package var users: [UserID]
    /// He who asks has reacted so.
    package var isOwn: Bool
    package var firstAt: Timestamp
    package var lastAt: Timestamp

    package init(kind: String, count: Int, users: [UserID], isOwn: Bool, firstAt: Timestamp, lastAt: Timestamp) {
        self.kind = kind
        self.count = count
        self.users = users
        self.isOwn = isOwn
        self.firstAt = firstAt
        self.lastAt = lastAt
    }

    /// Kinds that one message has at most (Easemob).
    package static let limit = 20
    package static let usersShown = 3
}

package struct Reactor: Hashable, Sendable {
    package var user: UserID
    package var at: Timestamp
    /// In the order of all.
    package var position: Int64

    package init(user: UserID, at: Timestamp, position: Int64) {
        self.user = user
        self.at = at
        self.position = position
    }
}

/// A user has reacted to a message, or has taken that back.
package struct ReactionChange: Hashable, Sendable {
    package var conversation: Conversation
    package var message: MessageID
    package var kind: String
    package var isAdded: Bool
    package var by: UserID
    package var at: Timestamp
    /// All that the message has now, whosever they are.
    package var reactions: [Reaction]

    package init(
        _ kind: String, isAdded: Bool, to message: MessageID, in conversation: Conversation, by user: UserID,
        at: Timestamp, reactions: [Reaction]
    ) {
        self.kind = kind
        self.isAdded = isAdded
        self.message = message
        self.conversation = conversation
        self.by = user
        self.at = at
        self.reactions = reactions
    }
}

extension Core {
    /// Reacts to a message; all who can see it are told.
    ///
    /// - Returns: in which conversation, and what it has of that kind now.
    /// - Throws: ``Rejection/messageNotFound`` (or not for him, or recalled), ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``,
    ///   ``Rejection/notPermitted`` (another's conversation), ``Rejection/notSupported(by:)`` (chat rooms), ``Rejection/reactionExists``,
    ///   ``Rejection/reactionsFull(limit:)``.
    package func react(
        _ kind: String, to message: MessageID, by user: UserID, of app: AppID
    ) async throws -> (conversation: Conversation, reaction: Reaction) {
        try await self.directory.write(in: app) { transaction in
            let entry = try transaction.reactable(message, for: user)
            let conversation = entry.conversation.conversation
            guard try transaction.react(kind, to: message, of: conversation, by: user) else {
                throw Rejection.reactionExists
            }
            let reactions = try transaction.reactions(to: message, for: user)
            guard reactions.count <= Reaction.limit else { throw Rejection.reactionsFull(limit: Reaction.limit) }
            try transaction.tell(
                of: entry,
                ReactionChange(
                    kind, isAdded: true, to: message, in: conversation, by: user, at: transaction.now,
                    reactions: reactions))
            return (conversation, reactions.first { $0.kind == kind }!)
        }
    }

    /// - Throws: ``Rejection/notPermitted`` (he has not reacted so), and as ``react(_:to:by:of:)``.
    package func takeBack(
        _ kind: String, to message: MessageID, by user: UserID, of app: AppID
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            let entry = try transaction.reactable(message, for: user)
            guard try transaction.takeBack(kind, to: message, by: user) else { throw Rejection.notPermitted }
            try transaction.tell(
                of: entry,
                ReactionChange(
                    kind, isAdded: false, to: message, in: entry.conversation.conversation, by: user,
                    at: transaction.now, reactions: transaction.reactions(to: message, for: user)))
        }
    }

    /// Of those of the messages that the user can see.
    package func reactions(
        to messages: [MessageID], for user: UserID, in app: AppID
    ) async throws -> [MessageID: [Reaction]] {
        var seen: [MessageID] = []
        for message in messages where try await self.sees(user, message, in: app) { seen.append(message) }
        return try await self.places.reactions(to: seen, for: user)
    }

    /// - Throws: ``Rejection/messageNotFound`` (or not for him).
    package func reactors(
        _ kind: String, to message: MessageID, for user: UserID, in app: AppID, after: Int64?, limit: Int
    ) async throws -> (reaction: Reaction?, reactors: [Reactor]) {
        guard try await self.sees(user, message, in: app) else { throw Rejection.messageNotFound }
        let all = try await self.places.reactions(to: [message], for: user)[message] ?? []
        return (
            all.first { $0.kind == kind },
            try await self.places.reactors(kind, to: message, after: after, limit: limit)
        )
    }

    private func sees(_ user: UserID, _ message: MessageID, in app: AppID) async throws -> Bool {
        guard let entry = try await self.log.entry(message, in: app), entry.message != nil else { return false }
        do {
            let viewer = try await self.viewer(user, of: entry.conversation)
            return !entry.isRecalled && entry.isVisible(to: viewer, for: .history)
        } catch is Rejection { return false }
    }
}

extension DirectoryTransaction {
    fileprivate func reactable(_ message: MessageID, for user: UserID) throws -> Entry {
        guard let entry = try self.entry(message), entry.message != nil, !entry.isRecalled else {
            throw Rejection.messageNotFound
        }
        let conversation = entry.conversation.conversation
        try self.requireParty(user, to: conversation)
        if case .system = conversation { throw Rejection.notPermitted }
        if case .group(let id) = conversation, let group = try self.group(id), group.type.rules.isRoom {
            throw Rejection.notSupported(by: group.type)
        }
        guard entry.isVisible(to: try self.viewer(user, of: conversation), for: .history) else {
            throw Rejection.messageNotFound
        }
        return entry
    }

    fileprivate func tell(of entry: Entry, _ change: ReactionChange) throws {
        guard let message = entry.message else { return }
        let recipients = Announcement.Recipients(of: message, in: change.conversation, and: change.by)
        self.announce(.reacted(change), to: recipients)
        try self.note(.reaction(change))
    }
}
