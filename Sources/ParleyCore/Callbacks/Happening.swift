/// Something that no conversation tells and that a backend may be called about. Noted where it becomes true, and only where some rule of the App wants it
/// (``DirectoryTransaction/note(_:)``, ``Chronicle``). Its id is one of the log's, so that it has a place among the entries.
package struct Happening: Hashable, Sendable {
    package let id: MessageID
    package let app: AppID
    package let body: Body

    package enum Body: Hashable, Sendable {
        case group(GroupHappening)
        /// Somebody has read a message whose sender wanted to know.
        case read(Reading)
        case deleted(Deletion)
        case presence(PresenceHappening)
        case refused(RefusedSend)
        case contact(ContactChange)
        case reaction(ReactionChange)
        /// What was said in a thread, for those in the group that it is part of; nothing else of threads is noted.
        case thread(ThreadChange)
    }

    package init(id: MessageID, app: AppID, body: Body) {
        self.id = id
        self.app = app
        self.body = body
    }

    package var at: Timestamp { self.id.sentAt }
}

extension Happening.Body {
    package var topic: CallbackTopic {
        switch self {
        case .group: .group
        case .read: .receipt
        case .deleted: .deletion
        case .presence: .presence
        case .refused: .refused
        case .contact: .contact
        case .reaction: .reaction
        case .thread: .thread
        }
    }

    /// What it is told in order with: calls about the same come one after the other.
    package var conversation: Conversation {
        switch self {
        case .group(let happening): .group(happening.group.id)
        case .read(let reading): reading.conversation
        case .deleted(let deletion): deletion.conversation
        case .presence(let happening): .system(happening.user)
        case .refused(let send): send.conversation
        case .contact(let change): .direct(change.from, change.to)
        case .reaction(let change): change.conversation
        case .thread(let change): .group(change.thread.id)
        }
    }
}

/// What became of a group.
package struct GroupHappening: Hashable, Sendable {
    /// As it was when it happened; of a group that ended, at last.
    package var group: Group
    /// Who did it. Nil: the backend, or nobody knows.
    package var by: UserID?
    package var kind: Kind
    /// Nil: somebody wanted it so.
    package var cause: Cause?

    /// Of what happens in chat rooms without that it was asked for.
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        /// Who left is no longer connected.
        case disconnected
        /// Who left may no longer come in.
        case keptOut
        /// The room's time was over.
        case over
    }

    package enum Kind: Hashable, Sendable {
        /// With the first members, the owner among them.
        case created([UserID], administrators: [UserID])
        /// With those who were members; none are named where the type of the group has no list of them.
        case dissolved([UserID])
        /// The profile is another than this one was.
        case changed(from: Group)
        /// Nobody else can join.
        case full
        /// - Parameter count: how many members there are now.
        case joined([UserID], count: Int)
        case left([UserID])
        case removed([UserID])
        case owner(from: UserID?)
        case administrators([UserID], added: Bool)
        case muted([UserID], until: Timestamp)
        case unmuted([UserID])
        /// They may speak while the group is muted, or no longer.
        case speakers([UserID], added: Bool)
        /// They may not come in. Nil: they may again.
        case keptOut([UserID], until: Timestamp?)
        /// Somebody wants to come in.
        case applied(UserID, reason: String)
        case applicationAnswered(UserID, isAccepted: Bool, reason: String)
        /// They were asked to come in.
        case invited([UserID], reason: String)
        case invitationAnswered(UserID, isAccepted: Bool, reason: String)
        /// Members share a file of that id, or no longer.
        case file(String, isShared: Bool)
        /// Of a member; with empty values those that were removed.
        case memberAttributes(UserID, [String: String])
        /// Of a chat room.
        case attributesSet([String: String])
        case attributesRemoved([String])
    }

    package init(_ kind: Kind, in group: Group, by: UserID?, cause: Cause? = nil) {
        self.group = group.withoutLists
        self.by = by
        self.kind = if case .changed(let before) = kind { .changed(from: before.withoutLists) } else { kind }
        self.cause = cause
    }
}

package struct Reading: Hashable, Sendable {
    package var conversation: Conversation
    package var message: MessageID
    package var sender: UserID
    package var by: UserID

    package init(of message: MessageID, from sender: UserID, in conversation: Conversation, by reader: UserID) {
        self.conversation = conversation
        self.message = message
        self.sender = sender
        self.by = reader
    }
}

/// What a user no longer wants to see. Of several messages, one each.
package struct Deletion: Hashable, Sendable {
    package var conversation: Conversation
    package var by: UserID
    package var extent: Extent

    package enum Extent: Hashable, Sendable {
        case message(MessageID)
        /// All that was said until then.
        case through(Timestamp)
    }

    package init(of extent: Extent, in conversation: Conversation, by user: UserID) {
        self.conversation = conversation
        self.by = user
        self.extent = extent
    }
}

