/// Something that a backend is called about, with what its form needs to know beside it.
package struct CallbackSubject: Sendable {
    package var app: App
    package var occurrence: Occurrence
    /// The group that it happened in, as it is now.
    package var group: Group?
    /// What a recall, an edit or a receipt is about, where it is still there.
    package var target: Entry?
    /// How many direct messages the one has not read whom this was said to. Nil: it is not told, or was said to a group.
    package var unread: Int?
    /// Where a vendor makes several calls about one occurrence: which of them.
    package var part = CallbackPart.whole

    package init(app: App, occurrence: Occurrence, group: Group? = nil, target: Entry? = nil) {
        self.app = app
        self.occurrence = occurrence
        self.group = group
        self.target = target
    }

    package init(app: App, entry: Entry, group: Group? = nil, target: Entry? = nil) {
        self.init(app: app, occurrence: .entry(entry), group: group, target: target)
    }
}

/// One of the calls about an occurrence.
package enum CallbackPart: Hashable, Sendable {
    /// The only one, or what is told of it as a whole.
    case whole
    /// What concerns this user.
    case user(UserID)
    /// The message waits for this user, who was not connected when it was told.
    case absent(UserID)
    /// One side of it, by the vendor's name.
    case side(String)
}

/// A message that a backend is asked about before it is taken.
package struct SendAttempt: Sendable {
    package var app: App
    package var send: Send
    package var group: Group?
    /// Names the attempt in the call. The message, if it is taken, gets another.
    package var id: MessageID

    package init(app: App, send: Send, group: Group? = nil, id: MessageID) {
        self.app = app
        self.send = send
        self.group = group
        self.id = id
    }
}

/// What a backend said about a message.
package enum CallbackDecision: Sendable {
    case deliver
    /// Deliver this instead. Who says it to whom stays as it was.
    case replace(Message)
    /// The sender is told, with the backend's own code and words where it gave some.
    case refuse(code: Int?, reason: String?)
    /// The sender is told that all went well.
    case drop
}
