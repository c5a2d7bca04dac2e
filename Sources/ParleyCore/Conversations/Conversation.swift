/// What has a log and a sequence, inside an App.
package enum Conversation: Hashable, Sendable {
    case direct(DirectPair)
    case group(GroupID)
    case room(RoomID)
    /// What the App says to one user, outside any dialogue.
    case system(UserID)

    package static func direct(_ one: UserID, _ other: UserID) -> Conversation { .direct(DirectPair(one, other)) }
}

/// The two users of a direct conversation, in an order that does not depend on who wrote first. A user may write to himself.
package struct DirectPair: Hashable, Sendable {
    package let lesser: UserID
    package let greater: UserID

    package init(_ one: UserID, _ other: UserID) {
        (self.lesser, self.greater) = one < other ? (one, other) : (other, one)
    }

    /// The one who is not `user`.
    package func peer(of user: UserID) -> UserID { user == self.lesser ? self.greater : self.lesser }
}

/// A conversation and the App it is in.
package struct ConversationID: Hashable, Sendable {
    package let app: AppID
    package let conversation: Conversation

    package init(app: AppID, _ conversation: Conversation) {
        self.app = app
        self.conversation = conversation
    }
}
