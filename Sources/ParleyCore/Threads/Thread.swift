// A thread is a group of a type of its own (``GroupType/thread``): members, messages, places, history and deliveries are those of groups. What is here is what it
// has beside that.

/// Where a thread belongs.
package struct ThreadOrigin: Hashable, Sendable {
    package var group: GroupID
    /// The message of the group that the thread was made on. It may be gone by now.
    package var message: MessageID

    package init(group: GroupID, message: MessageID) {
        self.group = group
        self.message = message
    }
}

extension Group {
    /// A thread as it begins.
    package init(thread id: GroupID, on origin: ThreadOrigin, name: String, owner: UserID, createdAt: Timestamp) {
        self.init(id: id, type: .thread, name: name, owner: owner, createdAt: createdAt)
        self.origin = origin
    }
}

/// What was said in a thread, in short. Of what is for some only it says nothing.
package struct ThreadOverview: Hashable, Sendable {
    package var messageCount: Int
    /// Nil: there is nothing.
    package var last: LastMessage?

    package struct LastMessage: Hashable, Sendable {
        package var id: MessageID
        package var message: Message

        package init(_ id: MessageID, _ message: Message) {
            self.id = id
            self.message = message
        }
    }

    package init(messageCount: Int, last: LastMessage?) {
        self.messageCount = messageCount
        self.last = last
    }
}

/// What became of a thread. Members of its group are told, whether or not they are in it, but where it says otherwise.
package struct ThreadChange: Hashable, Sendable {
    /// As it is, or as it was when it ended.
    package var thread: Group
    package var kind: Kind
    /// Nil: the backend, or nobody knows.
    package var by: UserID?
    /// Of his devices the one that did it, which knows. Nil: not known, or all are to hear of it.
    package var device: DeviceID?

    package enum Kind: Hashable, Sendable {
        case started
        case renamed(messageCount: Int)
        /// Something was said, taken back or changed.
        case said(ThreadOverview)
        case ended
        /// They are told.
        case removed([UserID])
        /// What a user has done himself: his other devices are told.
        case own(Deed)
    }

    package enum Deed: String, Hashable, Sendable {
        case started
        case joined
        case left
        case renamed
        case ended
    }

    package init(_ kind: Kind, of thread: Group, by: UserID?, on device: DeviceID? = nil) {
        self.thread = thread
        self.kind = kind
        self.by = by
        self.device = device
    }
}
