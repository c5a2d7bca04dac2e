import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What becomes of groups and chat rooms, in the form of 2025: one call for all members that it is about.
extension EasemobCallbacks {
    static func call(
        about happening: GroupHappening, _ id: MessageID, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        let side: String? = if case .side(let side) = subject.part { side } else { nil }
        guard let operation = GroupOperation(happening, side: side),
            let stamp = Stamp(uuidOf: id, side: side, in: subject.app, for: rule)
        else { return nil }
        return CallbackCall("group \(operation.name)", to: rule) { json in
            stamp.write(to: &json)
            json.field("appkey", stamp.appKey)
            json.field("id", happening.group.id.easemob)
            json.field("type", happening.group.type.rules.isRoom ? "CHATROOM" : "GROUP")
            json.field("event", "group_op_event")
            json.field("operation", operation.operation)
            json.field("operator", operation.by)
            if let count = operation.count { json.field("member_count", count) }
            guard let payload = operation.payload else { return }
            json.field("payload") { json in
                json.object { json in
                    if let type = operation.type { json.field("type", type) }
                    payload(&json, stamp.appKey)
                }
            }
        }
    }
}

extension GroupHappening {
    /// A change of the profile may be several to the vendor, and so is the end of a group.
    var sides: [CallbackPart] {
        switch self.kind {
        case .changed(let before): self.group.changedSides(since: before).map { .side($0.rawValue) }
        case .dissolved(let members):
            (members.isEmpty ? [GroupSide.end] : [.departure, .end]).map { .side($0.rawValue) }
        case .full: []
        default: [.whole]
        }
    }
}

enum GroupSide: String {
    case announcement = "ANNOUNCEMENT"
    case mute = "MUTE"
    case disabling = "DISABLE"
    case info = "INFO"
    case departure = "LEAVE"
    case end = "DELETE"
}

extension Group {
    func changedSides(since before: Group) -> [GroupSide] {
        var (one, other) = (before, self)
        (one.announcement, one.isMuted, one.isDisabled, one.updatedAt) = ("", false, false, self.updatedAt)
        (other.announcement, other.isMuted, other.isDisabled) = ("", false, false)
        var sides: [GroupSide] = one == other ? [] : [.info]
        if self.announcement != before.announcement { sides.append(.announcement) }
        if self.isMuted != before.isMuted { sides.append(.mute) }
        if self.isDisabled != before.isDisabled { sides.append(.disabling) }
        return sides
    }
}

/// What the vendor calls what has happened.
private struct GroupOperation {
    typealias Payload = (inout JSONWriter, _ appKey: String) -> Void

    let operation: String
    let type: String?
    let by: String
    var count: Int?
    let payload: Payload?

    /// For people.
    var name: String { self.type.map { "\(self.operation) \($0)" } ?? self.operation }

