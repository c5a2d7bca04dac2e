internal import ParleyJSON

extension MessageOptions {
    init(_ json: JSON) {
        self.init()
        self.isKeptInHistory = json["keptInHistory"]?.bool ?? true
        self.countsAsUnread = json["countsAsUnread"]?.bool ?? true
        self.updatesConversation = json["updatesConversation"]?.bool ?? true
        self.mention = json["mention"].map {
            Mention(everyone: $0["everyone"]?.bool ?? false, users: $0["users"]?.users ?? [])
        }
        self.priority = json["priority"]?.string.flatMap(Priority.init(rawValue:)) ?? .normal
        self.wantsReadReceipts = json["wantsReadReceipts"]?.bool ?? false
        if let push = json["push"] { self.push = Push(push) }
        self.attachment = json["attachment"]?.string
        self.reachesSender = json["reachesSender"]?.bool ?? true
        self.isLiveOnly = json["liveOnly"]?.bool ?? false
        for (key, value) in json["expansion"]?.members ?? [] { self.expansion[key] = value.string }
    }
}

extension MessageOptions.Push {
    fileprivate init(_ json: JSON) {
        self.init()
        self.title = json["title"]?.string
        self.text = json["text"]?.string
        self.data = json["data"]?.string
        self.isDisabled = json["disabled"]?.bool ?? false
        self.isSilent = json["silent"]?.bool ?? false
    }
}

extension JSONWriter {
    /// What a client may choose; an option that has its default is left out.
    mutating func options(_ options: MessageOptions) {
        self.object { json in
            if !options.isKeptInHistory { json.field("keptInHistory", false) }
            if !options.countsAsUnread { json.field("countsAsUnread", false) }
            if !options.updatesConversation { json.field("updatesConversation", false) }
            if let mention = options.mention {
                json.field("mention") { json in
                    json.object {
                        if mention.everyone { $0.field("everyone", true) }
                        if !mention.users.isEmpty { $0.field("users", mention.users.lazy.map(\.rawValue)) }
                    }
                }
            }
            if options.priority != .normal { json.field("priority", options.priority.rawValue) }
            if options.wantsReadReceipts { json.field("wantsReadReceipts", true) }
            if options.push != MessageOptions.Push() { json.field("push") { $0.push(options.push) } }
            json.field("attachment", ifAny: options.attachment)
            if !options.reachesSender { json.field("reachesSender", false) }
        }
    }

    private mutating func push(_ push: MessageOptions.Push) {
        self.object { json in
            json.field("title", ifAny: push.title)
            json.field("text", ifAny: push.text)
            json.field("data", ifAny: push.data)
            if push.isDisabled { json.field("disabled", true) }
            if push.isSilent { json.field("silent", true) }
        }
    }
}
