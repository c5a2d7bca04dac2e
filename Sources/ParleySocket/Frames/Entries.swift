import ParleyCore
import ParleyJSON

/// An entry of a conversation's log.
extension JSONWriter {
    mutating func members(of entry: Entry, for end: UserID?) {
        let name = entry.conversation.conversation.name(for: end)
        switch entry.body {
        case .message(let message):
            self.head("message", of: entry, in: name)
            self.members(of: message, entry.fate)
        case .recall(let recall):
            self.head("recall", of: entry, in: name)
            self.members(of: recall)
        case .edit(let edit):
            self.head("edit", of: entry, in: name)
            self.members(of: edit)
        case .notice(let notice):
            self.head("notice", of: entry, in: name)
            self.members(of: notice)
        }
    }

    /// A message as history and lists have it: the same, but that the conversation is named once for all, and that what was recalled is there.
    mutating func listed(_ entry: Entry) {
        self.object { json in
            guard let message = entry.message else { return }
            json.head("message", of: entry, in: nil)
            if entry.isRecalled {
                json.field("from", message.sender.rawValue)
                json.field("recalled", true)
            } else {
                json.members(of: message, entry.fate)
            }
        }
    }

    private mutating func head(_ type: String, of entry: Entry, in conversation: String?) {
        self.field("type", type)
        if let conversation { self.field("conversation", conversation) }
        if let sequence = entry.sequence { self.field("seq", sequence) }
        self.field("id", entry.id.description)
        self.field("sentAt", entry.sentAt.milliseconds)
    }

    private mutating func members(of message: Message, _ fate: Entry.Fate) {
        self.field("from", message.sender.rawValue)
        self.wording(of: message)
        if case .only(let users) = message.audience { self.field("to", users.lazy.map(\.rawValue)) }
        if let edit = fate.edit {
            self.field("edited") { json in
                json.object {
                    $0.field("by", edit.by.rawValue)
                    $0.field("at", edit.at.milliseconds)
                    $0.field("count", edit.count)
                }
            }
        }
    }

    private mutating func wording(of message: Message) {
        self.field("kind", message.content.kind)
        self.field("content") { $0.content(message.content) }
        self.field("native") { json in
            json.object {
                $0.field("dialect", message.native.dialect.rawValue)
                $0.field("payload", raw: message.native.payload)
            }
        }
        if message.options != Self.ordinaryOptions { self.field("options") { $0.options(message.options) } }
    }

    private static let ordinaryOptions = MessageOptions()

    private mutating func members(of recall: Recall) {
        self.field("target", recall.target.description)
        if let sequence = recall.targetSequence { self.field("targetSeq", sequence) }
        self.field("by", recall.by.rawValue)
        if recall.byAdministrator { self.field("byAdministrator", true) }
        if recall.leavesNoTrace { self.field("leavesNoTrace", true) }
        if let reason = recall.reason { self.field("reason", reason) }
        if let attachment = recall.attachment { self.field("attachment", attachment) }
    }

    private mutating func members(of edit: Edit) {
        self.field("target", edit.target.description)
        if let sequence = edit.targetSequence { self.field("targetSeq", sequence) }
        self.field("by", edit.mark.by.rawValue)
        if edit.byAdministrator { self.field("byAdministrator", true) }
        self.field("count", edit.mark.count)
        self.wording(of: edit.message)
    }

    private mutating func members(of notice: Notice) {
        switch notice {
        case .joined(let users, let by): self.notice("joined", users, by)
        case .left(let users): self.notice("left", users, nil)
        case .removed(let users, let by): self.notice("removed", users, by)
        case .changed(let by): self.notice("changed", [], by)
        }
    }

    private mutating func notice(_ event: String, _ users: [UserID], _ by: UserID?) {
        self.field("event", event)
        if !users.isEmpty { self.field("users", users.lazy.map(\.rawValue)) }
        if let by { self.field("by", by.rawValue) }
    }
}

// MARK: As the document has them

extension Frame {
    private static let head: [Schema.Member] = [
        .optional(
            "seq", .sequence, "position in the conversation, from 1; absent: not stored, and it will not come again"),
        Schema.Member("id", .messageID), Schema.Member("sentAt", .moment),
    ]

    private static let wording: [Schema.Member] = [
        Schema.Member("kind", .choice(Schema.kinds)), Schema.Member("content", .shared("content")),
        Schema.Member("native", .shared("native")), .optional("options", .shared("options")),
    ]

    private static let target: [Schema.Member] = [
        Schema.Member("target", .messageID, "the message's id"), .optional("targetSeq", .sequence),
        Schema.Member("by", .userID),
        .optional("byAdministrator", .yes, "by the right of one who may do so to others' messages"),
    ]

    private static let conversationName = Schema.Member("conversation", .conversation)
    private static let to = Schema.Member.optional("to", .list(.userID), "the members whom alone it is for")

    static let message = Frame(
        "message", "Something was said.",
        [Self.conversationName] + Self.head + [Schema.Member("from", .userID)] + Self.wording
            + [Self.to, .optional("edited", .shared("edited"))])

    static let recall = Frame(
        "recall", "A message was taken back. Who has not got it yet never gets it.",
        [Self.conversationName] + Self.head + Self.target + [
            .optional("leavesNoTrace", .yes, "show no \"was recalled\" line"), .optional("reason", .text),
            .optional("attachment", .text),
        ])

    static let edit = Frame(
        "edit", "A message was changed: what it says now. Who has not got it yet gets it as it is now.",
        [Self.conversationName] + Self.head + Self.target + [
            Schema.Member("count", .count, "how often it has been changed")
        ] + Self.wording)

    static let notice = Frame(
        "notice", "Something happened to the group.",
        [Self.conversationName] + Self.head + [
            Schema.Member("event", .choice(["joined", "left", "removed", "changed"])),
            .optional("users", .list(.userID), "whom it is about"), .optional("by", .userID, "who did it"),
        ])

    /// A ``message`` in history and lists.
    fileprivate static let listed: [Schema.Member] =
        [Schema.Member("type", .choice(["message"]))] + Self.head + [Schema.Member("from", .userID)]
        + Self.wording.map { .optional($0.name, $0.schema) }
        + [
            Self.to, .optional("edited", .shared("edited")),
            .optional("recalled", .yes, "it was taken back: `kind`, `content`, `native` and `options` are left out"),
        ]
}

extension Schema {
    static let listedMessage = Schema(
        .object(Frame.listed, others: .ignored), "a `message` frame without its conversation")
}
