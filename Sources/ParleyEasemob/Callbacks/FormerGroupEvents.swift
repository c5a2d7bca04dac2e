import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What becomes of groups, in the form that the vendor had before (`muc`): each member has a call of his own, and the profile is not in it. For rules that
/// ask for it (``ParleyCore/CallbackRule/groupForm``).
extension EasemobCallbacks {
    static func formerCall(
        about happening: GroupHappening, _ subject: CallbackSubject, _ rule: CallbackRule
    ) -> CallbackCall? {
        guard let operation = FormerOperation(happening, subject.part), let stamp = Stamp(subject, for: rule) else {
            return nil
        }
        let group = happening.group.id.easemob
        let name = if case .user(let user) = subject.part { " \(user)" } else { "" }
        return CallbackCall("muc \(operation.name)\(name)", to: rule) { json in
            json.field("chat_type", "muc")
            stamp.write(to: &json)
            json.field("payload") { json in
                json.object { json in
                    json.field("muc_id", "\(stamp.appKey)_\(group)@conference.easemob.com")
                    json.field("reason", operation.reason)
                    json.field("is_chatroom", happening.group.type.rules.isRoom)
                    json.field("operation", operation.name)
                    json.field("status") { json in
                        json.object {
                            $0.field("description", "")
                            $0.field("error_code", "ok")
                        }
                    }
                }
            }
            json.field("group_id", group)
            json.field("host", self.host)
            json.field("appkey", stamp.appKey)
            json.field("from", "\(stamp.appKey)_\(operation.from)@easemob.com")
            json.field("to", operation.to.rawValue)
            json.field("eventType", "chat")
            json.field("msg_id", subject.occurrence.id.easemob)
        }
    }
}

extension GroupHappening {
    var formerParts: [CallbackPart] {
        switch self.kind {
        case .joined(let users, _), .left(let users), .removed(let users), .administrators(let users, _),
            .muted(let users, _), .unmuted(let users), .speakers(let users, _), .keptOut(let users, _),
            .invited(let users, _):
            users.map { .user($0) }
        case .changed(let before): self.group.changedSides(since: before).map { .side($0.rawValue) }
        case .full: []
        case .created, .dissolved, .owner, .applied, .applicationAnswered, .invitationAnswered, .file,
            .memberAttributes, .attributesSet, .attributesRemoved:
            [.whole]
        }
    }
}

private struct FormerOperation {
    let name: String
    let from: UserID
    let to: UserID
    var reason = ""

    init?(_ happening: GroupHappening, _ part: CallbackPart) {
        // Who it was when it was the backend: the vendor's name for its administrator.
        let by = happening.by ?? .groupOperator
        let owner = happening.group.owner ?? by
        let user: UserID? = if case .user(let user) = part { user } else { nil }
        switch happening.kind {
        case .created: self.init("create", from: happening.by ?? owner, to: owner)
        case .dissolved: self.init("destroy", from: by, to: owner)
        case .joined:
            guard let user else { return nil }
            if by == user || by == .groupOperator {
                self.init("direct_joined", from: by, to: user)
            } else {
                self.init("invite", from: by, to: user)
            }
        case .left: self.init("leave", from: user, to: owner)
        case .removed: self.init("kick", from: by, to: user)
        case .changed:
            guard case .side(let side) = part, let side = GroupSide(rawValue: side) else { return nil }
            self.init(side, of: happening.group, from: by, to: owner)
        case .owner(let before): self.init("assing_owner", from: before ?? by, to: owner)
        case .administrators(_, let added): self.init(added ? "add_admin" : "remove_admin", from: by, to: user)
        case .muted: self.init("add_mute", from: by, to: user)
        case .unmuted: self.init("remove_mute", from: by, to: user)
        case .speakers(_, let added):
            self.init(added ? "add_user_white_list" : "remove_user_white_list", from: by, to: user)
        case .keptOut(_, let until): self.init(until == nil ? "allow" : "ban", from: by, to: user)
        case .file(_, let isShared): self.init(isShared ? "upload_file" : "delete_file", from: by, to: owner)
        case .memberAttributes(let user, _): self.init("group_member_metadata_update", from: by, to: user)
        case .attributesSet: self.init("set_metadata", from: by, to: owner)
        case .attributesRemoved: self.init("delete_metadata", from: by, to: owner)
        case .applied(let user, let reason): self.init("apply", from: user, to: owner, reason)
        case .applicationAnswered(let user, let isAccepted, let reason):
            self.init(isAccepted ? "apply_accept" : "apply_decline", from: by, to: user, reason)
        case .invited(_, let reason): self.init("invite", from: by, to: user, reason)
        case .invitationAnswered(let user, let isAccepted, let reason):
            self.init(isAccepted ? "invite_accept" : "invite_decline", from: user, to: owner, reason)
        case .full: return nil
        }
    }

    private init?(_ side: GroupSide, of group: Group, from: UserID, to: UserID) {
        switch side {
        case .announcement:
            let name = group.announcement.isEmpty ? "delete_announcement" : "update_announcement"
            self.init(name, from: from, to: to)
            self.reason = group.announcement
        case .mute: self.init(group.isMuted ? "ban_group" : "remove_ban_group", from: from, to: to)
        case .disabling: self.init(group.isDisabled ? "disable_group" : "able_group", from: from, to: to)
        case .info: self.init("update", from: from, to: to)
        case .departure, .end: return nil
        }
    }

    private init?(_ name: String, from: UserID?, to: UserID?, _ reason: String = "") {
        guard let from, let to else { return nil }
        self.init(name, from: from, to: to, reason)
    }

    private init(_ name: String, from: UserID, to: UserID, _ reason: String = "") {
        self.name = name
        self.from = from
        self.to = to
        self.reason = reason
    }
}
