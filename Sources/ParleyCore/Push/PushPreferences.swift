/// What a user wants to be woken by: in general, in all conversations of a kind, or in one.
package struct PushPreferences: Hashable, Sendable {
    /// Nil: as the wider scope has it (in the widest: everything).
    package var level: PushLevel?
    package var quietHours: QuietHours?
    /// Quiet until then.
    package var quietUntil: Timestamp?
    /// Only in the widest scope: whether names and texts are shown, or only that there is something.
    package var showsDetails: Bool?
    /// Only in the widest scope: `zh`, `en-US` …: which texts and templates the user gets.
    package var language: String?
    /// Only in the widest scope: the template that the user wants notices made from.
    package var template: String?

    package init() {}

    package var isEmpty: Bool { self == PushPreferences() }
}

/// Which messages ring.
package enum PushLevel: String, Hashable, Sendable, CaseIterable {
    case all
    /// Those that mention the user, by name or with everyone.
    case mentions
    case mentionsByName = "mentions-by-name"
    case mentionsOfEveryone = "mentions-of-everyone"
    case none
}

/// A time of each day, in the App's time zone (``AppSettings/pushOffsetMinutes``).
package struct QuietHours: Hashable, Sendable {
    /// Seconds after midnight.
    package var start: Int
    /// Past midnight too. At most a day.
    package var seconds: Int
    /// What rings even then.
    package var level: PushLevel

    package init(start: Int, seconds: Int, level: PushLevel = .none) {
        self.start = start
        self.seconds = seconds
        self.level = level
    }
}

/// Where a preference holds. The narrower goes first.
package enum PushScope: Hashable, Sendable {
    case everywhere
    case groups
    case direct
    case conversation(Conversation)
}

/// A title and a text to be filled in, for notices in one language (empty: in any).
package struct PushTemplate: Hashable, Sendable {
    package var name: String
    package var language: String
    package var title: String
    package var text: String
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        name: String, language: String, title: String, text: String, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.name = name
        self.language = language
        self.title = title
        self.text = text
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
