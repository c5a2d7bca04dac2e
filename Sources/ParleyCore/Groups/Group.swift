/// Members, roles and a type. What groups of any dialect share has a field; what one dialect alone knows is in `attributes`.
package struct Group: Hashable, Sendable {
    package var id: GroupID
    package var type: GroupType
    package var name: String
    package var owner: UserID?
    /// What the group is about (Easemob's description, Tencent's Introduction).
    package var summary = ""
    /// Shown to members (Easemob's announcement, Tencent's Notification).
    package var announcement = ""
    package var avatar = ""
    package var capacity: Int
    package var joinPolicy: JoinPolicy
    package var membersMayInvite: Bool
    /// Nobody but the owner and administrators may speak.
    package var isMuted = false
    /// What members say nobody hears, and they are not told so. What the backend says is heard.
    package var isDistributionStopped = false
    /// When a chat room ends by itself. Nil: it does not.
    package var lifetime: Lifetime?
    /// Of a thread: where it belongs. Nil: it is none.
    package var origin: ThreadOrigin?
    /// A chat room that does not end by itself, whatever ``lifetime`` says.
    package var isKeptAlive = false
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// What only one dialect knows of a group, under that dialect's own names.
    package var attributes: [String: String] = [:]

    package init(id: GroupID, type: GroupType, name: String, owner: UserID?, createdAt: Timestamp) {
        self.id = id
        self.type = type
        self.name = name
        self.owner = owner
        self.capacity = type.rules.defaultCapacity
        self.joinPolicy = type.rules.defaultJoinPolicy
        self.membersMayInvite = type.rules.membersMayInvite
        self.createdAt = createdAt
        self.updatedAt = createdAt
    }
}

package enum JoinPolicy: String, Hashable, Sendable {
    case free
    case approval
    case disabled
}

/// One user's place in a group.
package struct Member: Hashable, Sendable {
    package var user: UserID
    package var role: Role
    package var joinedAt: Timestamp
    /// What the conversation had reached when the user joined. The store sets it when a member is first saved.
    package var joinedAtSequence: UInt64 = 0
    /// The name shown in this group only.
    package var nameCard = ""
    package var delivery: Delivery
    package var attributes: [String: String] = [:]

    package init(user: UserID, role: Role = .member, joinedAt: Timestamp, delivery: Delivery = .notify) {
        self.user = user
        self.role = role
        self.joinedAt = joinedAt
        self.delivery = delivery
    }

    package enum Role: String, Hashable, Comparable, Sendable {
        case member
        case administrator
        case owner

        package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }
        private var rank: Int {
            switch self {
            case .member: 0
            case .administrator: 1
            case .owner: 2
            }
        }
    }

    /// What reaches the member (Tencent's MsgFlag).
    package enum Delivery: String, Hashable, Sendable {
        case notify
        /// Delivered, never pushed.
        case silent
        /// Not delivered.
        case discard
    }
}

/// A group as it was at one moment: what admission and delivery read, from memory.
package struct GroupSnapshot: Sendable {
    package var group: Group
    package var members: [UserID: Member]
    /// Who may not speak, and until when. A mute outlives leaving the group and joining again.
    package var mutes: [UserID: Timestamp]
    /// Those whose time is over may still be among them.
    package var standings: [Standing: [UserID: Timestamp]] = [:]

    package init(group: Group, members: [UserID: Member] = [:], mutes: [UserID: Timestamp] = [:]) {
        self.group = group
        self.members = members
        self.mutes = mutes
    }
}
