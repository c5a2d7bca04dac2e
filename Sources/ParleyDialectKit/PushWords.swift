package import ParleyCore

/// What a notice says where its sender did not say what: the words for kinds of content, in two languages.
package enum PushWords: Hashable, Sendable {
    case chinese
    case english

    /// - Parameter usual: for users who have not said which language they read. The vendors' is Chinese.
    package init(for language: String?, usual: PushWords = .chinese) {
        guard let language, !language.isEmpty else {
            self = usual
            return
        }
        self = language.lowercased().prefix { $0 != "-" && $0 != "_" } == "zh" ? .chinese : .english
    }

    package func choose(_ chinese: String, _ english: String) -> String {
        switch self {
        case .chinese: chinese
        case .english: english
        }
    }

    package var image: String { self.choose("[图片]", "[Image]") }
    package var voice: String { self.choose("[语音]", "[Voice]") }
    package var video: String { self.choose("[视频]", "[Video]") }
    package var location: String { self.choose("[位置]", "[Location]") }
    package var face: String { self.choose("[表情]", "[Face]") }
    /// Several messages forwarded as one.
    package var history: String { self.choose("[聊天记录]", "[Chat History]") }

    package func file(_ name: String?) -> String {
        let file = self.choose("[文件]", "[File]")
        return name.map { $0.isEmpty ? file : "\(file) \($0)" } ?? file
    }

    /// Empty for what has no words: commands, and an App's own types.
    package func text(of content: Content) -> String {
        switch content {
        case .text(let text): text
        case .image: self.image
        case .voice: self.voice
        case .video: self.video
        case .file(let media): self.file(media.name)
        case .location: self.location
        case .face: self.face
        case .command, .custom: ""
        case .combined(let parts): parts.map { self.text(of: $0) }.joined()
        }
    }

    // MARK: For who wants no details shown

    package var newMessageTitle: String { self.choose("新消息", "New message") }
    package var newMessage: String { self.choose("您有一条新消息", "You have a new message") }
}

extension PushSubject {
    package func words(usual: PushWords = .chinese) -> PushWords {
        PushWords(for: self.preferences.language, usual: usual)
    }

    /// Never empty.
    package var shownSender: String {
        self.senderName.isEmpty ? self.message.sender.rawValue : self.senderName
    }

    /// The group's name, or else the sender's: what all vendors have for a title.
    package var usualTitle: String {
        guard let name = self.group?.name, !name.isEmpty else { return self.shownSender }
        return name
    }

    /// By name, or with everyone.
    package var mentionsRecipient: Bool {
        switch self.message.options.mention {
        case nil: false
        case .everyone, .everyoneAnd: true
        case .users(let users): users.contains(self.recipient)
        }
    }

    /// What stands in a template for `{$msg}` and the like (Easemob's names).
    package func parameters(message: String, sender: String? = nil) -> [String: String] {
        ["$fromNickname": self.shownSender, "$dynamicFrom": sender ?? self.shownSender, "$msg": message]
    }
}

extension PushLook {
    /// What the template says nothing of stays.
    ///
    /// - Parameters:
    ///   - titles: what stands for `{0}`, `{1}` … in the title; may themselves have `{$msg}` and the like in them.
    ///   - texts: the same in the text.
    package mutating func apply(
        _ template: PushTemplate, _ parameters: [String: String], titles: [String] = [], texts: [String] = []
    ) {
        if !template.title.isEmpty { self.title = template.title.filled(parameters, titles) }
        if !template.text.isEmpty { self.text = template.text.filled(parameters, texts) }
    }

    /// As the recipient gets it: without details if he wants none, and no longer than a phone has room for.
    package func finished(for subject: PushSubject, neutral: (title: String, text: String)) -> PushLook {
        var look = self
        if subject.preferences.showsDetails == false, !look.overridesHiding {
            (look.title, look.text) = neutral
            look.subtitle = nil
            look.image = nil
            for kind in look.special.keys { look.special[kind]?.hide() }
        }
        look.title = look.title.clipped(toBytes: PushLook.titleBytes)
        look.subtitle = look.subtitle?.clipped(toBytes: PushLook.titleBytes)
        look.text = look.text.clipped(toBytes: PushLook.textBytes)
        for kind in look.special.keys { look.special[kind]?.clip(isApple: kind == .apns) }
        return look
    }

    /// Of the four kilobytes that most providers allow: the rest is the app's.
    package static let titleBytes = 256
    package static let textBytes = 1536

    /// Says something of one kind of provider; what says nothing is not kept.
    package mutating func at(_ kind: PushProvider.Kind, _ change: (inout PushSpecial) -> Void) {
        var special = self.special[kind] ?? PushSpecial()
        change(&special)
        if special != PushSpecial() { self.special[kind] = special }
    }
}

extension PushLook.Badge {
    /// ``PushOptions/badge``.
    package init(_ said: Int?) {
        switch said {
        case nil: self = .unread
        case .some(..<0): self = .unchanged
        case .some(let number): self = .number(number)
        }
    }
}

extension PushSpecial {
    fileprivate mutating func hide() {
        self.title = nil
        self.text = nil
        self.image = nil
    }

    /// Who takes pictures from elsewhere refuses the whole notice for an address that is not https; on Apple's phones the app fetches them.
    fileprivate mutating func clip(isApple: Bool) {
        if !isApple, let image, !image.lowercased().hasPrefix("https://") { self.image = nil }
        self.title = self.title?.clipped(toBytes: PushLook.titleBytes)
        self.text = self.text?.clipped(toBytes: PushLook.textBytes)
    }
}

extension String {
    /// Ends with `…` where something is left out, and never in the middle of a character.
    package func clipped(toBytes limit: Int) -> String {
        guard self.utf8.count > limit else { return self }
        var room = limit - "…".utf8.count
        let kept = self.prefix { character in
            room -= character.utf8.count
            return room >= 0
        }
        return kept + "…"
    }

    /// What is filled in is not looked at again: a message that says `{0}` says `{0}`. A placeholder for which there is nothing stays.
    fileprivate func filled(_ parameters: [String: String], _ arguments: [String]) -> String {
        var all = parameters
        for (index, argument) in arguments.enumerated() { all[String(index)] = argument.filled(parameters) }
        return self.filled(all)
    }

    private func filled(_ values: [String: String]) -> String {
        var result = ""
        var rest = self[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            let close = rest.firstIndex(of: "}")
            if let close, let value = values[String(rest[rest.index(after: open)..<close])] {
                result += value
                rest = rest[rest.index(after: close)...]
            } else {
                result.append("{")
                rest.removeFirst()
            }
        }
        return result + rest
    }
}
