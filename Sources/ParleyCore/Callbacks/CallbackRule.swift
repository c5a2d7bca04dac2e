/// A backend that wants to be called: where, about what, and in whose form. An App has any number of them, by name.
package struct CallbackRule: Hashable, Sendable {
    /// Unique in the App: what the rule has got through so far is kept under it.
    package var name: String
    package var dialect: DialectName
    /// `http` or `https`. What it may reach is ``AppSettings/callbackNetworks``.
    package var url: String
    package var topics: Set<CallbackTopic>
    /// What signs the calls. Nil: the secret of the App's credential in the dialect.
    package var secret: String?
    /// Whose messages are told. Nil: as the vendor has it.
    package var origins: Set<MessageOrigin>?
    /// What becomes of a message when the backend was asked and did not answer in time.
    package var whenUnanswered: WhenUnanswered
    /// How long an answer may take. Nil: as the vendor has it.
    package var timeoutMilliseconds: Int64?
    /// How often something is sent before it is given up. Nil: as the vendor has it.
    package var attempts: Int?
    /// How groups are told of, where the vendor has had more than one form.
    package var groupForm: GroupForm
    /// Which messages are told, where senders name a route (Easemob's `env`). Nil: those that name none.
    package var route: String?
    /// Which messages are told, of those that would be.
    package var filter: CallbackFilter
    package var isOn: Bool

    package enum GroupForm: String, Hashable, Sendable, CaseIterable {
        case current
        /// What the vendor had before, for backends that were written for it.
        case former
    }

    package enum WhenUnanswered: String, Hashable, Sendable, CaseIterable {
        /// What the vendors do unless told otherwise.
        case deliver
        case refuse
    }

    package init(name: String, dialect: DialectName, url: String, topics: Set<CallbackTopic>) {
        self.name = name
        self.dialect = dialect
        self.url = url
        self.topics = topics
        self.whenUnanswered = .deliver
        self.groupForm = .current
        self.filter = CallbackFilter()
        self.isOn = true
    }
}

/// Of messages and their edits, those that a backend wants to hear of (Easemob's filters of post-send callbacks). What is empty says nothing.
package struct CallbackFilter: Hashable, Sendable {
    /// Said by one of these.
    package var senders: Set<String> = []
    /// Said to one of these users, groups or rooms.
    package var destinations: Set<String> = []
    /// With one of these keys in what the sender attached (Easemob's ext).
    package var attachedKeys: Set<String> = []

    package init() {}

    package static let limit = 50

    /// Of what is known without reading the attachment, which is its dialect's.
    package func admits(_ message: Message, in conversation: Conversation) -> Bool {
        guard self.senders.isEmpty || self.senders.contains(message.sender.rawValue) else { return false }
        guard !self.destinations.isEmpty else { return true }
        return switch conversation {
        case .direct(let pair): self.destinations.contains(pair.peer(of: message.sender).rawValue)
        case .group(let group): self.destinations.contains(group.rawValue)
        case .room(let room): self.destinations.contains(room.rawValue)
        case .system(let user): self.destinations.contains(user.rawValue)
        }
    }
}

/// What a backend may be called about.
package enum CallbackTopic: String, Hashable, Sendable, CaseIterable {
    /// A message is about to be taken: may it?
    case beforeMessage = "before-message"
    /// A message was taken, and is on disk.
    case message
    case recall
    case edit
    /// A user no longer wants to see what was said; the others still have it.
    case deletion
    /// What becomes of groups: made, changed, full, dissolved; who joined, left, was removed or muted; who owns them.
    case group
    /// Somebody has read a message whose sender wanted to know.
    case receipt
    /// Connections come and go.
    case presence
    /// For whom a message waits who is not connected.
    case offline
    /// A message was not taken.
    case refused
    /// Who wants to be whose contact, and what came of it; who blocks whom.
    case contact
    /// Somebody has reacted to a message, or taken that back.
    case reaction
    /// Something was said in a thread, taken back or changed.
    case thread
}

/// Who said it.
package enum MessageOrigin: String, Hashable, Sendable, CaseIterable {
    /// A client, on a connection of its own.
    case client
    /// The backend, through a server API.
    case server
}
