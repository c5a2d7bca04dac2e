package import ParleyCore
import ParleyJSON

/// What clients are told, in their words: one message for each thing, whoever said it, in whichever dialect.
///
/// Source: facts/rongcloud-client.md 6.
package enum ClientSpelling {
    /// Of a message, an edit or a recall as it is said to one user. Of notices clients are told nothing: there, who joined a group the App says itself.
    ///
    /// An edited message is said again, under its own id and as modified.
    ///
    /// - Parameters:
    ///   - subject: ``subject(of:in:)-(Entry,_)``.
    ///   - dataTime: the time by which the client counts it.
    ///   - isChatRoom: the conversation is another vendor's live group, which is shown as a chat room. Of this one's chat rooms it need not be said.
    package static func downStream(
        _ entry: Entry, subject: Entry? = nil, for user: UserID, dataTime: Int64, isChatRoom: Bool = false
    ) -> WireDownStreamMessage? {
        let address = ClientAddress(entry.conversation.conversation, for: user, isChatRoom: isChatRoom)
        switch entry.body {
        case .message(let message):
            return self.message(message, entry.id, isModified: entry.edit != nil, at: address, dataTime)
        case .edit(let edit): return self.message(edit.message, edit.target, isModified: true, at: address, dataTime)
        case .recall(let recall):
            return address.message(
                from: recall.by, self.command(recall, subject: subject, at: address),
                uid: address.uid(of: entry.id, from: recall.by), dataTime)
        case .notice: return nil
        }
    }

    /// Of a message in history and in lists. What was recalled leaves a line that says so, unless it was to leave none.
    package static func history(
        _ entry: Entry, for user: UserID, dataTime: Int64, isChatRoom: Bool = false
    ) -> WireDownStreamMessage? {
        guard let message = entry.message, !entry.fate.leavesNoTrace else { return nil }
        guard entry.isRecalled else {
            return self.downStream(entry, for: user, dataTime: dataTime, isChatRoom: isChatRoom)
        }
        let address = ClientAddress(entry.conversation.conversation, for: user, isChatRoom: isChatRoom)
        return address.message(
            from: message.sender, self.notice(ofRecalled: message, entry),
            uid: address.uid(of: entry.id, from: message.sender), dataTime, flags: .persist)
    }

    /// What ``downStream(_:subject:for:dataTime:isChatRoom:)`` must know beside the entry: of a recall in a direct conversation by the App, the message, since
    /// its id depends on who sent it. Nil: nothing.
    package static func subject(of entry: Entry, in core: Core) async throws -> Entry? {
        guard let target = self.subject(of: entry) else { return nil }
        return try await core.log.entry(target, in: entry.conversation.app)
    }

    /// The same, before it is looked up.
    package static func subject(of entry: Entry) -> MessageID? {
        guard case .recall(let recall) = entry.body, recall.byAdministrator,
            case .direct = entry.conversation.conversation
        else { return nil }
        return recall.target
    }

    /// By which clients know an entry: `messageUId`.
    package static func uid(of entry: Entry, isChatRoom: Bool = false) -> MessageUID {
        let sender: UserID? =
            switch entry.body {
            case .message(let message): message.sender
            case .recall(let recall): recall.by
            case .edit(let edit): edit.mark.by
            case .notice: nil
            }
        let conversation = entry.conversation.conversation
        return ClientAddress(conversation, for: sender ?? UserID(""), isChatRoom: isChatRoom)
            .uid(of: entry.id, from: sender ?? UserID(""))
    }
}

// MARK: Bodies

extension ClientSpelling {
    private static func message(
        _ message: Message, _ id: MessageID, isModified: Bool, at address: ClientAddress, _ dataTime: Int64
    ) -> WireDownStreamMessage {
        let wire = WireMessage(message)
        var down = address.message(
            from: message.sender, wire, uid: address.uid(of: id, from: message.sender), dataTime,
            flags: DownFlags(message, wire))
        if let text = message.options.extraContent { down.extraContent = text }
        if let text = message.options.push.text { down.pushContent = text }
        if isModified { down.extStatus = ExtendedStatus.modified }
        return down
    }

    /// `RC:RcCmd`. Its target is the one that the message's sender wrote to, as if his SDK had written this.
    static func command(_ recall: Recall, subject: Entry? = nil, at address: ClientAddress) -> WireMessage {
        let sender = subject?.message?.sender ?? recall.by
        let target = address.target(from: sender)
        return WireMessage("RC:RcCmd") { json in
            json.field("conversationType", target.type.rawValue)
            json.field("targetId", target.id)
            json.field("messageUId", address.uid(of: recall.target, from: sender))
            json.field("sentTime", recall.target.sentAt.milliseconds)
            json.field("isAdmin", recall.byAdministrator)
            json.field("isDelete", recall.leavesNoTrace)
            if let extra = recall.attachment { json.field("extra", extra) }
        }
    }

    /// `RC:RcNtf`. Who took it back, and when, the message does not tell: nearly always it was its sender.
    private static func notice(ofRecalled message: Message, _ entry: Entry) -> WireMessage {
        WireMessage("RC:RcNtf") { json in
            json.field("operatorId", message.sender.rawValue)
            json.field("recallTime", entry.sentAt.milliseconds)
            json.field("originalObjectName", WireMessage(message).objectName)
            json.field("admin", false)
            json.field("delete", false)
        }
    }
}

extension WireMessage {
    init(_ objectName: String, _ members: (inout JSONWriter) -> Void) {
        self.init(objectName: objectName, content: String(decoding: JSONWriter.object(members), as: UTF8.self))
    }
}

extension JSONWriter {
    mutating func field(_ key: String, _ uid: MessageUID) { self.field(key, uid.description) }
}

extension MessageOptions {
    /// `{"key":{"v":"value"}}`. Nil where there is none.
    var extraContent: String? {
        guard self.isExpandable, !self.expansion.isEmpty else { return nil }
        let json = JSONWriter.object { json in
            for (key, value) in self.expansion.sorted(by: { $0.key < $1.key }) {
                json.field(key) { json in json.object { $0.field("v", value) } }
            }
        }
        return String(decoding: json, as: UTF8.self)
    }
}
