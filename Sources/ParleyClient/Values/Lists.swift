#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// One line of the user's list of conversations.
public struct ConversationSummary: Hashable, Sendable {
    public var conversation: Conversation
    /// The group's or the other user's name, when it has one.
    public var name: String?
    /// The newest entry's position.
    public var sequence: Int64
    /// When it was last said something.
    public var activeAt: Date?
    /// Messages of others that count; 10,000 means that many or more.
    public var unread: Int
    /// The newest unread message that mentions this user.
    public var mentionSequence: Int64?
    /// How far this user has read.
    public var readSequence: Int64
    public var clearedSequence: Int64
    public var pinnedAt: Date?
    public var isMuted: Bool
    /// How far the other of a direct conversation has read.
    public var peerReadSequence: Int64?
    public var last: Message?

    public var isPinned: Bool { self.pinnedAt != nil }
}

/// What this user has set for a conversation, on any device.
public struct ConversationState: Hashable, Sendable {
    public var conversation: Conversation
    public var readSequence: Int64
    public var clearedSequence: Int64
    public var pinnedAt: Date?
    public var isMuted: Bool
    /// Not in the list, until something is said again.
    public var isRemoved: Bool

    public var isPinned: Bool { self.pinnedAt != nil }
}

/// A page of the list. Given `next`, ``Chat/conversations(from:limit:)`` shows the page that follows.
public struct ConversationPage: Hashable, Sendable {
    public var conversations: [ConversationSummary]
    /// Nil on the last page.
    public var next: String?
}

/// A page of history. It may be short although there is more.
public struct HistoryPage: Hashable, Sendable {
    /// In the order that they were asked for: backwards, newest first; forwards, oldest first.
    public var messages: [Message]
    /// What to give as `before` (or `after`) for the page that follows; nil when there is no more.
    public var next: Int64?
}

/// What is unread in all conversations that are not muted.
public struct Unread: Hashable, Sendable {
    public var messages: Int
    public var conversations: Int
}

/// A page of the groups that the user is in.
public struct GroupPage: Hashable, Sendable {
    public var groups: [Group]
    /// What to give as `after` for the page that follows; nil when there is no more.
    public var next: String?
}

/// A group, and this user's place in it.
public struct Group: Hashable, Sendable {
    public var conversation: Conversation
    public var name: String
    public var owner: UserID?
    /// `owner`, `administrator`, `member`.
    public var role: String
    public var joinedAt: Date?
}

/// A page of a group's members.
public struct MemberPage: Hashable, Sendable {
    public var name: String?
    public var owner: UserID?
    /// How many there are in all.
    public var count: Int
    public var members: [Member]
    /// What to give as `after` for the page that follows; nil when there is no more.
    public var next: UserID?
}

public struct Member: Hashable, Sendable {
    public var user: UserID
    /// `owner`, `administrator`, `member`.
    public var role: String
    /// What the member is called in this group.
    public var nameCard: String?
    public var joinedAt: Date?
}

public struct User: Hashable, Sendable {
    public var user: UserID
    public var name: String?
    /// Where the picture is.
    public var portrait: String?
}

public struct Presence: Hashable, Sendable {
    public var user: UserID
    public var isOnline: Bool
    public var platforms: [String]
}

/// Somebody has read a direct conversation up to here.
public struct ReadMark: Hashable, Sendable {
    public var conversation: Conversation
    public var by: UserID
    public var sequence: Int64
    public var at: Date
}

/// Somebody has read a message whose sender (this user) asked.
public struct Receipt: Hashable, Sendable {
    public var conversation: Conversation
    public var message: MessageID
    public var sequence: Int64?
    public var by: UserID
    public var at: Date
    /// How many have, by now.
    public var readCount: Int
}

/// Who has read a message.
public struct Receipts: Hashable, Sendable {
    public var conversation: Conversation
    public var message: MessageID
    public var sequence: Int64?
    public var readCount: Int
    public var unreadCount: Int
    public var readers: [Reader]

    public struct Reader: Hashable, Sendable {
        public var user: UserID
        public var at: Date
    }
}

/// The server has the message on disk.
public struct Sent: Hashable, Sendable {
    public var conversation: Conversation
    public var message: MessageID
    /// Nil for an ephemeral one.
    public var sequence: Int64?
    public var sentAt: Date
    /// The client's own id.
    public var id: String
    /// It had been sent before, and was not delivered again.
    public var isRepeat: Bool
}

/// The entry that a recall or an edit made.
public struct Change: Hashable, Sendable {
    public var id: MessageID?
    public var sequence: Int64?
}
