import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 新成员入群之后回调, 群成员离开之后回调, 群组资料修改之后回调.
///
/// Only backends change groups so far, through some vendor's server API.
extension CallbackPacket {
    init?(_ notice: Notice, in subject: CallbackSubject) {
        guard case .group(let group) = subject.entry.conversation.conversation else { return nil }
        switch notice {
        case .joined(let users, let by):
            // Who brings himself in was not invited.
            let isInvited = by.map { users != [$0] } ?? false
            self.init(.groupAfterJoin, from: .server, at: subject.entry.sentAt) {
                $0.members(of: group, subject.group)
                $0.field("JoinType", isInvited ? "Invited" : "Apply")
                $0.caller(by ?? users.first)
                $0.accounts("NewMemberList", users)
            }
        case .left(let users):
            self.init(.groupAfterExit, from: .server, at: subject.entry.sentAt) {
                $0.exit(of: users, from: group, subject.group, "Quit", by: users.first)
            }
        case .removed(let users, let by):
            self.init(.groupAfterExit, from: .server, at: subject.entry.sentAt) {
                $0.exit(of: users, from: group, subject.group, "Kicked", by: by ?? subject.app.callbackOperator)
            }
        case .changed(let by):
            // The vendor says what is new. What it was that changed is not noted: all four are as they are now.
            guard let profile = subject.group else { return nil }
            self.init(.groupAfterInfoChanged, from: .server, at: subject.entry.sentAt) {
                $0.members(of: group, profile)
                $0.caller(by ?? subject.app.callbackOperator)
                $0.field("Name", profile.name)
                $0.field("Introduction", profile.summary)
                $0.field("Notification", profile.announcement)
                $0.field("FaceUrl", profile.avatar)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func exit(
        of users: [UserID], from id: GroupID, _ group: Group?, _ kind: String, by caller: UserID?
    ) {
        self.members(of: id, group)
        self.field("ExitType", kind)
        self.caller(caller)
        self.accounts("ExitMemberList", users)
    }

    fileprivate mutating func caller(_ user: UserID?) { self.field("Operator_Account", user?.rawValue ?? "") }

    fileprivate mutating func accounts(_ key: String, _ users: [UserID]) {
        self.objects(key, users) { $0.field("Member_Account", $1.rawValue) }
    }
}
