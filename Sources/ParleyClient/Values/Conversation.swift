/// Where messages are said. A direct conversation is named by the *other* user, at each end.
public enum Conversation: Hashable, Sendable, CustomStringConvertible {
    case group(String)
    case direct(UserID)
    case room(String)
    /// What the backend tells this user, or everyone.
    case system
    /// Of a kind that this version of the library does not know; its whole name.
    case other(String)

    /// From a name as the protocol has it: `group:demo-group`, `direct:bob`.
    public init(_ name: String) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("group", 2): self = .group(parts[1])
        case ("direct", 2): self = .direct(UserID(parts[1]))
        case ("room", 2): self = .room(parts[1])
        case ("system", 1): self = .system
        default: self = .other(name)
        }
    }

    /// The name in the protocol.
    public var name: String {
        switch self {
        case .group(let id): "group:\(id)"
        case .direct(let user): "direct:\(user)"
        case .room(let id): "room:\(id)"
        case .system: "system"
        case .other(let name): name
        }
    }

    public var description: String { self.name }
}
