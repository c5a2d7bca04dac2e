package import ParleyCore

// A chat room of RongCloud's is a group of the core's of the type `chatRoom`.
//
// The vendor's ids of groups and of chat rooms are two name spaces, the core's ids of groups are one. So the group's id is the room's with a prefix, which
// no id of the vendor's can have (its alphabet has no colon), and which nothing beyond this dialect knows: who addresses the room through another dialect
// writes the whole.

extension GroupID {
    private static let chatRoomPrefix = "chatroom:"

    /// The group that a chat room is.
    package init(chatRoom id: String) { self.init(Self.chatRoomPrefix + id) }

    /// The id of the chat room that the group is; nil: it is none of this dialect's.
    package var chatRoom: String? {
        guard self.rawValue.hasPrefix(Self.chatRoomPrefix) else { return nil }
        return String(self.rawValue.dropFirst(Self.chatRoomPrefix.count))
    }
}

extension Conversation {
    package static func chatRoom(_ id: String) -> Conversation { .group(GroupID(chatRoom: id)) }
}

extension Group {
    /// A room as clients and this API make it: without an owner.
    init(chatRoom id: String, name: String = "", at now: Timestamp) {
        self.init(id: GroupID(chatRoom: id), type: .chatRoom, name: name, owner: nil, createdAt: now)
    }
}

// MARK: - What this dialect alone knows of a room

extension Group {
    private static let blockPrefix = "rongcloud.block."
    private static let destroyTypeKey = "rongcloud.destroyType"
    private static let destroyTimeKey = "rongcloud.destroyTime"
    private static let keepAliveKey = "rongcloud.keepalive"

    /// Who may not come in, and until when. Those whose time is over may still be among them.
    var blockedFromRoom: [UserID: Timestamp] {
        var blocked: [UserID: Timestamp] = [:]
        for (key, value) in self.attributes where key.hasPrefix(Self.blockPrefix) {
            guard let milliseconds = Int64(value) else { continue }
            blocked[UserID(String(key.dropFirst(Self.blockPrefix.count)))] = Timestamp(milliseconds: milliseconds)
        }
        return blocked
    }

    func keepsOut(_ user: UserID, at now: Timestamp) -> Bool {
        guard let until = self.attributes[Self.blockPrefix + user.rawValue].flatMap({ Int64($0) }) else { return false }
        return until > now.milliseconds
    }

    /// Nil lets them in again. Those whose time is over are forgotten on this occasion.
    mutating func keepOut(_ users: [UserID], until: Timestamp?, now: Timestamp) {
        for (user, until) in self.blockedFromRoom where until <= now {
            self.attributes[Self.blockPrefix + user.rawValue] = nil
        }
        for user in users {
            self.attributes[Self.blockPrefix + user.rawValue] = until.map { String($0.milliseconds) }
        }
    }

    /// When the vendor ends a room; here a room ends when it is told to, and this is only shown again.
    var destruction: Destruction {
        get {
            Destruction(
                type: self.attributes[Self.destroyTypeKey].flatMap { Int64($0) } ?? 0,
                minutes: self.attributes[Self.destroyTimeKey].flatMap { Int64($0) } ?? 60)
        }
        set {
            self.attributes[Self.destroyTypeKey] = String(newValue.type)
            self.attributes[Self.destroyTimeKey] = String(newValue.minutes)
        }
    }

    var isKeptAlive: Bool {
        get { self.attributes[Self.keepAliveKey] != nil }
        set { self.attributes[Self.keepAliveKey] = newValue ? "1" : nil }
    }
}

// MARK: - Users whom a room keeps a list of

extension Group {
    /// The lists outlive that their users leave. An attribute for each user.
    enum RoomList: String {
        /// May speak although the room is muted.
        case speakers = "rongcloud.speaker."
        /// Are not to be put out by the server.
        case kept = "rongcloud.kept."
    }

    func users(in list: RoomList) -> [UserID] {
        self.attributes.keys.filter { $0.hasPrefix(list.rawValue) }
            .map { UserID(String($0.dropFirst(list.rawValue.count))) }.sorted()
    }

    mutating func put(_ users: [UserID], in list: RoomList) {
        for user in users { self.attributes[list.rawValue + user.rawValue] = "1" }
    }

    mutating func take(_ users: [UserID], from list: RoomList) {
        for user in users { self.attributes[list.rawValue + user.rawValue] = nil }
    }
}

extension GroupSnapshot {
    /// The room is muted, but not for this user.
    func letsSpeak(_ user: UserID, at now: Timestamp) -> Bool {
        guard self.group.isMuted, self.group.attributes[Group.RoomList.speakers.rawValue + user.rawValue] != nil else {
            return false
        }
        return self.mutes[user].map { $0 <= now } ?? true
    }
}

struct Destruction: Hashable, Sendable {
    /// 0: when nothing happens in the room for so long; 1: so long after it was made.
    var type: Int64
    var minutes: Int64
}
