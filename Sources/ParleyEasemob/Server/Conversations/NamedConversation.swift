import ParleyCore
import ParleyDialectKit

/// A conversation as one of its users calls it: by the other's name, or the group's, and a type.
struct NamedConversation: Hashable, Sendable {
    enum Kind: String {
        case chat
        case group = "groupchat"
        case room = "chatroom"

        /// Newer SDKs write the second word with a capital.
        init?(_ text: String) { self.init(rawValue: text.lowercased()) }
    }

    let kind: Kind
    let name: String

    init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// - Parameter field: what the name was called.
    init(_ name: String?, as field: String, _ type: String?) throws(Malformed) {
        guard let name, !name.isEmpty else { throw Malformed(field, .missing) }
        guard let type, !type.isEmpty else { throw Malformed("type", .missing) }
        guard let kind = Kind(type) else { throw Malformed("type", .invalid) }
        self.init(kind, name)
    }

    /// Nil: what the App says to the user alone, which is not in lists.
    init?(_ conversation: Conversation, of user: UserID) {
        switch ClientQueue(conversation, of: user) {
        case .user(let peer): self.init(.chat, peer)
        case .conference(let name):
            self.init(ClientSpelling.Kind(conversation) == .chatRoom ? .room : .group, name)
        case .system, .events: return nil
        }
    }

    func conversation(of user: UserID) -> Conversation {
        self.kind == .chat ? .direct(user, UserID(easemob: self.name)) : .group(GroupID(easemob: self.name))
    }

    /// With the domain: `bob@easemob.com`.
    var address: String {
        "\(self.name)@\(self.kind == .chat ? ClientQueue.usersDomain : ClientQueue.conferenceDomain)"
    }
}

extension Call {
    /// Of the user's devices the one that calls, by its own account.
    var device: DeviceID? {
        self.query["resource"].flatMap { $0.utf8.count <= 255 ? DeviceID($0) : nil }
    }
}
