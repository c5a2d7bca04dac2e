/// A message that somebody has pinned for all who are in its conversation.
package struct PinnedMessage: Sendable {
    /// As it is now.
    package var entry: Entry
    /// Who pinned it last.
    package var by: UserID
    package var at: Timestamp

    package init(entry: Entry, by: UserID, at: Timestamp) {
        self.entry = entry
        self.by = by
        self.at = at
    }

    /// In a conversation at one time (Easemob).
    package static let limit = 20
}

/// A message was pinned, or is pinned no longer.
package struct PinChange: Hashable, Sendable {
    package var conversation: Conversation
    package var message: MessageID
    package var isPinned: Bool
    package var by: UserID
    /// Of his devices the one that did it. Nil: not known, or none of them.
    package var device: DeviceID?
    package var at: Timestamp

    package init(
        _ message: MessageID, in conversation: Conversation, isPinned: Bool, by: UserID, device: DeviceID?,
        at: Timestamp
    ) {
        self.message = message
        self.conversation = conversation
        self.isPinned = isPinned
        self.by = by
        self.device = device
        self.at = at
    }
}

extension Core {
    /// Pins a message for everyone in its conversation, who are told. Of one that is pinned, it is said anew by whom and when. Recalled, it is pinned no
    /// longer.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted`` (another's conversation),
    ///   ``Rejection/messageNotFound`` (or not for him, or recalled), ``Rejection/pinsFull(limit:)``.
    package func pin(
        _ message: MessageID, in conversation: Conversation, by user: UserID, on device: DeviceID? = nil, of app: AppID
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            let viewer = try transaction.viewer(user, of: conversation)
            guard let entry = try transaction.entry(message), entry.conversation.conversation == conversation,
                entry.message != nil, !entry.isRecalled, entry.isVisible(to: viewer, for: .history)
            else { throw Rejection.messageNotFound }
            try transaction.pin(message, of: conversation, by: user)
            guard try transaction.pinCount(of: conversation) <= PinnedMessage.limit else {
                throw Rejection.pinsFull(limit: PinnedMessage.limit)
            }
            transaction.tell(
                PinChange(message, in: conversation, isPinned: true, by: user, device: device, at: transaction.now),
                of: entry)
        }
    }

    /// Whoever pinned it. Of one that is not pinned nothing is told.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    package func unpin(
        _ message: MessageID, in conversation: Conversation, by user: UserID, on device: DeviceID? = nil, of app: AppID
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.requireParty(user, to: conversation)
            guard try transaction.unpin(message, of: conversation), let entry = try transaction.entry(message) else {
                return
            }
            transaction.tell(
                PinChange(message, in: conversation, isPinned: false, by: user, device: device, at: transaction.now),
                of: entry)
        }
    }

    /// What is pinned of what the user may see, last pinned first.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    package func pinnedMessages(
        of conversation: Conversation, for user: UserID, in app: AppID
    ) async throws -> [PinnedMessage] {
        let id = ConversationID(app: app, conversation)
        var viewer = try await self.viewer(user, of: id)
        let pinned = try await self.places.pinnedMessages(of: id)
        let sequences = pinned.compactMap(\.entry.sequence)
        guard let first = sequences.min(), let last = sequences.max() else { return [] }
        viewer.hidden = try await self.places.hidden(from: user, in: id, first...last)
        return pinned.filter { $0.entry.isVisible(to: viewer, for: .history) }
    }
}

extension DirectoryTransaction {
    fileprivate func tell(_ change: PinChange, of entry: Entry) {
        guard let message = entry.message else { return }
        self.announce(.pinned(change), to: .init(of: message, in: change.conversation, and: change.by))
    }
}

extension Announcement.Recipients {
    /// Those for whom a message is, and he who does something about it.
    init(of message: Message, in conversation: Conversation, and user: UserID) {
        if case .only(let users) = message.audience.adding([message.sender, user]) {
            self = .users(users)
            return
        }
        self =
            switch conversation {
            case .direct(let pair) where pair.lesser == pair.greater: .users([pair.lesser])
            case .direct(let pair): .users([pair.lesser, pair.greater])
            case .group(let group): .group(group, except: nil)
            case .system(let user): .users([user])
            case .room: .users([])
            }
    }
}
