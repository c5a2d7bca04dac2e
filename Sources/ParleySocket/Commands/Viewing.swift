import ParleyCore
import ParleyJSON

extension Command {
    static let conversation = Command(
        "conversation", "Changes how the user sees a conversation, on all of his devices. Only what is named changes.",
        required("conversation", Shapes.conversation), optional("pinned", Shapes.flag),
        optional("muted", Shapes.flag, "in a group: the member's setting that the vendors' APIs show"),
        optional(
            "removed", Shapes.flag, "true: not in the list until something is said again; false: in the list at once"),
        optional("cleared", Shapes.agreement, "true: what was said so far is hidden from this user"),
        answer: .conversation
    ) { conversation, isPinned, isMuted, isRemoved, isCleared in
        .effect { asker in
            try await asker.requireConversation(conversation)
            let place = try await asker.core.changePlace(in: conversation, of: asker.user, in: asker.app) {
                place, last, now in
                if let isPinned { place.pinnedAt = isPinned ? place.pinnedAt ?? now : nil }
                if let isMuted { place.isMuted = isMuted }
                if let isRemoved { place.removedThrough = isRemoved ? last : nil }
                if isCleared == true {
                    place.clearedThrough = max(place.clearedThrough, last)
                    place.readThrough = max(place.readThrough, last)
                }
            }
            let name = conversation.name(for: asker.user)
            return Answer(.conversation) { $0.members(of: place, named: name) }
        }
    }
}

extension JSONWriter {
    mutating func members(of place: Place, named name: String) {
        self.field("conversation", name)
        self.field("readSeq", place.readThrough)
        self.field("clearedSeq", place.clearedThrough)
        if let pinnedAt = place.pinnedAt { self.field("pinnedAt", pinnedAt.milliseconds) }
        if place.isMuted { self.field("muted", true) }
        if place.removedThrough != nil { self.field("removed", true) }
    }
}

extension Frame {
    static let conversation = Frame(
        "conversation", "How the user sees a conversation, when it changed on any device, or as an answer.",
        isAnswer: true,
        [
            Schema.Member("conversation", .conversation),
            Schema.Member("readSeq", .sequence, "how far the user has read"),
            Schema.Member("clearedSeq", .sequence, "up to here nothing is shown"),
            .optional("pinnedAt", .moment), .optional("muted", .yes), .optional("removed", .yes),
        ])
}
