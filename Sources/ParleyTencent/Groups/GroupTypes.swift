import ParleyCore

/// The types' names. Requests have old and new ones; answers have the old ones (facts/tencent-im.md, section 4).
extension GroupType {
    static let tencentNames: [String: GroupType] = [
        "Private": .work, "Work": .work,
        "Public": .public,
        "ChatRoom": .meeting, "Meeting": .meeting,
        "AVChatRoom": .avChatRoom,
        "Community": .community,
    ]

    var tencentName: String {
        switch self {
        case .work: "Private"
        case .public: "Public"
        case .meeting: "ChatRoom"
        // Of this vendor's, the nearest to another's chat rooms; none is made so here.
        case .avChatRoom, .chatRoom: "AVChatRoom"
        case .community: "Community"
        // Another vendor's, which no list of groups here has.
        case .thread: "Public"
        }
    }
}

extension JoinPolicy {
    static let tencentNames: [String: JoinPolicy] = [
        "FreeAccess": .free, "NeedPermission": .approval, "DisableApply": .disabled,
    ]

    var tencentName: String {
        switch self {
        case .free: "FreeAccess"
        case .approval: "NeedPermission"
        case .disabled: "DisableApply"
        }
    }
}

extension Member.Role {
    /// What a request may make of a member: ownership is given away by another command.
    static let tencentNames: [String: Member.Role] = ["Admin": .administrator, "Member": .member]

    var tencentName: String {
        switch self {
        case .owner: "Owner"
        case .administrator: "Admin"
        case .member: "Member"
        }
    }
}

extension Member.Delivery {
    static let tencentNames: [String: Member.Delivery] = [
        "AcceptAndNotify": .notify, "AcceptNotNotify": .silent, "Discard": .discard,
    ]

    var tencentName: String {
        switch self {
        case .notify: "AcceptAndNotify"
        case .silent: "AcceptNotNotify"
        case .discard: "Discard"
        }
    }
}

/// Who may bring members in. The core knows whether members may; that an administrator must agree is this dialect's own.
enum InviteJoinOption: String, Sendable {
    case FreeAccess
    case NeedPermission
    case DisableInvite

    static let names: [String: InviteJoinOption] = [
        "FreeAccess": .FreeAccess, "NeedPermission": .NeedPermission, "DisableInvite": .DisableInvite,
    ]

    var membersMayInvite: Bool { self != .DisableInvite }
}

/// Fields that an App defines for its groups and members. In the core they are attributes under this dialect's prefix.
enum AppDefined {
    private static let prefix = "tencent.AppDefinedData."

    static func apply(_ fields: [AppDefinedField], to attributes: inout [String: String]) {
        for field in fields {
            // An empty value takes the field away.
            attributes[Self.prefix + field.key] = field.value.isEmpty ? nil : field.value
        }
    }

    static func fields(in attributes: [String: String]) -> [AppDefinedField] {
        attributes.filter { $0.key.hasPrefix(Self.prefix) }
            .map { AppDefinedField(key: String($0.key.dropFirst(Self.prefix.count)), value: $0.value) }
            .sorted { $0.key < $1.key }
    }
}

struct AppDefinedField: Hashable, Sendable {
    var key: String
    var value: String
}

extension Group {
    private static let inviteKey = "tencent.InviteJoinOption"

    var inviteJoinOption: InviteJoinOption {
        get {
            let stored = self.attributes[Self.inviteKey].flatMap(InviteJoinOption.init(rawValue:))
            // Another dialect may have changed what the core knows.
            if let stored, stored.membersMayInvite == self.membersMayInvite { return stored }
            return self.membersMayInvite ? .FreeAccess : .DisableInvite
        }
        set {
            self.attributes[Self.inviteKey] = newValue.rawValue
            self.membersMayInvite = newValue.membersMayInvite
        }
    }
}
