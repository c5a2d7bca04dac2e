/// How a message is treated, where that is not the ordinary way.
public struct MessageOptions: Hashable, Sendable {
    /// Whether ``Chat/history(of:before:limit:)`` shows it.
    public var isKeptInHistory = true
    public var countsAsUnread = true
    /// Whether it becomes the conversation's last message and moves it up the list.
    public var updatesConversation = true
    public var mention: Mention?
    public var priority = Priority.normal
    /// Readers are reported to the sender: ``Chat/Event/receipt(_:)``, ``Chat/receipts(for:)``.
    public var wantsReadReceipts = false
    public var push = Push()
    /// A string that goes with the message, for the app's own use.
    public var attachment: String?
    /// Whether the sender's own devices get it, this one included.
    public var reachesSender = true

    /// Only for those who were connected when it was sent. Of received messages: a client cannot choose it.
    public internal(set) var isLiveOnly = false
    /// Keys and values that were set on the message. Of received messages: a client cannot choose them.
    public internal(set) var expansion: [String: String] = [:]

    public init() {}
    /// With these users told that they are meant.
    public init(mention: Mention) { self.mention = mention }

    public struct Mention: Hashable, Sendable {
        public var everyone: Bool
        public var users: [UserID]

        public init(everyone: Bool = false, users: [UserID] = []) {
            self.everyone = everyone
            self.users = users
        }

        public func includes(_ user: UserID) -> Bool { self.everyone || self.users.contains(user) }
    }

    /// What is dropped first when a room has more to say than can be shown.
    public enum Priority: String, Hashable, Sendable { case high, normal, low, lowest }

    /// What is shown to devices that are not connected.
    public struct Push: Hashable, Sendable {
        public var title: String?
        public var text: String?
        public var data: String?
        public var isDisabled = false
        public var isSilent = false

        public init() {}
    }
}
