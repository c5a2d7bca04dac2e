/// What is said: by whom, to whom, in the common form and in the original's own, and how it is to be treated.
package struct Message: Hashable, Sendable {
    package var sender: UserID
    package var audience: Audience
    package var content: Content
    package var native: Native
    package var options: MessageOptions
    /// Who said it. It stays so whatever a callback makes of it; of what was edited, it is who said what it says now.
    package var origin: MessageOrigin

    /// - Parameter origin: nil: by the dialect; what ParleySocket's clients say is in one that no server API has.
    package init(
        sender: UserID, audience: Audience = .everyone, content: Content, native: Native,
        options: MessageOptions = MessageOptions(), origin: MessageOrigin? = nil
    ) {
        self.sender = sender
        self.audience = audience
        self.content = content
        self.native = native
        self.options = options
        self.origin = origin ?? native.usualOrigin
    }
}

/// Who in the conversation a message is for.
package enum Audience: Hashable, Sendable {
    case everyone
    /// A targeted message: these, and nobody else (RongCloud's toUserId, Easemob's users, Tencent's To_Account).
    case only([UserID])

    package func includes(_ user: UserID) -> Bool {
        switch self {
        case .everyone: true
        case .only(let users): users.contains(user)
        }
    }
}

/// A message as its dialect wrote it.
package struct Native: Hashable, Sendable {
    package var dialect: DialectName
    /// A JSON value. The parts that the vendor's clients see are in it byte for byte as they were sent.
    package var payload: [UInt8]

    package init(dialect: DialectName, payload: [UInt8]) {
        self.dialect = dialect
        self.payload = payload
    }

    /// Of a message of which nothing else is said.
    package var usualOrigin: MessageOrigin { self.dialect == .parley ? .client : .server }
}

/// How a message is to be treated. A default value is what an ordinary message from a client has.
package struct MessageOptions: Hashable, Sendable {
    /// The sender's own devices and history have it too.
    package var reachesSender = true
    /// It is found in history. False: delivered, kept for those offline, and gone (RongCloud's isPersisted=0).
    package var keptInHistory = true
    /// Numbered like any other, but only for readers who were online when it was sent (Tencent's AVChatRoom).
    package var isLiveOnly = false
    /// It adds to unread counts (Tencent's NoUnread, RongCloud's isCounted).
    package var countsAsUnread = true
    /// It becomes the conversation's last message (Tencent's NoLastMsg, RongCloud's disableUpdateLastMsg).
    package var updatesConversation = true
    /// Users who do not find it in history (Easemob's roam_ignore_users).
    package var hiddenFromHistoryOf: [UserID] = []
    package var mention: Mention?
    package var priority = Priority.normal
    /// Its expansion may be changed after it is sent.
    package var isExpandable = false
    package var expansion: [String: String] = [:]
    package var wantsReadReceipts = false
    package var push = PushOptions()
    /// Which callbacks this one message does not make.
    package var forbiddenCallbacks: Set<ForbiddenCallback> = []
    /// What the sender attached beside the content, as text or JSON (Easemob's ext, Tencent's CloudCustomData, RongCloud's extra).
    package var attachment: String?
    /// The caller's own number for the message, where the dialect shows it again (Tencent's Random).
    package var random: UInt32?

    package init() {}

    /// For clients, not for people: delivered, kept for those offline, and gone.
    package mutating func leaveNoTrace() {
        self.keptInHistory = false
        self.countsAsUnread = false
        self.updatesConversation = false
        self.push.isDisabled = true
    }
}

package enum Mention: Hashable, Sendable {
    case everyone
    case users([UserID])
    /// Tencent allows @all and names in one message.
    case everyoneAnd([UserID])
}

/// Higher is delivered first and dropped last.
package enum Priority: Int, Hashable, Comparable, Sendable {
    case lowest = 4
    case low = 3
    case normal = 2
    case high = 1

    /// `low < high`, although the numbers (Tencent's, in history) run the other way.
    package static func < (one: Priority, other: Priority) -> Bool { one.rawValue > other.rawValue }
}

package enum ForbiddenCallback: String, Hashable, Sendable {
    case beforeSend
    case afterSend
}

/// What a push to an offline recipient should look like. Parsed and kept now; sent by the push follower.
package struct PushOptions: Hashable, Sendable {
    /// No push at all.
    package var isDisabled = false
    /// Wakes the app without showing anything.
    package var isSilent = false
    package var title: String?
    package var text: String?
    /// Opaque to everyone but the app.
    package var data: String?
    /// What the app's icon shows; below 0, what it showed before. Nil: how much is unread.
    package var badge: Int?
    /// The whole push configuration as the dialect wrote it, JSON: pushExt, OfflinePushInfo, or the em_ keys of ext.
    package var native: [UInt8]?

    package init() {}
}
