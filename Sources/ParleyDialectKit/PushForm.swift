package import ParleyCore

/// How one vendor's messages are pushed, and what its client library expects to find in a notice. No I/O.
package protocol PushForm: Sendable {
    /// What a phone shows of a message that was sent in this dialect: what the sender said of it, else the vendor's usual words for its kind. Nil: such a
    /// message is not pushed.
    static func look(of subject: PushSubject) -> PushLook?

    /// What the app on the phone finds beside what is shown, when it has this vendor's client library; whatever dialect the message was sent in.
    static func payload(of subject: PushSubject, at kind: PushProvider.Kind) -> [PushField]
}

/// A message that one user is to be told of, with what its form needs to know beside it.
package struct PushSubject: Sendable {
    package var app: App
    package var entry: Entry
    package var message: Message
    package var conversation: Conversation
    /// The group that it was said in.
    package var group: Group?
    /// Nil: nobody knows more than the id.
    package var sender: User?
    package var recipient: UserID
    /// What the recipient wants in general.
    package var preferences: PushPreferences
    /// The App's, all languages.
    package var templates: [PushTemplate]

    package init(
        app: App, entry: Entry, message: Message, group: Group? = nil, sender: User? = nil, recipient: UserID,
        preferences: PushPreferences = PushPreferences(), templates: [PushTemplate] = []
    ) {
        self.app = app
        self.entry = entry
        self.message = message
        self.conversation = entry.conversation.conversation
        self.group = group
        self.sender = sender
        self.recipient = recipient
        self.preferences = preferences
        self.templates = templates
    }

    package var senderName: String { self.sender?.name ?? self.message.sender.rawValue }

    /// The template of this name in the recipient's language, else in one that is nearly his (`zh` for `zh-CN`), else the one without a language.
    package func template(_ name: String) -> PushTemplate? {
        let ofName = self.templates.filter { $0.name == name }
        let wanted = self.preferences.language?.lowercased() ?? ""
        let family = String(wanted.prefix { $0 != "-" && $0 != "_" })
        return ofName.first { $0.language.lowercased() == wanted }
            ?? ofName.first { $0.language.lowercased().prefix { $0 != "-" && $0 != "_" } == family && !family.isEmpty }
            ?? ofName.first { $0.language.isEmpty }
    }
}
