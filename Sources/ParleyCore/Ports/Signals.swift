import Synchronization

/// What those who deliver are told. All of it is a hint: losing it costs a look at the log, never a message.
package protocol Signals: Sendable {
    /// Called by the store after each commit, in the order of commits, with what the commit added.
    func committed(_ commit: Commit)
    /// Reaches whoever is online now, and leaves no trace.
    func broadcast(_ ephemeral: Ephemeral)
    /// Tells those of the recipients who are online now. Its conversation's name is theirs to see.
    func announce(_ announcement: Announcement)
    /// Closes open connections of a user.
    func disconnect(_ command: Disconnect)
}

/// What one transaction of the store added. Entries of one conversation are in the order of their sequences.
package struct Commit: Sendable {
    package var entries: [Entry] = []
    package var memberships: [MembershipChange] = []
    /// Told after the entries.
    package var announcements: [Announcement] = []
    /// Of what was said, these entries included. Nobody is told.
    package var amendments: [Amendment] = []
    /// Something was noted that followers look for (``CallbackBook/occurrences(in:after:limit:)``); for clients there is nothing in it.
    package var hasHappenings = false

    package init() {}
    package var isEmpty: Bool { !self.concernsClients && !self.hasHappenings }
    package var concernsClients: Bool {
        !self.entries.isEmpty || !self.memberships.isEmpty || !self.announcements.isEmpty || !self.amendments.isEmpty
    }
}

/// A message is treated otherwise from now on (``DirectoryTransaction/amend(_:_:)``).
package struct Amendment: Sendable {
    package var conversation: ConversationID
    package var sequence: UInt64
    package var options: MessageOptions

    package init(_ conversation: ConversationID, _ sequence: UInt64, _ options: MessageOptions) {
        self.conversation = conversation
        self.sequence = sequence
        self.options = options
    }
}

/// Somebody's place in a group came, changed, or ended.
package struct MembershipChange: Sendable {
    package var app: AppID
    package var group: GroupID
    package var user: UserID
    /// Nil: no longer a member.
    package var member: Member?
    /// The group is a thread. Nothing is said of that where a place ended.
    package var isThread: Bool

    package init(app: AppID, group: GroupID, user: UserID, member: Member?, isThread: Bool = false) {
        self.app = app
        self.group = group
        self.user = user
        self.member = member
        self.isThread = isThread
    }
}

/// Something for whoever is online now. It takes no sequence.
package struct Ephemeral: Sendable {
    package var entry: Entry
    /// Who may get it, when the conversation alone does not say (nil: the conversation's members).
    package var recipients: [UserID]?

    package init(entry: Entry, recipients: [UserID]? = nil) {
        self.entry = entry
        self.recipients = recipients
    }
}

/// Closes a user's open connections: all of them, or those that are named.
package struct Disconnect: Hashable, Sendable {
    package var app: AppID
    package var user: UserID
    /// Only this device's.
    package var device: DeviceID?
    /// Only those that a token issued before this moment opened.
    package var tokensIssuedBefore: Timestamp?
    package var reason: Disconnection

    package init(
        _ user: UserID, in app: AppID, device: DeviceID? = nil, tokensIssuedBefore: Timestamp? = nil,
        because reason: Disconnection
    ) {
        self.app = app
        self.user = user
        self.device = device
        self.tokensIssuedBefore = tokensIssuedBefore
        self.reason = reason
    }
}

package enum Disconnection: String, Hashable, Sendable {
    /// The backend ended the connection.
    case kicked
    /// The token that opened it is void.
    case tokenExpired
    /// The user may no longer log in, or is gone.
    case userInactive
    /// The same device connected again.
    case replaced
    /// The user connected with another device of the same platform, and the App allows one (``AppSettings/devices``).
    case loggedInElsewhere
    /// The server is stopping: connect again, elsewhere or a little later.
    case goingAway
}

/// Who is online.
package protocol Presence: Sendable {
    func connections(of user: UserID, in app: AppID) async -> [Connection]
}

extension Presence {
    package func isOnline(_ user: UserID, in app: AppID) async -> Bool {
        await !self.connections(of: user, in: app).isEmpty
    }
}

/// One open connection of a user.
package struct Connection: Hashable, Sendable {
    package var device: DeviceID
    /// What the client says it runs on: `Web`, `iPhone`, `Android` …
    package var platform: String
    package var since: Timestamp

    package init(device: DeviceID, platform: String, since: Timestamp) {
        self.device = device
        self.platform = platform
        self.since = since
    }
}

/// Stands between the store, which is made first, and the hub, which reads the store.
package final class Doorbell: Signals, Presence {
    private let target = Mutex<(any Signals & Presence)?>(nil)
    private let commitListener = Mutex<CommitListener?>(nil)

    /// In a structure: a function that is in a generic place by itself is wrapped once more by the compiler whenever it is taken out and put back, and each call
    /// then goes through all wrappers.
    private struct CommitListener {
        let hear: @Sendable (Commit) -> Void
    }

    package init() {}

    /// For whoever wants to know that there is something new in the log, and what. Called on the writer's thread, so it is quick.
    package func onCommit(_ listener: @escaping @Sendable (Commit) -> Void) {
        self.commitListener.withLock { $0 = CommitListener(hear: listener) }
    }

    package func connect(to target: any Signals & Presence) { self.target.withLock { $0 = target } }
    private var listener: (any Signals & Presence)? { self.target.withLock { $0 } }

    package func committed(_ commit: Commit) {
        if commit.concernsClients { self.listener?.committed(commit) }
        self.commitListener.withLock { $0 }?.hear(commit)
    }
    package func broadcast(_ ephemeral: Ephemeral) { self.listener?.broadcast(ephemeral) }
    package func announce(_ announcement: Announcement) { self.listener?.announce(announcement) }
    package func disconnect(_ command: Disconnect) { self.listener?.disconnect(command) }
    package func connections(of user: UserID, in app: AppID) async -> [Connection] {
        await self.listener?.connections(of: user, in: app) ?? []
    }
}
