/// One thing in a conversation's log. Immutable and shared by everyone who reads it.
package final class Entry: Sendable {
    package let conversation: ConversationID
    /// Position in the conversation: 1, 2, 3 …, no gaps. Nil for what is not stored.
    package let sequence: UInt64?
    package let id: MessageID
    package let body: Body
    /// Its message was recalled since.
    package let isRecalled: Bool

    package enum Body: Hashable, Sendable {
        case message(Message)
        case recall(Recall)
        case notice(Notice)
    }

    package init(conversation: ConversationID, sequence: UInt64?, id: MessageID, body: Body, isRecalled: Bool = false) {
        self.conversation = conversation
        self.sequence = sequence
        self.id = id
        self.body = body
        self.isRecalled = isRecalled
    }

    package var sentAt: Timestamp { self.id.sentAt }

    package var message: Message? {
        if case .message(let message) = self.body { message } else { nil }
    }
}

/// Takes a message back.
package struct Recall: Hashable, Sendable {
    package var target: MessageID
    package var targetSequence: UInt64?
    package var by: UserID
    package var byAdministrator: Bool
    /// The message vanishes without a "was recalled" line (RongCloud's isDelete).
    package var leavesNoTrace: Bool
    package var reason: String?
    /// What the caller attached (RongCloud's extra, Easemob's recallMessageExtensionInfo).
    package var attachment: String?

    package init(
        target: MessageID, targetSequence: UInt64? = nil, by: UserID, byAdministrator: Bool = false,
        leavesNoTrace: Bool = false, reason: String? = nil, attachment: String? = nil
    ) {
        self.target = target
        self.targetSequence = targetSequence
        self.by = by
        self.byAdministrator = byAdministrator
        self.leavesNoTrace = leavesNoTrace
        self.reason = reason
        self.attachment = attachment
    }
}

/// What happened to a group, told in its conversation (Tencent's group tips).
package enum Notice: Hashable, Sendable {
    case joined([UserID], by: UserID?)
    case left([UserID])
    case removed([UserID], by: UserID?)
    case changed(by: UserID?)
}
