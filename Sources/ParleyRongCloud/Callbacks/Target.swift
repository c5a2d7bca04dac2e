import ParleyCore

/// A conversation as RongCloud names it: by its type, and by whom or what one of its users writes to.
struct Target: Hashable, Sendable {
    var type: ConversationType
    var id: String

    init(_ conversation: Conversation, seenBy user: UserID) {
        switch conversation {
        case .direct(let pair): (self.type, self.id) = (.direct, pair.peer(of: user).rawValue)
        case .group(let group):
            if let room = group.chatRoom {
                (self.type, self.id) = (.room, room)
            } else {
                (self.type, self.id) = (.group, group.rawValue)
            }
        case .room(let room): (self.type, self.id) = (.room, room.rawValue)
        case .system(let user): (self.type, self.id) = (.system, user.rawValue)
        }
    }

    /// What the message is known by, if this is the conversation as its sender sees it.
    func uid(of id: MessageID) -> String { MessageUID(id, in: self.type, target: self.id).description }
}

extension Conversation {
    /// Of a direct conversation: `user` is one of the two. Others have no sides.
    func isOf(_ user: UserID) -> Bool {
        guard case .direct(let pair) = self else { return true }
        return user == pair.lesser || user == pair.greater
    }
}

extension ConversationType {
    /// The type's name in callbacks (facts/rongcloud-server.md 3.13).
    var channelType: String {
        switch self {
        case .direct: "PERSON"
        case .discussion: "PERSONS"
        case .group: "GROUP"
        case .room: "TEMPGROUP"
        case .customerService: "CUSTOMERSERVICE"
        case .system: "NOTIFY"
        case .ultraGroup: "ULTRAGROUP"
        }
    }
}
