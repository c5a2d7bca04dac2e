import ParleyCore

/// A conversation as one of its users knows it: how whatever is said in it is addressed to him. Source: facts/rongcloud-client.md 6.1.
struct ClientAddress: Hashable, Sendable {
    let conversation: Conversation
    let user: UserID
    /// Another vendor's live group. Of this one's chat rooms the id says what they are.
    let isChatRoom: Bool

    init(_ conversation: Conversation, for user: UserID, isChatRoom: Bool = false) {
        self.conversation = conversation
        self.user = user
        self.isChatRoom = isChatRoom
    }

    /// What `sender` wrote to.
    func target(from sender: UserID) -> Target {
        var target = Target(self.conversation, seenBy: sender)
        if self.isChatRoom, target.type == .group { target.type = .room }
        return target
    }

    func uid(of id: MessageID, from sender: UserID) -> MessageUID {
        let target = self.target(from: sender)
        return MessageUID(id, in: target.type, target: target.id)
    }

    /// Clients take the sender of a private message for the conversation that it is in: so it is the other, also when the user himself sent it.
    func message(
        from sender: UserID, _ wire: WireMessage, uid: MessageUID?, _ dataTime: Int64, flags: DownFlags = []
    ) -> WireDownStreamMessage {
        var message = WireDownStreamMessage()
        let own = self.target(from: self.user)
        message.type = Int32(own.type.rawValue)
        message.fromUserID = own.type == .direct ? own.id : sender.rawValue
        if own.type != .direct || sender == self.user { message.groupID = own.id }
        if sender == self.user { message.direction = 1 }
        message.classname = wire.objectName
        message.contentBytes = Array(wire.content.utf8)
        message.dataTime = dataTime
        message.status = flags.rawValue
        if let uid { message.msgID = uid.description }
        return message
    }
}
