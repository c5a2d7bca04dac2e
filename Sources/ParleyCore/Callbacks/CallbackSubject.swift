/// Something in the log that a backend is called about, with what its form needs to know beside it.
package struct CallbackSubject: Sendable {
    package var app: App
    package var entry: Entry
    /// The group that it happened in, as it is now.
    package var group: Group?
    /// What a recall or an edit is about, where it is still there.
    package var target: Entry?

    package init(app: App, entry: Entry, group: Group? = nil, target: Entry? = nil) {
        self.app = app
        self.entry = entry
        self.group = group
        self.target = target
    }

    package var topic: CallbackTopic {
        switch self.entry.body {
        case .message: .message
        case .recall: .recall
        case .edit: .edit
        case .notice: .group
        }
    }
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
