import ParleyCore

/// A conversation as one user's client names it: `group:<id>`, `room:<id>`, `direct:<the other user's id>`, `system`.
extension Conversation {
    func name(for user: UserID?) -> String {
        switch self {
        case .group(let group): "group:" + group.rawValue
        case .room(let room): "room:" + room.rawValue
        case .direct(let pair): "direct:" + pair.peer(of: user ?? pair.greater).rawValue
        case .system: "system"
        }
    }

    /// Nil when it names nothing. Ids may have colons in them.
    init?(name: String, of user: UserID) {
        if name == "system" {
            self = .system(user)
            return
        }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let id = String(name[name.index(after: colon)...])
        guard !id.isEmpty else { return nil }
        switch name[..<colon] {
        case "group": self = .group(GroupID(id))
        case "room": self = .room(RoomID(id))
        case "direct": self = .direct(user, UserID(id))
        default: return nil
        }
    }
}
