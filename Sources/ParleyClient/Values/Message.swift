#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A message as this user may see it.
public struct Message: Hashable, Sendable {
    public var conversation: Conversation
    /// Its position in the conversation, from 1. Nil: not stored, and it will not come again.
    public var sequence: Int64?
    public var id: MessageID
    public var sentAt: Date
    /// The sender: also on the sender's own devices.
    public var from: UserID
    /// Nil when it was recalled.
    public var content: Content?
    public var options = MessageOptions()
    /// The members of the group whom alone it is for; empty when it is for all.
    public var to: [UserID] = []
    /// When it is no longer what was sent.
    public var edited: EditMark?
    /// As the sender's dialect wrote it.
    public var native: Native?

    /// It was taken back. In history and lists only.
    public var isRecalled: Bool { self.content == nil }

    public init(
        conversation: Conversation, sequence: Int64?, id: MessageID, sentAt: Date, from: UserID, content: Content?
    ) {
        self.conversation = conversation
        self.sequence = sequence
        self.id = id
        self.sentAt = sentAt
        self.from = from
        self.content = content
    }

    public struct EditMark: Hashable, Sendable {
        public var by: UserID
        public var at: Date
        /// How often it was edited so far.
        public var count: Int
    }

    /// A message in a vendor's own form.
    public struct Native: Hashable, Sendable {
        /// `rongcloud`, `easemob`, `tencent` or `parley`.
        public var dialect: String
        /// JSON.
        public var payload: String
    }
}

/// A message was taken back.
public struct Recall: Hashable, Sendable {
    public var conversation: Conversation
    public var sequence: Int64?
    public var id: MessageID
    public var at: Date
    /// The message that is gone.
    public var target: MessageID
    public var targetSequence: Int64?
    public var by: UserID
    public var byAdministrator: Bool
    /// Show no "was recalled" line.
    public var leavesNoTrace: Bool
    public var reason: String?
    public var attachment: String?
}

/// A message was changed.
public struct Edit: Hashable, Sendable {
    public var conversation: Conversation
    public var sequence: Int64?
    public var id: MessageID
    public var at: Date
    /// The message that is different now.
    public var target: MessageID
    public var targetSequence: Int64?
    public var by: UserID
    public var byAdministrator: Bool
    /// How often it was edited so far.
    public var count: Int
    public var content: Content
    public var options: MessageOptions
    public var attachment: String?
}

/// Something happened to a group.
public struct Notice: Hashable, Sendable {
    public var conversation: Conversation
    public var sequence: Int64?
    public var id: MessageID
    public var at: Date
    public var kind: Kind
    /// Whom it is about.
    public var users: [UserID]
    public var by: UserID?

    public enum Kind: Hashable, Sendable {
        case joined, left, removed, changed
        case other(String)

        init(_ name: String) {
            switch name {
            case "joined": self = .joined
            case "left": self = .left
            case "removed": self = .removed
            case "changed": self = .changed
            default: self = .other(name)
            }
        }
    }
}

/// Entries that are not sent: those after `after` and before `before`. What is still kept is found with ``Chat/history(of:after:limit:)``.
public struct Gap: Hashable, Sendable {
    public var conversation: Conversation
    public var after: Int64
    public var before: Int64
    public var reason: Reason

    public enum Reason: Hashable, Sendable {
        /// The device was away for longer than messages are kept for it.
        case retention
        /// More was missed than ``Chat/Configuration/catchUpLimit`` allows.
        case limit
        case other(String)

        init(_ name: String) {
            switch name {
            case "retention": self = .retention
            case "limit": self = .limit
            default: self = .other(name)
            }
        }
    }
}
