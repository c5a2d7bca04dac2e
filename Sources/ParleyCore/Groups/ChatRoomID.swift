// The vendors' ids of groups and of chat rooms are two name spaces, the core's ids of groups are one. So the group that a chat room is has the room's id with a
// prefix, which no id of the vendors' can have. To all dialects that have chat rooms of that name it is the same room.

extension GroupID {
    private static let chatRoomPrefix = "chatroom:"

    /// The group that a chat room is.
    package init(chatRoom id: String) { self.init(Self.chatRoomPrefix + id) }

    /// The id of the chat room that the group is; nil: it is none.
    package var chatRoom: String? {
        guard self.rawValue.hasPrefix(Self.chatRoomPrefix) else { return nil }
        return String(self.rawValue.dropFirst(Self.chatRoomPrefix.count))
    }
}

extension Conversation {
    package static func chatRoom(_ id: String) -> Conversation { .group(GroupID(chatRoom: id)) }

    /// The id of the chat room, if it is one.
    package var chatRoom: String? { if case .group(let id) = self { id.chatRoom } else { nil } }
}
