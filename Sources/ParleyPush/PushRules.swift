import ParleyCore

/// Whether a message makes a user's phone ring. No I/O.
struct PushRules {
    /// What is older is no news: a provider that was gone for a day does not bring yesterday's.
    static let stalest: Int64 = 24 * 3600

    let user: UserID
    let message: Message
    let look: PushLook
    /// The user's, by scope.
    let preferences: [PushScope: PushPreferences]
    let conversation: Conversation
    /// In a group: the user's place there.
    let member: Member?
    /// The user wants nothing in this conversation to ring (``Place/isMuted``).
    let isMuted: Bool
    let now: Timestamp
    /// Minutes east of Greenwich: where the App's days begin.
    let offsetMinutes: Int

    var mayRing: Bool {
        guard !self.message.options.push.isDisabled, self.member?.delivery != .discard else { return false }
        if self.look.isForced { return true }
        return self.level.includes(self.mentioned)
    }

    /// The narrower scope goes before the wider; a time of quiet holds beside it.
    private var level: PushLevel {
        let ofConversation = self.preferences[.conversation(self.conversation)]?.level
        var level =
            PushLevel.combined(ofConversation, isMuted: self.isMuted)
            ?? self.scopes.dropFirst().lazy.compactMap { self.preferences[$0]?.level }.first ?? .all
        for scope in self.scopes {
            guard let preferences = self.preferences[scope] else { continue }
            if let until = preferences.quietUntil, until > self.now { return .none }
            if let quiet = preferences.quietHours, quiet.contains(self.now, offsetMinutes: self.offsetMinutes) {
                level = level.and(quiet.level)
            }
        }
        return level
    }

    private var scopes: [PushScope] {
        switch self.conversation {
        case .group, .room: [.conversation(self.conversation), .groups, .everywhere]
        case .direct: [.conversation(self.conversation), .direct, .everywhere]
        case .system: [.conversation(self.conversation), .everywhere]
        }
    }

    private var mentioned: PushLevel.Mentioned {
        switch self.message.options.mention {
        case nil: []
        case .everyone: .everyone
        case .users(let users): users.contains(self.user) ? .byName : []
        case .everyoneAnd(let users): users.contains(self.user) ? [.everyone, .byName] : .everyone
        }
    }
}

extension PushLevel {
    struct Mentioned: OptionSet {
        let rawValue: Int
        static let byName = Mentioned(rawValue: 1)
        static let everyone = Mentioned(rawValue: 2)
    }

    /// What rings, of messages that mention nobody, the user, everyone.
    private var rings: (plain: Bool, mentioned: Mentioned) {
        switch self {
        case .all: (true, [.byName, .everyone])
        case .mentions: (false, [.byName, .everyone])
        case .mentionsByName: (false, .byName)
        case .mentionsOfEveryone: (false, .everyone)
        case .none: (false, [])
        }
    }

    func includes(_ mentioned: Mentioned) -> Bool {
        self.rings.plain || !self.rings.mentioned.isDisjoint(with: mentioned)
    }

    /// What rings by both.
    func and(_ other: PushLevel) -> PushLevel {
        if self == .all { return other }
        if other == .all { return self }
        let mentioned = self.rings.mentioned.intersection(other.rings.mentioned)
        return switch mentioned {
        case [.byName, .everyone]: .mentions
        case .byName: .mentionsByName
        case .everyone: .mentionsOfEveryone
        case _: .none
        }
    }
}

extension QuietHours {
    func contains(_ moment: Timestamp, offsetMinutes: Int) -> Bool {
        let day: Int64 = 24 * 3600
        let local = moment.milliseconds / 1000 + Int64(offsetMinutes) * 60
        let second = ((local - Int64(self.start)) % day + day) % day
        return second < Int64(self.seconds)
    }
}
