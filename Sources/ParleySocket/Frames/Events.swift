import ParleyCore
import ParleyHub
import ParleyJSON

/// What those who are connected are told, and no log keeps.
extension JSONWriter {
    mutating func members(of event: Event, for end: UserID?) {
        switch event {
        case .place(let change):
            let place = change.place
            self.field("type", "conversation")
            self.members(of: place, named: place.conversation.name(for: end ?? place.user))
        case .membership(let conversation, let isMember):
            self.head("membership", conversation, end)
            self.field("member", isMember)
        case .deleted(let conversation, let messages):
            self.head("deleted", conversation, end)
            self.field("messages", messages.lazy.map(\.description))
        case .read(let conversation, let by, let sequence, let at):
            self.head("read", conversation, end)
            self.field("by", by.rawValue)
            self.field("seq", sequence)
            self.field("at", at.milliseconds)
        case .acknowledged(let conversation, let acknowledgement, let by, let at):
            self.head("receipt", conversation, end)
            self.field("message", acknowledgement.id.description)
            self.field("seq", acknowledgement.sequence)
            self.field("by", by.rawValue)
            self.field("at", at.milliseconds)
            self.field("readCount", acknowledgement.readCount)
        case .typing(let conversation, let from, let isTyping):
            self.head("typing", conversation, end)
            self.field("from", from.rawValue)
            self.field("typing", isTyping)
        case .presence(let user, let connections):
            self.field("type", "presence")
            self.field("user", user.rawValue)
            self.field("online", !connections.isEmpty)
            self.field("platforms", Set(connections.map(\.platform)).sorted())
        // Nothing here shows attributes, pinned messages, contacts or what users say of themselves, or what other protocols' clients have got; and that a room has ended, its
        // members are told by `membership`.
        case .delivered, .status, .subscriptions, .contact, .attributes, .pinned, .group, .reacted, .thread, .ended:
            break
        }
    }

    private mutating func head(_ type: String, _ conversation: Conversation, _ end: UserID?) {
        self.field("type", type)
        self.field("conversation", conversation.name(for: end))
    }
}

extension Frame {
    static let read = Frame(
        "read", "The other user of a direct conversation has read up to `seq`.",
        [
            Schema.Member("conversation", .conversation), Schema.Member("by", .userID), Schema.Member("seq", .sequence),
            Schema.Member("at", .moment),
        ])
    static let receipt = Frame(
        "receipt", "Somebody has read a message of this user that asked for receipts.",
        [
            Schema.Member("conversation", .conversation), Schema.Member("message", .messageID),
            Schema.Member("seq", .sequence), Schema.Member("by", .userID), Schema.Member("at", .moment),
            Schema.Member("readCount", .count, "how many have read it by now"),
        ])
    static let membership = Frame(
        "membership", "The user is in a group from now on, or no longer.",
        [Schema.Member("conversation", .conversation), Schema.Member("member", .boolean)])
    static let deleted = Frame(
        "deleted", "The user has hidden messages from himself, on whichever device.",
        [Schema.Member("conversation", .conversation), Schema.Member("messages", .list(.messageID))])
    static let typing = Frame(
        "typing", "Somebody is writing, or has stopped.",
        [
            Schema.Member("conversation", .conversation), Schema.Member("from", .userID),
            Schema.Member("typing", .boolean),
        ])
    static let presence = Frame(
        "presence", "Who is watched came online, went offline, or changed devices.",
        [
            Schema.Member("user", .userID), Schema.Member("online", .boolean),
            Schema.Member("platforms", .list(.text), "of his devices, each once"),
        ])
}
