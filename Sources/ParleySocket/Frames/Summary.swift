import ParleyCore
import ParleyJSON

/// A conversation as its user's list shows it.
extension JSONWriter {
    mutating func members(of summary: ConversationSummary, for user: UserID) {
        let place = summary.place
        self.field("conversation", place.conversation.name(for: user))
        if let name = summary.name { self.field("name", name) }
        self.field("seq", summary.lastSequence)
        self.field("activeAt", summary.activeAt.milliseconds)
        self.field("unread", summary.unread.count)
        if let mention = summary.unread.mention { self.field("mentionSeq", mention) }
        self.field("readSeq", place.readThrough)
        self.field("clearedSeq", place.clearedThrough)
        if let pinnedAt = place.pinnedAt { self.field("pinnedAt", pinnedAt.milliseconds) }
        if place.isMuted { self.field("muted", true) }
        if let sequence = summary.peerReadThrough { self.field("peerReadSeq", sequence) }
        if let last = summary.lastMessage { self.field("last") { $0.listed(last) } }
    }
}

extension Schema {
    static let summary = Schema(
        .object(
            [
                Member("conversation", .conversation), .optional("name", .text, "the group's or the other user's"),
                Member("seq", .sequence, "the conversation's last"), Member("activeAt", .moment),
                Member("unread", .count, "10,000: that many or more"),
                .optional("mentionSeq", .sequence, "the newest unread message that mentions the user"),
                Member("readSeq", .sequence), Member("clearedSeq", .sequence), .optional("pinnedAt", .moment),
                .optional("muted", .yes),
                .optional("peerReadSeq", .sequence, "how far the other of a direct conversation has read"),
                .optional("last", .shared("listedMessage"), "the newest that updates the conversation"),
            ], others: .ignored), "a conversation as its user's list shows it")
}
