import ParleyCore

extension EntryBody {
    /// What is asked of many entries at once, so that nobody needs to read their records for it. The columns' numbers are the cases'.
    struct Traits: Sendable {
        var counts = Counts.never
        var mentions = Mentions.nobody
        var wantsReceipts = false
        /// It is kept, and becomes the conversation's last message: its time is the conversation's in lists.
        var isActivity = false
        /// The message that an edit is about.
        var target: MessageID?

        enum Counts: Int, Sendable {
            case never = 0
            case forEveryoneElse = 1
            case asRecorded = 2
        }

        enum Mentions: Int, Sendable {
            case nobody = 0
            case everyone = 1
            case asRecorded = 2
        }

        /// As the columns are when nothing is said of them.
        var isOrdinary: Bool {
            self.counts == .forEveryoneElse && self.mentions == .nobody && !self.wantsReceipts && self.target == nil
        }

        init() {}

        /// What reaches only those who are online waits for nobody, and does not count; what is not kept in history is waited for, and does.
        init(_ message: Message) {
            let options = message.options
            if options.countsAsUnread, !options.isLiveOnly {
                self.counts = message.isForEveryone ? .forEveryoneElse : .asRecorded
            }
            switch options.mention {
            case nil: break
            case .everyone, .everyoneAnd: self.mentions = .everyone
            case .users: self.mentions = .asRecorded
            }
            self.wantsReceipts = options.wantsReadReceipts
            self.isActivity = options.updatesConversation && options.keptInHistory && !options.isLiveOnly
        }
    }
}

extension Message {
    /// Whether it mentions `user`, by name or with everyone.
    func mentions(_ user: UserID) -> Bool {
        switch self.options.mention {
        case nil: false
        case .everyone, .everyoneAnd: true
        case .users(let users): users.contains(user)
        }
    }
}
