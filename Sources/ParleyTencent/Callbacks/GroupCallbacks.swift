import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 创建群组之后回调, 新成员入群之后回调, 群成员离开之后回调, 群组满员之后回调, 群组解散之后回调, 群组资料修改之后回调, 群主变更后回调.
///
/// Only backends change groups so far, through some vendor's server API.
extension CallbackPacket {
    init?(_ happening: GroupHappening, at moment: Timestamp, in app: App) {
        let group = happening.group
        let by = happening.by ?? app.callbackOperator
        func packet(
            _ command: CallbackCommand, _ members: @escaping @Sendable (inout JSONWriter) -> Void
        ) -> CallbackPacket {
            CallbackPacket(command, from: .server, at: moment, members)
        }
        switch happening.kind {
        case .created(let users, _):
            self = packet(.groupAfterCreate) {
                $0.members(of: group.id, group)
                $0.caller(by)
                $0.field("Owner_Account", group.owner?.rawValue ?? "")
                $0.field("Name", group.name)
                $0.accounts("MemberList", users)
            }
        case .dissolved(let users):
            self = packet(.groupAfterDestroyed) {
                $0.caller(by)
                $0.members(of: group.id, group)
                $0.field("Owner_Account", group.owner?.rawValue ?? "")
                $0.field("Name", group.name)
                if group.type != .community { $0.accounts("MemberList", users) }
            }
        case .full: self = packet(.groupAfterFull) { $0.field("GroupId", group.id.rawValue) }
        case .joined(let users, _):
            // Who brings himself in was not invited.
            let isInvited = happening.by.map { users != [$0] } ?? false
            self = packet(.groupAfterJoin) {
                $0.members(of: group.id, group)
                $0.field("JoinType", isInvited ? "Invited" : "Apply")
                $0.caller(happening.by ?? users.first)
                $0.accounts("NewMemberList", users)
            }
        case .left(let users):
            self = packet(.groupAfterExit) { $0.exit(of: users, from: group, "Quit", by: happening.by ?? users.first) }
        case .removed(let users): self = packet(.groupAfterExit) { $0.exit(of: users, from: group, "Kicked", by: by) }
        case .changed(let before):
            let changes = group.changes(since: before)
            guard !changes.isEmpty else { return nil }
            self = packet(.groupAfterInfoChanged) { json in
                json.members(of: group.id, group)
                json.caller(by)
                for (field, value) in changes { json.field(field, value) }
            }
        case .owner(let before):
            self = packet(.groupAfterOwnerChange) {
                $0.members(of: group.id, group)
                $0.caller(by)
                $0.field("OldOwner_Account", before?.rawValue ?? "")
                $0.field("NewOwner_Account", group.owner?.rawValue ?? "")
            }
        // The vendor tells nobody but the members.
        case .administrators, .muted, .unmuted, .speakers, .keptOut, .applied, .applicationAnswered, .invited,
            .invitationAnswered, .file, .memberAttributes, .attributesSet, .attributesRemoved:
            return nil
        }
    }
}

extension Group {
    /// What the vendor tells of a profile: what is new in it, and nothing of the rest.
    fileprivate func changes(since before: Group) -> [(String, String)] {
        [
            ("Name", \Group.name), ("Introduction", \.summary), ("Notification", \.announcement),
            ("FaceUrl", \.avatar),
        ].filter { self[keyPath: $0.1] != before[keyPath: $0.1] }.map { ($0.0, self[keyPath: $0.1]) }
    }
}

extension JSONWriter {
    fileprivate mutating func exit(of users: [UserID], from group: Group, _ kind: String, by caller: UserID?) {
        self.members(of: group.id, group)
        self.field("ExitType", kind)
        self.caller(caller)
        self.accounts("ExitMemberList", users)
    }

    fileprivate mutating func caller(_ user: UserID?) { self.field("Operator_Account", user?.rawValue ?? "") }

    fileprivate mutating func accounts(_ key: String, _ users: [UserID]) {
        self.objects(key, users) { $0.field("Member_Account", $1.rawValue) }
    }
}
