package import ParleyCore

/// What waits for a client, by conversation: clients fetch one queue after the other. To them a queue is but a name.
///
/// Source: facts/easemob-client.md 3.2.
package enum ClientQueue: Hashable, Sendable {
    /// A user, by the name that the peer has; or whoever speaks for the App.
    case user(String)
    /// A group or a room, by the vendor's name of it.
    case conference(String)
    /// What the App says to the user alone.
    case system
    /// What happens beside what is said: to groups, contacts, presence.
    case events

    package static let usersDomain = "easemob.com"
    package static let conferenceDomain = "conference.easemob.com"
    private static let systemDomain = "system.easemob.com"

    package init(_ conversation: Conversation, of user: UserID) {
        switch conversation {
        case .direct(let pair): self = .user(pair.peer(of: user).rawValue)
        case .group(let group): self = .conference(group.easemob)
        case .room(let room): self = .conference(room.rawValue)
        case .system: self = .system
        }
    }

    package init(_ jid: WireJID) {
        switch jid.domain {
        case Self.conferenceDomain: self = .conference(jid.name)
        case Self.systemDomain: self = .system
        default: self = jid.name.isEmpty ? .events : .user(jid.name)
        }
    }

    /// Nil: no conversation's.
    package func conversation(of user: UserID) -> Conversation? {
        switch self {
        case .user(let peer): .direct(user, UserID(peer))
        case .conference(let name): .group(GroupID(easemob: name))
        case .system: .system(user)
        case .events: nil
        }
    }

    /// The App's name is left out: it is not looked at, and there are many of these.
    package var jid: WireJID {
        var jid = WireJID()
        if let name = self.parts.name { jid.name = name }
        if let domain = self.parts.domain { jid.domain = domain }
        return jid
    }

    /// Those of ``jid``.
    var jidBytes: [UInt8] {
        var jid = WireFields(capacity: 64)
        if let name = self.parts.name { jid.field(2, name.utf8) }
        if let domain = self.parts.domain { jid.field(3, domain.utf8) }
        return jid.bytes
    }

    private var parts: (name: String?, domain: String?) {
        switch self {
        case .user(let name): (name, nil)
        case .conference(let name): (name, Self.conferenceDomain)
        case .system: ("system", Self.systemDomain)
        case .events: (nil, Self.usersDomain)
        }
    }
}
