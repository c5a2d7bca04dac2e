/// One user's place in a conversation: how far he has read, and how he wants to see it. The same on all of his devices.
package struct Place: Hashable, Sendable {
    package let user: UserID
    package let conversation: Conversation
    /// Messages up to here count as read.
    package var readThrough: UInt64 = 0
    /// Nothing up to here is shown any more, neither in history nor to a device that has not got it.
    package var clearedThrough: UInt64 = 0
    /// Not in the list until something is said after this sequence. Nil: in the list.
    package var removedThrough: UInt64?
    /// Shown before the others, the one that was pinned last first. Nil: not pinned.
    package var pinnedAt: Timestamp?
    /// Nothing said here rings. In a group it is the member's ``Member/delivery``, which is what vendors' APIs show and change.
    package var isMuted = false
    package var marks: Marks = []

    package init(user: UserID, conversation: Conversation) {
        self.user = user
        self.conversation = conversation
    }
}

/// What became of a user's place, and what it was before.
package struct PlaceChange: Hashable, Sendable {
    package var place: Place
    package var before: Place
    /// Of his devices the one that did it. Nil: not known, or none of them.
    package var device: DeviceID?
    /// Where something was cleared: when the last of it was said, unless that is kept no longer.
    package var clearedUpTo: Timestamp?

    package init(_ place: Place, before: Place, device: DeviceID? = nil, clearedUpTo: Timestamp? = nil) {
        self.place = place
        self.before = before
        self.device = device
        self.clearedUpTo = clearedUpTo
    }
}

/// A conversation as its user's list shows it.
package struct ConversationSummary: Sendable {
    package var place: Place
    package var lastSequence: UInt64
    /// When something was last said that updates the conversation (``MessageOptions/updatesConversation``).
    package var activeAt: Timestamp
    /// The newest message that the user may see and that updates the conversation.
    package var lastMessage: Entry?
    package var unread: Unread
    /// Of a direct conversation: how far the other has read.
    package var peerReadThrough: UInt64?
    /// The group's or the other user's name, if it has one.
    package var name: String?

    package init(
        place: Place, lastSequence: UInt64, activeAt: Timestamp, lastMessage: Entry?, unread: Unread,
        peerReadThrough: UInt64? = nil, name: String? = nil
    ) {
        self.place = place
        self.lastSequence = lastSequence
        self.activeAt = activeAt
        self.lastMessage = lastMessage
        self.unread = unread
        self.peerReadThrough = peerReadThrough
        self.name = name
    }
}

/// What a user has not read: messages of others that he may see, that count (``MessageOptions/countsAsUnread``) and were not recalled.
package struct Unread: Hashable, Sendable {
    /// Counting ends here: ``count`` is then "this many or more".
    package static let limit = 10_000
    /// Only so many of the newest entries are looked at: where nearly all of them are the user's own, or for others, there is an end too.
    package static let reach: UInt64 = 50_000

    package var count: Int
    /// The newest unread message that mentions the user, by name or with everyone.
    package var mention: UInt64?

    package init(count: Int = 0, mention: UInt64? = nil) {
        self.count = count
        self.mention = mention
    }
}

/// A piece of a user's list: pinned ones first, then by the time of what was last said, newest first.
package struct ConversationPage: Sendable {
    package var summaries: [ConversationSummary]
    /// Where the next piece begins. Nil: this was the last.
    package var next: Bookmark?

    /// A place in the order of the list. What moves up meanwhile is not found again further down.
    package struct Bookmark: Hashable, Sendable {
        package var isPinned: Bool
        package var moment: Timestamp
        /// The store's own number of the conversation, for those of one millisecond.
        package var number: Int64

        package init(isPinned: Bool, moment: Timestamp, number: Int64) {
            self.isPinned = isPinned
            self.moment = moment
            self.number = number
        }
    }

    package init(summaries: [ConversationSummary], next: Bookmark?) {
        self.summaries = summaries
        self.next = next
    }
}
