internal import ParleyJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Chat.Event {
    /// What a frame of the server's says. Nil: a type that this version does not know, or one that is none of the app's business.
    init?(_ json: JSON) {
        guard let type = json["type"]?.string else {
            self = .unreadable(json.text)
            return
        }
        switch Self.known(type, json) {
        case .event(let event): self = event
        case .unreadable: self = .unreadable(json.text)
        case .unknown: return nil
        }
    }

    private enum Reading {
        case event(Chat.Event), unreadable, unknown

        init(_ event: Chat.Event?) { self = event.map(Self.event) ?? .unreadable }
    }

    private static func known(_ type: String, _ json: JSON) -> Reading {
        switch type {
        case "welcome": Reading(Chat.Greeting(json).map(Self.connected))
        case "message": Reading(Message(json).map(Self.message))
        case "recall": Reading(Recall(json).map(Self.recall))
        case "edit": Reading(Edit(json).map(Self.edit))
        case "notice": Reading(Notice(json).map(Self.notice))
        case "gap": Reading(Gap(json).map(Self.gap))
        case "ready": .event(.ready)
        case "conversation": Reading(ConversationState(json).map(Self.conversation))
        case "read": Reading(ReadMark(json).map(Self.read))
        case "receipt": Reading(Receipt(json).map(Self.receipt))
        case "deleted":
            Reading(
                json["conversation"]?.conversation.map {
                    .deleted($0, json["messages"]?.array?.compactMap(\.messageID) ?? [])
                })
        case "membership":
            Reading(
                json["conversation"]?.conversation.map { .membership($0, isMember: json["member"]?.bool ?? true) })
        case "typing": Reading(Self.typing(json))
        case "presence": Reading(Presence(json).map(Self.presence))
        default: .unknown
        }
    }

    private static func typing(_ json: JSON) -> Chat.Event? {
        guard let conversation = json["conversation"]?.conversation, let from = json["from"]?.user else { return nil }
        return .typing(conversation, from, isTyping: json["typing"]?.bool ?? true)
    }
}

extension Chat.Greeting {
    init?(_ json: JSON) {
        guard let user = json["user"]?.user else { return nil }
        self.init(
            app: json["app"]?.string ?? "", user: user, device: json["device"]?.string ?? "",
            session: json["session"]?.string ?? "", now: json["now"]?.date ?? .now)
    }
}

extension Message {
    /// - Parameter conversation: of a message frame that is part of an answer, and does not name it.
    init?(_ json: JSON, in conversation: Conversation? = nil) {
        guard let conversation = json["conversation"]?.conversation ?? conversation, let id = json["id"]?.messageID
        else { return nil }
        let isRecalled = json["recalled"]?.bool ?? false
        self.init(
            conversation: conversation, sequence: json["seq"]?.int, id: id,
            sentAt: json["sentAt"]?.date ?? Date(timeIntervalSince1970: 0), from: json["from"]?.user ?? "",
            content: isRecalled ? nil : json.content)
        if let options = json["options"] { self.options = MessageOptions(options) }
        self.to = json["to"]?.users ?? []
        self.edited = json["edited"].flatMap(EditMark.init)
        self.native = json["native"].flatMap { native in
            guard let dialect = native["dialect"]?.string, let payload = native["payload"] else { return nil }
            return Native(dialect: dialect, payload: payload.text)
        }
    }
}

extension JSON {
    fileprivate var content: Content {
        guard let kind = self["kind"]?.string, let content = self["content"] else {
            return .unknown(kind: self["kind"]?.string ?? "", json: "null")
        }
        return Content(kind: kind, json: content)
    }
}

extension Message.EditMark {
    fileprivate init?(_ json: JSON) {
        guard let by = json["by"]?.user, let at = json["at"]?.date else { return nil }
        self.init(by: by, at: at, count: Int(json["count"]?.int ?? 1))
    }
}

extension Recall {
    fileprivate init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let id = json["id"]?.messageID,
            let target = json["target"]?.messageID
        else { return nil }
        self.init(
            conversation: conversation, sequence: json["seq"]?.int, id: id,
            at: json["sentAt"]?.date ?? Date(timeIntervalSince1970: 0),
            target: target, targetSequence: json["targetSeq"]?.int, by: json["by"]?.user ?? "",
            byAdministrator: json["byAdministrator"]?.bool ?? false,
            leavesNoTrace: json["leavesNoTrace"]?.bool ?? false,
            reason: json["reason"]?.string, attachment: json["attachment"]?.string)
    }
}

extension Edit {
    fileprivate init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let id = json["id"]?.messageID,
            let target = json["target"]?.messageID
        else { return nil }
        self.init(
            conversation: conversation, sequence: json["seq"]?.int, id: id,
            at: json["sentAt"]?.date ?? Date(timeIntervalSince1970: 0),
            target: target, targetSequence: json["targetSeq"]?.int, by: json["by"]?.user ?? "",
            byAdministrator: json["byAdministrator"]?.bool ?? false, count: Int(json["count"]?.int ?? 1),
            content: json.content, options: json["options"].map { MessageOptions($0) } ?? MessageOptions(),
            attachment: json["attachment"]?.string)
    }
}

extension Notice {
    fileprivate init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let id = json["id"]?.messageID,
            let event = json["event"]?.string
        else { return nil }
        self.init(
            conversation: conversation, sequence: json["seq"]?.int, id: id,
            at: json["sentAt"]?.date ?? Date(timeIntervalSince1970: 0), kind: Kind(event),
            users: json["users"]?.users ?? [], by: json["by"]?.user)
    }
}

extension Gap {
    fileprivate init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let after = json["after"]?.int,
            let before = json["before"]?.int
        else { return nil }
        self.init(
            conversation: conversation, after: after, before: before, reason: Reason(json["reason"]?.string ?? ""))
    }
}
