/// What those who are connected are told, beside the log. Where it leaves a trace, the trace is elsewhere (a user's ``Place``, receipts); some of it is kept for
/// those who are away (``isKept``).
package enum Event: Hashable, Sendable {
    /// A user's own place in a conversation changed, on whichever device.
    case place(PlaceChange)
    /// The user is in a group from now on, or no longer.
    case membership(Conversation, isMember: Bool)
    /// A message was pinned for all in its conversation, or is pinned no longer.
    case pinned(PinChange)
    /// Messages are no longer shown to this user.
    case deleted(Conversation, [MessageID])
    /// The other user of a direct conversation has read up to there.
    case read(Conversation, by: UserID, through: UInt64, at: Timestamp)
    /// Somebody has read a message whose sender asked to be told.
    case acknowledged(Conversation, Acknowledgement, by: UserID, at: Timestamp)
    /// A direct message has come to its recipient's device, whose SDK says so.
    case delivered(Conversation, MessageID, to: UserID)
    /// Somebody is writing, or has stopped.
    case typing(Conversation, from: UserID, isTyping: Bool)
    /// Who was subscribed to came online, went offline, or changed devices. No connections: offline.
    case presence(UserID, [Connection])
    /// What a user says of himself, to those who are subscribed to him and to his own devices.
    case status(UserID, UserStatus)
    /// Whom the user wants to be told of is no longer what it was (``Statuses/subscriptions(of:in:)``).
    case subscriptions
    /// One of the two wants to be the other's contact, is, or is no longer.
    case contact(ContactChange)
    /// Attributes of a chat room changed, the last of them at that moment (``Core/attributes(of:in:after:)``).
    case attributes(Conversation, changedAt: Timestamp)
    /// Something happened to a group, for those whom it concerns. Only protocols that have words for it are told (`WireProtocol`).
    case group(GroupHappening)
    /// Somebody has reacted to a message, or taken that back. Only protocols that have words for it are told, as of the next.
    case reacted(ReactionChange)
    /// What became of a thread.
    case thread(ThreadChange)
    /// A chat room has ended. That its members are in it no longer, each is told besides.
    case ended(Conversation)

    package var conversation: Conversation? {
        switch self {
        case .place(let change): change.place.conversation
        case .pinned(let change): change.conversation
        case .reacted(let change): change.conversation
        case .thread(let change): .group(change.thread.id)
        case .membership(let conversation, _), .deleted(let conversation, _), .read(let conversation, _, _, _),
            .acknowledged(let conversation, _, _, _), .delivered(let conversation, _, _),
            .typing(let conversation, _, _), .attributes(let conversation, _), .ended(let conversation):
            conversation
        case .contact(let change): .direct(change.from, change.to)
        case .group(let happening): .group(happening.group.id)
        case .presence, .status, .subscriptions: nil
        }
    }
}

extension Event {
    /// Told to those who are away when they come back, where clients want it so (``EventLog``): who has got and read what they have said, and what became of their
    /// groups and contacts. What became of a room concerns who is in it, and nobody is while he is away.
    package var isKept: Bool {
        switch self {
        case .read, .acknowledged, .delivered: true
        case .contact(let change): change.kind != .blocked && change.kind != .unblocked
        case .group(let happening): happening.group.type.rules.keepsMessages && !happening.group.type.rules.isRoom
        default: false
        }
    }

    /// As it is kept for one of several: it names him only, for those who were removed from a group at once need not keep each other's names. Nil: he did it himself,
    /// and need not be told when he comes back.
    package func concerning(_ user: UserID) -> Event? {
        if case .contact(let change) = self, change.from == user, change.kind != .agreed, change.kind != .added {
            return nil
        }
        guard case .group(var happening) = self else { return self }
        switch happening.kind {
        case .left: return nil
        case .removed: happening.kind = .removed([user])
        case .invited(_, let reason): happening.kind = .invited([user], reason: reason)
        case .keptOut(_, let until): happening.kind = .keptOut([user], until: until)
        case .dissolved: happening.kind = .dissolved([])
        default: return self
        }
        return .group(happening)
    }
}

extension Announcement {
    private static let recipientsLimit = 10_000

    /// Unless it is to so many users that to keep it for each would hold up everybody else.
    package var isKept: Bool {
        if case .users(let users) = self.recipients, users.count > Self.recipientsLimit { return false }
        return self.event.isKept
    }

    /// As it is kept: to a group, of many users whom it names a few in each. No record is as long as a group has members.
    package var pieces: [Announcement] {
        guard case .group = self.recipients, case .group(let happening) = self.event else { return [self] }
        return happening.kind.pieces.map { kind in
            var (piece, part) = (self, happening)
            part.kind = kind
            piece.event = .group(part)
            return piece
        }
    }
}

extension GroupHappening.Kind {
    private static let usersNamed = 100

    fileprivate var pieces: [Self] {
        switch self {
        case .created(let users, let administrators):
            let administrators = Set(administrators)
            return Self.split(users) { .created($0, administrators: $0.filter(administrators.contains)) }
        case .joined(let users, let count): return Self.split(users) { .joined($0, count: count) }
        case .left(let users): return Self.split(users) { .left($0) }
        case .removed(let users): return Self.split(users) { .removed($0) }
        case .administrators(let users, let added): return Self.split(users) { .administrators($0, added: added) }
        case .muted(let users, let until): return Self.split(users) { .muted($0, until: until) }
        case .unmuted(let users): return Self.split(users) { .unmuted($0) }
        case .speakers(let users, let added): return Self.split(users) { .speakers($0, added: added) }
        case .dissolved, .changed, .full, .owner, .keptOut, .applied, .applicationAnswered, .invited,
            .invitationAnswered, .file, .memberAttributes, .attributesSet, .attributesRemoved:
            return [self]
        }
    }

    private static func split(_ users: [UserID], _ kind: ([UserID]) -> Self) -> [Self] {
        guard users.count > Self.usersNamed else { return [kind(users)] }
        return stride(from: 0, to: users.count, by: Self.usersNamed).map { start in
            kind(Array(users[start..<min(start + Self.usersNamed, users.count)]))
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
    /// What it says holds for what is delivered from now on; clients are not told of it.
    package var isSilent: Bool
    /// By which it is kept for those who are away. Nil: it is not.
    package var id: MessageID?

    package enum Recipients: Hashable, Sendable {
        /// All devices of these.
        case users([UserID])
        /// Everyone in the group but this one, if there is one.
        case group(GroupID, except: UserID?)
    }

    package init(app: AppID, event: Event, recipients: Recipients, isSilent: Bool = false) {
        self.app = app
        self.event = event
        self.recipients = recipients
        self.isSilent = isSilent
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