/// A connection of a user came or went.
package struct PresenceHappening: Hashable, Sendable {
    package var user: UserID
    package var device: DeviceID
    package var platform: String
    /// Names the connection, among all that there are and were.
    package var session: String
    /// Where it came from, if that is known: an IP address.
    package var address: String?
    package var change: Change

    package enum Change: Hashable, Sendable {
        /// - Parameter replaced: the platforms of those that had to make room for it.
        case online(replaced: [String])
        case offline(Reason)
    }

    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The client closed the connection, or its process ended.
        case closed
        /// There was no sign of life for too long, or it did not read what it was sent.
        case lost
        /// Another device of the user took its place.
        case replaced
        /// The same device connected again: the user is online all the time.
        case renewed
        /// The backend, or the end of what it had allowed.
        case kicked
        /// The server stops, or could not serve the client: it comes back.
        case interrupted
    }

    package init(
        _ change: Change, of user: UserID, on device: DeviceID, platform: String, session: String, address: String?
    ) {
        self.user = user
        self.device = device
        self.platform = platform
        self.session = session
        self.address = address
        self.change = change
    }
}

/// A message that was not taken.
package struct RefusedSend: Hashable, Sendable {
    package var conversation: Conversation
    package var message: Message
    package var isEphemeral: Bool
    package var cause: Cause

    /// Of all refusals, those that a message can meet.
    package enum Cause: Hashable, Sendable {
        case userNotFound(UserID)
        case groupNotFound(GroupID)
        case senderMuted(until: Timestamp)
        case groupMuted(GroupID)
        case groupDisabled(GroupID)
        case senderNotMember(UserID, of: GroupID)
        case blockedByRecipient(UserID)
        /// Also of a message whose sender was told that all went well (``DropReason/frequency``).
        case tooFrequent
        case refusedByCallback(code: Int?, reason: String?)
        case callbackFailed
        /// Its dialect cannot read it, or has no such thing in that group. With the dialect's own code and words.
        case unreadable(code: Int, reason: String)
    }

    package init(conversation: Conversation, message: Message, isEphemeral: Bool, cause: Cause) {
        self.conversation = conversation
        self.message = message
        self.isEphemeral = isEphemeral
        self.cause = cause
    }
}

extension RefusedSend.Cause {
    /// Nil: nothing that a rule about messages says.
    init?(_ rejection: Rejection) {
        switch rejection {
        case .userNotFound(let user): self = .userNotFound(user)
        case .groupNotFound(let group): self = .groupNotFound(group)
        case .senderMuted(let until): self = .senderMuted(until: until)
        case .groupMuted(let group): self = .groupMuted(group)
        case .groupDisabled(let group): self = .groupDisabled(group)
        case .senderNotMember(let user, let group): self = .senderNotMember(user, of: group)
        case .blockedByRecipient(let user): self = .blockedByRecipient(user)
        case .tooFrequent: self = .tooFrequent
        case .refusedByCallback(let code, let reason): self = .refusedByCallback(code: code, reason: reason)
        case .callbackFailed: self = .callbackFailed
        case .userExists, .userInactive, .groupExists, .groupFull, .notMember, .alreadyMember, .keptOut, .notSupported,
            .notPermitted, .ownerMayNotLeave, .contactsFull, .pinsFull, .reactionExists, .reactionsFull, .threadsFull,
            .threadMembershipsFull, .messageNotFound, .alreadyRecalled,
            .recallWindowPassed, .notRecallable, .notEditable, .editLimitReached, .expansionFull, .noReceipts,
            .fileNotFound, .fileExpired, .fileSecretWrong, .fileTooLarge, .fileUnreadable, .overloaded:
            return nil
        }
    }

    /// In the words that each dialect has codes for. Nil: the dialect has said it in its own.
    package var rejection: Rejection? {
        switch self {
        case .userNotFound(let user): .userNotFound(user)
        case .groupNotFound(let group): .groupNotFound(group)
        case .senderMuted(let until): .senderMuted(until: until)
        case .groupMuted(let group): .groupMuted(group)
        case .groupDisabled(let group): .groupDisabled(group)
        case .senderNotMember(let user, let group): .senderNotMember(user, of: group)
        case .blockedByRecipient(let user): .blockedByRecipient(user)
        case .tooFrequent: .tooFrequent
        case .refusedByCallback(let code, let reason): .refusedByCallback(code: code, reason: reason)
        case .callbackFailed: .callbackFailed
        case .unreadable: nil
        }
    }
}

/// What followers come across, in the order of ids: what was said, and what happened beside it.
package enum Occurrence: Sendable {
    case entry(Entry)
    case happening(Happening)

    package var id: MessageID {
        switch self {
        case .entry(let entry): entry.id
        case .happening(let happening): happening.id
        }
    }

    package var at: Timestamp { self.id.sentAt }
    package var entry: Entry? { if case .entry(let entry) = self { entry } else { nil } }

    package var conversation: ConversationID {
        switch self {
        case .entry(let entry): entry.conversation
        case .happening(let happening): ConversationID(app: happening.app, happening.body.conversation)
        }
    }

    /// Under which of its topics a rule is told of it. None: what a conversation says of its group, the group's happenings say too, and better.
    package var topics: Set<CallbackTopic> {
        switch self {
        case .entry(let entry):
            switch entry.body {
            case .message: [.message, .offline]
            case .recall: [.recall]
            case .edit: [.edit]
            case .notice: []
            }
        case .happening(let happening): [happening.body.topic]
        }
    }
}
