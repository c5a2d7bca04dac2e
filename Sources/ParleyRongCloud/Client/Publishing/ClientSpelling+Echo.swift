package import ParleyCore

// What a user said elsewhere, for his other devices: as if they had said it. Source: facts/rongcloud-client.md 5.2.
extension ClientSpelling {
    /// - Returns: the frame's topic and target, and the message; what follows is a PUBACK with ``uid(of:isChatRoom:)``, unless the topic has none
    ///   (``ClientTopic/isAcknowledged(_:)``). Nil: it is not the user's own, or of a kind that clients do not say.
    package static func upStream(
        _ entry: Entry, by user: UserID, isChatRoom: Bool = false
    ) -> (topic: String, target: String, message: WireUpStreamMessage)? {
        let address = ClientAddress(entry.conversation.conversation, for: user, isChatRoom: isChatRoom)
        switch entry.body {
        case .message(let message) where message.sender == user:
            guard let topic = self.topic(of: entry, at: address) else { return nil }
            return (topic.rawValue, address.target(from: user).id, self.upStream(message))
        case .recall(let recall) where recall.by == user && !recall.byAdministrator:
            let up = self.upStream(self.command(recall, at: address))
            return (ClientTopic.recallMsg.rawValue, user.rawValue, up)
        case .message, .recall, .edit, .notice: return nil
        }
    }

    private static func topic(of entry: Entry, at address: ClientAddress) -> ClientTopic? {
        let isStatus = entry.sequence == nil
        switch address.target(from: address.user).type {
        case .direct: return isStatus ? .ppMsgS : .ppMsgP
        case .group: return isStatus ? .pgMsgS : .pgMsgP
        case .room: return isStatus ? .chatMsgS : .chatMsg
        case .discussion, .customerService, .system, .ultraGroup: return nil
        }
    }

    private static func upStream(_ message: Message) -> WireUpStreamMessage {
        let wire = WireMessage(message)
        var up = self.upStream(wire, UpFlags(message, wire))
        if let text = message.options.push.text { up.pushWords = text }
        if let data = message.options.push.data { up.pushData = data }
        if case .only(let users) = message.audience { up.userID = users.map(\.rawValue) }
        if let text = message.options.extraContent { up.extraContent = text }
        return up
    }

    private static func upStream(_ wire: WireMessage, _ flags: UpFlags = []) -> WireUpStreamMessage {
        var up = WireUpStreamMessage()
        up.sessionID = flags.rawValue
        up.classname = wire.objectName
        up.contentBytes = Array(wire.content.utf8)
        return up
    }
}