    /// Nil: the vendor has no word for it.
    init?(_ happening: GroupHappening, side: String?) {
        let (group, by) = (happening.group, happening.by)
        func members(_ users: [UserID], _ key: String = "member") -> Payload {
            { json, _ in json.field(key, users.lazy.map(\.rawValue)) }
        }
        func members(_ users: [UserID], until: Timestamp) -> Payload {
            { json, _ in
                json.field("member", users.lazy.map(\.rawValue))
                json.field("expire_timestamp", until == .distantFuture ? -1 : until.milliseconds)
            }
        }
        switch happening.kind {
        case .created(let users, let administrators):
            self.init("CREATE", nil, by) { json, appKey in
                json.field("role") { $0.roles(owner: group.owner, administrators) }
                json.field("member", users.lazy.filter { $0 != group.owner }.map(\.rawValue))
                json.field("info") { $0.info(of: group, appKey: appKey) }
            }
        case .dissolved(let users):
            if side == GroupSide.departure.rawValue {
                self.init("LEAVE", "DELETE", by, members(users))
            } else {
                self.init("DELETE", nil, by, nil)
            }
        // Brought in by the backend, or come of themselves; or by another member.
        case .joined(let users, let count):
            let isDirect = by.map { $0 == .groupOperator || users.contains($0) } ?? true
            self.init("JOIN", isDirect ? "DIRECT" : "INVITE", by, members(users))
            self.count = count
        case .left(let users): self.init("LEAVE", "QUIT", by ?? users.first, members(users))
        case .removed(let users):
            self.init("LEAVE", happening.cause == .keptOut ? "BLOCK" : "KICK", by, members(users))
        case .changed:
            switch side.flatMap(GroupSide.init(rawValue:)) {
            case .announcement:
                self.init("UPDATE", "ANNOUNCEMENT", by) { json, _ in
                    if !group.announcement.isEmpty { json.field("announcement", group.announcement) }
                }
            case .mute: self.init("UPDATE", "MUTE", by) { json, _ in json.field("mute", group.isMuted) }
            case .disabling:
                self.init("UPDATE", "DISABLE", by) { json, _ in json.field("disable", group.isDisabled) }
            case .info:
                self.init("UPDATE", "INFO", by) { json, appKey in
                    json.field("info") { $0.info(of: group, appKey: appKey) }
                }
            case .departure, .end, nil: return nil
            }
        case .owner(let before):
            self.init("UPDATE", "OWNER", by) { json, _ in
                json.field("owner", before?.rawValue ?? "")
                json.field("new_owner", group.owner?.rawValue ?? "")
            }
        case .administrators(let users, let added):
            self.init("ADMIN", added ? "ADD" : "REMOVE", by, members(users, "admin"))
        case .muted(let users, let until): self.init("MUTE", "ADD", by, members(users, until: until))
        case .unmuted(let users): self.init("MUTE", "REMOVE", by, members(users))
        case .speakers(let users, let added): self.init("WHITE", added ? "ADD" : "REMOVE", by, members(users))
        case .keptOut(let users, let until?): self.init("BLOCK", "ADD", by, members(users, until: until))
        case .keptOut(let users, nil): self.init("BLOCK", "REMOVE", by, members(users))
        case .file(let id, let isShared):
            self.init("SHARE_FILE", isShared ? "ADD" : "REMOVE", by) { json, _ in json.field("share_file", [id]) }
        case .full, .applied, .applicationAnswered, .invited, .invitationAnswered, .memberAttributes,
            .attributesSet, .attributesRemoved:
            return nil
        }
    }

    private init(_ operation: String, _ type: String?, _ by: UserID?, _ payload: Payload?) {
        self.operation = operation
        self.type = type
        self.by = by.flatMap { $0 == .groupOperator ? nil : $0.rawValue } ?? "@ppAdmin"
        self.payload = payload
    }
}

extension JSONWriter {
    fileprivate mutating func roles(owner: UserID?, _ administrators: [UserID]) {
        self.object { json in
            if let owner { json.field(owner.rawValue, "owner") }
            for user in administrators where user != owner { json.field(user.rawValue, "admin") }
        }
    }

    /// Nearly everything is text in the vendor's example, numbers and flags too.
    fileprivate mutating func info(of group: Group, appKey: String) {
        self.object { json in
            json.field("owner", group.owner.map { "\(appKey)_\($0)" } ?? "")
            json.field("created", String(group.createdAt.milliseconds))
            json.field("custom", group.custom)
            json.field("description", group.summary)
            json.field("mute", String(group.isMuted))
            json.field("mute_duration", group.isMuted ? -1 : 0)
            json.field("avatar", group.avatar)
            json.field("title", group.name)
            json.field("max_users", String(group.capacity))
            json.field("invite_need_confirm", String(group.asksInvited))
            json.field("public", String(group.isPublic))
            json.field("allow_user_invites", String(group.membersMayInvite))
            json.field("disabled", String(group.isDisabled))
            json.field("last_modified", String(group.updatedAt.milliseconds))
        }
    }
}
