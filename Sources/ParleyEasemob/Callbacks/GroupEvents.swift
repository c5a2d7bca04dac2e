import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension EasemobCallbacks {
    /// The form of 2025, one call for all members that it is about. The older one (`muc`) is not sent.
    static func call(about notice: Notice, _ subject: CallbackSubject, _ rule: CallbackRule) -> CallbackCall? {
        guard case .group(let id) = subject.entry.conversation.conversation,
            let stamp = Stamp(uuidOf: subject.entry.id, in: subject.app, for: rule)
        else { return nil }
        let operation = GroupOperation(notice)
        return CallbackCall("group \(operation.name) \(operation.type)", to: rule) { json in
            stamp.write(to: &json)
            json.field("appkey", stamp.appKey)
            json.field("id", id.rawValue)
            json.field("type", "GROUP")
            json.field("event", "group_op_event")
            json.field("operation", operation.name)
            json.field("operator", operation.by)
            json.field("payload") { json in
                json.object { json in
                    json.field("type", operation.type)
                    if let members = operation.members { json.field("member", members.map(\.rawValue)) }
                    if operation.members == nil, let group = subject.group {
                        json.field("info") { $0.info(of: group, appKey: stamp.appKey) }
                    }
                }
            }
        }
    }
}

/// What the vendor calls what a notice tells.
private struct GroupOperation {
    let name: String
    let type: String
    let by: String
    /// Nil: it is about the group.
    let members: [UserID]?

    init(_ notice: Notice) {
        switch notice {
        // Brought in by the backend, or come of themselves; or by another member.
        case .joined(let users, let by):
            let isDirect = by.map { $0 == .groupOperator || users.contains($0) } ?? true
            self.init("JOIN", isDirect ? "DIRECT" : "INVITE", by, users)
        case .left(let users): self.init("LEAVE", "QUIT", users.first, users)
        case .removed(let users, let by): self.init("LEAVE", "KICK", by, users)
        case .changed(let by): self.init("UPDATE", "INFO", by, nil)
        }
    }

    private init(_ name: String, _ type: String, _ by: UserID?, _ members: [UserID]?) {
        self.name = name
        self.type = type
        self.by = by.flatMap { $0 == .groupOperator ? nil : $0.rawValue } ?? "@ppAdmin"
        self.members = members
    }
}

extension JSONWriter {
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
            json.field("disabled", "false")
            json.field("last_modified", String(group.updatedAt.milliseconds))
        }
    }
}
