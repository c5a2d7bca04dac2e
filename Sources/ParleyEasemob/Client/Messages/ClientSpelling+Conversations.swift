package import ParleyCore
import ParleyJSON

/// What becomes of conversations, as NOTIFY. Source: facts/easemob-client.md 5.
extension ClientSpelling {
    /// What the user did, on whichever of his devices.
    ///
    /// - Parameter id: makes an id for each.
    package func metas(of change: PlaceChange, id: () -> MessageID) -> [WireMeta] {
        let (place, before) = (change.place, change.before)
        var metas: [WireMeta] = []
        if place.readThrough > before.readThrough {
            metas.append(self.meta(id(), self.body(.channelAck, from: self.user, in: place.conversation), self.user))
        }
        guard let named = NamedConversation(place.conversation, of: self.user) else { return metas }
        func tell(_ operation: String, _ ext: String = "") {
            let id = id()
            metas.append(self.told(operation, of: named, by: self.user, change.device, at: id.sentAt, ext, id))
        }
        if let moment = change.clearedUpTo {
            metas.append(self.deletion(in: named, change.device, id()) { $0.field("deleteTime", moment.milliseconds) })
        }
        if place.removedThrough != nil, place.removedThrough != before.removedThrough { tell("del") }
        if (place.pinnedAt != nil) != (before.pinnedAt != nil) { tell(place.pinnedAt == nil ? "not_top" : "top") }
        for mark in place.marks.subtracting(before.marks).easemob { tell("mark", mark) }
        for mark in before.marks.subtracting(place.marks).easemob { tell("mark_delete", mark) }
        return metas
    }

    func pinned(_ change: PinChange, _ id: MessageID) -> WireMeta? {
        NamedConversation(change.conversation, of: self.user).map { named in
            self.told(
                change.isPinned ? "pin" : "pin_delete", of: named, by: change.by, change.device, at: change.at,
                change.message.easemob, id)
        }
    }

    func deleted(_ messages: [MessageID], in conversation: Conversation, _ id: MessageID) -> WireMeta? {
        NamedConversation(conversation, of: self.user).map { named in
            self.deletion(in: named, nil, id) { $0.field("msgIdList", messages.lazy.map(\.easemob)) }
        }
    }

    private func told(
        _ operation: String, of conversation: NamedConversation, by user: UserID, _ device: DeviceID?,
        at moment: Timestamp, _ ext: String, _ id: MessageID
    ) -> WireMeta {
        self.notification("conv", id) { json in
            json.object { json in
                json.field("op", operation)
                json.field("id", conversation.name)
                json.field("type", conversation.kind.rawValue)
                json.field("ts", moment.milliseconds)
                json.field("from", user.rawValue)
                json.field("res", device?.rawValue ?? "")
                json.field("ext", ext)
            }
        }
    }

    private func deletion(
        in conversation: NamedConversation, _ device: DeviceID?, _ id: MessageID, _ which: (inout JSONWriter) -> Void
    ) -> WireMeta {
        self.notification("roaming_delete", id) { json in
            json.object { json in
                json.field("to", conversation.name)
                json.field("chatType", conversation.kind.rawValue)
                json.field("resource", device?.rawValue ?? "")
                which(&json)
            }
        }
    }
}

extension Marks {
    private static let easemobPrefix = "mark_"

    var easemob: [String] { self.numbers.map { "\(Self.easemobPrefix)\($0)" } }

    /// Nil: there is no such mark.
    init?(easemob name: String) {
        guard name.hasPrefix(Self.easemobPrefix), let number = Int(name.dropFirst(Self.easemobPrefix.count)) else {
            return nil
        }
        self.init(number)
    }
}
