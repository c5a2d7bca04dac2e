/// What an append answers.
package struct Receipt: Hashable, Sendable {
    package var id: MessageID
    /// Nil for what is not stored.
    package var sequence: UInt64?
    /// The message was sent before, within its deduplication key's lifetime: this is the first one's receipt, and nothing was delivered again.
    package var isRepeat: Bool
    /// The message was admitted and then dropped; the sender is told so where the dialect can say it.
    package var dropped: DropReason?

    package init(id: MessageID, sequence: UInt64?, isRepeat: Bool = false, dropped: DropReason? = nil) {
        self.id = id
        self.sequence = sequence
        self.isRepeat = isRepeat
        self.dropped = dropped
    }

    package var sentAt: Timestamp { self.id.sentAt }
}

package enum DropReason: Hashable, Sendable {
    /// The group's frequency control (Tencent's MsgFreqCtrl).
    case frequency
}

/// What is to be appended. Sequence, id and time are the log's to give.
package struct Draft: Sendable {
    package var conversation: ConversationID
    package var body: Entry.Body
    package var deduplication: DeduplicationKey?

    package init(conversation: ConversationID, body: Entry.Body, deduplication: DeduplicationKey? = nil) {
        self.conversation = conversation
        self.body = body
        self.deduplication = deduplication
    }
}

/// Two drafts in one conversation with equal keys, the second within the first one's lifetime, are one message.
package struct DeduplicationKey: Hashable, Sendable {
    package var key: String
    package var lifetimeSeconds: Int64

    package init(_ key: String, lifetimeSeconds: Int64) {
        self.key = key
        self.lifetimeSeconds = lifetimeSeconds
    }
}
