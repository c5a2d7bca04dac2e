/// What those who are connected are told, and no log keeps. Where it leaves a trace, the trace is elsewhere (a user's ``Place``, receipts).
package enum Event: Hashable, Sendable {
    /// A user's own place in a conversation changed, on whichever device.
    case place(Place)
    /// The user is in a group from now on, or no longer.
    case membership(Conversation, isMember: Bool)
    /// Messages are no longer shown to this user.
    case deleted(Conversation, [MessageID])
    /// The other user of a direct conversation has read up to there.
    case read(Conversation, by: UserID, through: UInt64, at: Timestamp)
    /// Somebody has read a message whose sender asked to be told.
    case acknowledged(Conversation, Acknowledgement, by: UserID, at: Timestamp)
    /// Somebody is writing, or has stopped.
    case typing(Conversation, from: UserID, isTyping: Bool)
    /// Who was subscribed to came online, went offline, or changed devices. No connections: offline.
    case presence(UserID, [Connection])
    /// Attributes of a chat room changed, the last of them at that moment (``Core/attributes(of:in:after:)``).
    case attributes(Conversation, changedAt: Timestamp)
    /// A chat room has ended. That its members are in it no longer, each is told besides.
    case ended(Conversation)

    package var conversation: Conversation? {
        switch self {
        case .place(let place): place.conversation
        case .membership(let conversation, _), .deleted(let conversation, _), .read(let conversation, _, _, _),
            .acknowledged(let conversation, _, _, _),
            .typing(let conversation, _, _), .attributes(let conversation, _), .ended(let conversation):
            conversation
        case .presence: nil
        }
    }
}

/// A message that asked for receipts has been read by one more.
package struct Acknowledgement: Hashable, Sendable {
    package var id: MessageID
    package var sequence: UInt64
    package var sender: UserID
    /// How many have read it by now.
    package var readCount: Int

    package init(id: MessageID, sequence: UInt64, sender: UserID, readCount: Int) {
        self.id = id
        self.sequence = sequence
        self.sender = sender
        self.readCount = readCount
    }
}

/// An event on its way to those of its recipients who are connected.
package struct Announcement: Hashable, Sendable {
    package var app: AppID
    package var event: Event
    package var recipients: Recipients

    package enum Recipients: Hashable, Sendable {
        /// All devices of these.
        case users([UserID])
        /// Everyone in the group but this one, if there is one.
        case group(GroupID, except: UserID?)
    }

    package init(app: AppID, event: Event, recipients: Recipients) {
        self.app = app
        self.event = event
        self.recipients = recipients
    }
}

extension Core {
    /// Tells the others in a conversation that a user is writing, or has stopped. Leaves no trace.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``,
    ///   ``Rejection/blockedByRecipient(_:)``, ``Rejection/userNotFound(_:)``.
    package func type(_ isTyping: Bool, in conversation: Conversation, by user: UserID, of app: AppID) async throws {
        let recipients: Announcement.Recipients
        switch conversation {
        case .group(let id):
            guard let group = try await self.directory.group(id, in: app) else { throw Rejection.groupNotFound(id) }
            guard group.members[user] != nil else { throw Rejection.notMember(user, of: id) }
            recipients = .group(id, except: user)
        case .direct(let pair):
            guard user == pair.lesser || user == pair.greater else { throw Rejection.notPermitted }
            let peer = pair.peer(of: user)
            guard try await self.directory.user(peer, in: app) != nil else { throw Rejection.userNotFound(peer) }
            if try await self.directory.hasBlocked(peer, user, in: app) { throw Rejection.blockedByRecipient(peer) }
            recipients = .users([peer])
        case .room, .system: throw Rejection.notPermitted
        }
        self.signals.announce(
            Announcement(
                app: app, event: .typing(conversation, from: user, isTyping: isTyping), recipients: recipients))
    }
}
