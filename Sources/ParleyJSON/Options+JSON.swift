package import ParleyCore

/// A message's options as JSON: one shape, on disk and on ParleySocket. An option that has its default is left out.
extension JSONWriter {
    package mutating func options(_ options: MessageOptions) {
        self.object { json in
            if !options.reachesSender { json.field("reachesSender", false) }
            if !options.keptInHistory { json.field("keptInHistory", false) }
            if options.isLiveOnly { json.field("liveOnly", true) }
            if !options.countsAsUnread { json.field("countsAsUnread", false) }
            if !options.updatesConversation { json.field("updatesConversation", false) }
            if !options.hiddenFromHistoryOf.isEmpty {
                json.field("hiddenFromHistoryOf", options.hiddenFromHistoryOf.lazy.map(\.rawValue))
            }
            if let mention = options.mention { json.field("mention") { $0.mention(mention) } }
            if options.priority != .normal { json.field("priority", options.priority.name) }
            if options.isExpandable { json.field("expandable", true) }
            if !options.expansion.isEmpty {
                json.field("expansion") { json in
                    json.object { json in
                        for (key, value) in options.expansion.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
                    }
                }
            }
            if options.wantsReadReceipts { json.field("wantsReadReceipts", true) }
            if options.push != PushOptions() { json.field("push") { $0.push(options.push) } }
            if !options.forbiddenCallbacks.isEmpty {
                json.field("forbiddenCallbacks", options.forbiddenCallbacks.map(\.rawValue).sorted())
            }
            if let attachment = options.attachment { json.field("attachment", attachment) }
            if let random = options.random { json.field("random", random) }
        }
    }

    private mutating func mention(_ mention: Mention) {
        self.object { json in
            switch mention {
            case .everyone: json.field("everyone", true)
            case .users(let users): json.field("users", users.lazy.map(\.rawValue))
            case .everyoneAnd(let users):
                json.field("everyone", true)
                json.field("users", users.lazy.map(\.rawValue))
            }
        }
    }

    private mutating func push(_ push: PushOptions) {
        self.object { json in
            if push.isDisabled { json.field("disabled", true) }
            if push.isSilent { json.field("silent", true) }
            if let title = push.title { json.field("title", title) }
            if let text = push.text { json.field("text", text) }
            if let data = push.data { json.field("data", data) }
            if let badge = push.badge { json.field("badge", badge) }
            if let native = push.native { json.field("native", raw: native) }
        }
    }
}

extension MessageOptions {
    package init(json: JSON) {
        self.init()
        self.reachesSender = json["reachesSender"]?.bool ?? true
        self.keptInHistory = json["keptInHistory"]?.bool ?? true
        self.isLiveOnly = json["liveOnly"]?.bool ?? false
        self.countsAsUnread = json["countsAsUnread"]?.bool ?? true
        self.updatesConversation = json["updatesConversation"]?.bool ?? true
        self.hiddenFromHistoryOf = json["hiddenFromHistoryOf"]?.userIDs ?? []
        self.mention = json["mention"].map(Mention.init(json:))
        self.priority = json["priority"]?.string.flatMap(Priority.init(name:)) ?? .normal
        self.isExpandable = json["expandable"]?.bool ?? false
        for (key, value) in json["expansion"]?.members ?? [] { self.expansion[key] = value.string }
        self.wantsReadReceipts = json["wantsReadReceipts"]?.bool ?? false
        if let push = json["push"] { self.push = PushOptions(json: push) }
        self.forbiddenCallbacks = Set(
            json["forbiddenCallbacks"]?.array?.compactMap { $0.string.flatMap(ForbiddenCallback.init(rawValue:)) } ?? []
        )
        self.attachment = json["attachment"]?.string
        self.random = json["random"]?.uint32
    }
}

extension PushOptions {
    fileprivate init(json: JSON) {
        self.init()
        self.isDisabled = json["disabled"]?.bool ?? false
        self.isSilent = json["silent"]?.bool ?? false
        self.title = json["title"]?.string
        self.text = json["text"]?.string
        self.data = json["data"]?.string
        self.badge = json["badge"]?.int.flatMap(Int.init(exactly:))
        self.native = json["native"].map { Array($0.raw) }
    }
}

extension Mention {
    fileprivate init(json: JSON) {
        let users = json["users"]?.userIDs
        guard json["everyone"]?.bool == true else {
            self = .users(users ?? [])
            return
        }
        self = users.map { .everyoneAnd($0) } ?? .everyone
    }
}

extension JSON {
    package var userIDs: [UserID]? {
        self.array?.compactMap { $0.string.map { UserID($0) } }
    }
}

extension Priority {
    package var name: String {
        switch self {
        case .high: "high"
        case .normal: "normal"
        case .low: "low"
        case .lowest: "lowest"
        }
    }

    package init?(name: String) {
        switch name {
        case "high": self = .high
        case "normal": self = .normal
        case "low": self = .low
        case "lowest": self = .lowest
        default: return nil
        }
    }
}
