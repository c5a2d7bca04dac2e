/// One thing in a conversation's log. Immutable and shared by everyone who reads it.
package final class Entry: Sendable {
    package let conversation: ConversationID
    /// Position in the conversation: 1, 2, 3 …, no gaps. Nil for what is not stored.
    package let sequence: UInt64?
    package let id: MessageID
    package let body: Body
    /// What became of it since.
    package let fate: Fate

    package enum Body: Hashable, Sendable {
        case message(Message)
        case recall(Recall)
        case edit(Edit)
        case notice(Notice)

        /// What a message, or an edit, becomes when the message is treated otherwise; nil: it is neither.
        package func amended(_ options: MessageOptions) -> Body? {
            switch self {
            case .message(var message):
                message.options = options
                return .message(message)
            case .edit(var edit):
                edit.message.options = options
                return .edit(edit)
            case .recall, .notice: return nil
            }
        }
    }

    package struct Fate: Hashable, Sendable {
        /// Taken back. Of an edit: its message was, or was edited again.
        package var isRecalled = false
        /// It vanished without a "was recalled" line (``Recall/leavesNoTrace``).
        package var leavesNoTrace = false
        /// The message is no longer what was sent, but what it was changed to last.
        package var edit: EditMark?

        package init(isRecalled: Bool = false, leavesNoTrace: Bool = false, edit: EditMark? = nil) {
            self.isRecalled = isRecalled
            self.leavesNoTrace = leavesNoTrace
            self.edit = edit
        }
    }

    package init(conversation: ConversationID, sequence: UInt64?, id: MessageID, body: Body, fate: Fate = Fate()) {
        self.conversation = conversation
        self.sequence = sequence
        self.id = id
        self.body = body
        self.fate = fate
    }

    package var sentAt: Timestamp { self.id.sentAt }
    package var isRecalled: Bool { self.fate.isRecalled }
    package var edit: EditMark? { self.fate.edit }

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
    /// Who is told: those who could see the message, its sender, and who took it back.
    package var audience: Audience
    /// But not he, who said it. Nil: he too.
    package var untold: UserID?

    package init(
        target: MessageID, targetSequence: UInt64? = nil, by: UserID, byAdministrator: Bool = false,
        leavesNoTrace: Bool = false, reason: String? = nil, attachment: String? = nil, audience: Audience = .everyone,
        untold: UserID? = nil
    ) {
        self.target = target
        self.targetSequence = targetSequence
        self.by = by
        self.byAdministrator = byAdministrator
        self.leavesNoTrace = leavesNoTrace
        self.reason = reason
        self.attachment = attachment
        self.audience = audience
        self.untold = untold
    }
}

/// Changes what a message says.
package struct Edit: Hashable, Sendable {
    package var target: MessageID
    package var targetSequence: UInt64?
    /// As it is now.
    package var message: Message
    package var mark: EditMark
    package var byAdministrator: Bool

    package init(
        target: MessageID, targetSequence: UInt64? = nil, message: Message, mark: EditMark,
        byAdministrator: Bool = false
    ) {
        self.target = target
        self.targetSequence = targetSequence
        self.message = message
        self.mark = mark
        self.byAdministrator = byAdministrator
    }
}

/// By whom and when a message was changed last.
package struct EditMark: Hashable, Sendable {
    package var by: UserID
    package var at: Timestamp
    /// How often the message has been changed.
    package var count: Int

    package init(by: UserID, at: Timestamp, count: Int) {
        self.by = by
        self.at = at
        self.count = count
    }
}

/// What happened to a group, told in its conversation (Tencent's group tips).
package enum Notice: Hashable, Sendable {
    case joined([UserID], by: UserID?)
    case left([UserID])
    case removed([UserID], by: UserID?)
    case changed(by: UserID?)
}
