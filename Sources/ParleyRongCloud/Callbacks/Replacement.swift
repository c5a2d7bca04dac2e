import ParleyCore
import ParleyJSON

/// What a backend wants said instead: the `replace…` members of its answer. What is not among them stays as it was, and so do the message's type, its
/// sender and whom it is for.
struct Replacement: Hashable, Sendable {
    var content: String?
    var pushContent: String?
    var disablePush: Bool?
    var pushExt: PushExt?
    var extraContent: [String: String]?

    /// Nil: the content is longer than a message may be. A pushExt or extraContent that cannot be read is passed over: the content, which is what
    /// the backend minds, is replaced all the same.
    init?(_ reply: JSON) {
        self.content = reply.text("replaceContent")
        if let content = self.content, content.utf8.count > WireMessage.maximumContentLength { return nil }
        self.pushContent = reply.text("replacePushContent")
        self.disablePush = reply.flag("replaceDisablePush")
        self.pushExt = reply.text("replacePushExt").flatMap { try? PushExt($0) }
        self.extraContent = reply.text("replaceExtraContent").flatMap { try? Expansion.parse($0) }
    }

    func applied(to message: Message) -> Message {
        var message = message
        if let content = self.content { message.say(content) }
        if let text = self.pushContent { message.options.push.text = text }
        if let isDisabled = self.disablePush { message.options.push.isDisabled = isDisabled }
        if let pushExt = self.pushExt {
            message.options.push.title = pushExt.title
            if message.native.dialect == RongCloud.name { message.options.push.native = pushExt.raw }
        }
        if message.options.isExpandable, let pairs = self.extraContent { message.options.expansion = pairs }
        return message
    }
}

extension Message {
    /// Another body of the same type, as if it had been sent so.
    fileprivate mutating func say(_ content: String) {
        var wire = WireMessage(self)
        wire.content = content
        let reading = wire.reading
        self.content = reading.content
        self.options.attachment = reading.extra
        if self.options.mention != nil { self.options.mention = reading.mention }
        self.becomeNative(wire, reading.content)
    }

    /// What a ParleySocket client said stays in its form; what another vendor's API said becomes RongCloud's, since nobody here writes that vendor's
    /// form, and with it goes what only that vendor's form explains.
    private mutating func becomeNative(_ wire: WireMessage, _ content: Content) {
        switch self.native.dialect {
        case .parley:
            self.native.payload = JSONWriter.object { json in
                json.field("kind", content.kind)
                json.field("content") { $0.content(content) }
            }
        case let dialect:
            if dialect != RongCloud.name { self.options.push.native = nil }
            self.native = wire.native
        }
    }
}

extension JSON {
    /// A text, or an object as it was written: some backends send `{"content":…}` itself. Nil for what is empty.
    fileprivate func text(_ key: String) -> String? {
        guard let value = self[key] else { return nil }
        let text = value.kind == .object ? String(decoding: value.raw, as: UTF8.self) : value.scalarText
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// As the flags of the server API come: `true`, `"True"`, 1.
    fileprivate func flag(_ key: String) -> Bool? {
        switch self[key]?.scalarText?.lowercased() {
        case "1", "true": true
        case "0", "false": false
        default: nil
        }
    }
}
