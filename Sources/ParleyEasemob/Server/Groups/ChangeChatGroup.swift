import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Changes a group's settings, or gives it to another member (`newowner`). Fields that there are not are refused here, unlike on creation.
///
/// Source: facts/easemob-server.md 3.8.
struct ChangeChatGroup: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/chatgroups/{group_id}", "Change or transfer a group",
        page: "修改群组信息, 转让群组 (group_update)")
    static let area = Area.groups

    private static let fields: Set<String> = [
        "groupname", "name", "avatar", "description", "desc", "maxusers", "membersonly", "members_only", "approval",
        "need_verify", "allowinvites", "invite_need_confirm", "public", "custom",
    ]

    let form: GroupForm
    let newOwner: UserID?
    /// As they were given, in that order: the answer says `true` of each.
    let changed: [String]

    init(_ call: Call) throws {
        let json = try call.object()
        let members = (json.members ?? []).map(\.key)
        guard !members.isEmpty else { throw Malformed("groupname", .missing) }
        self.newOwner = try json.textOrNumber("newowner").map { UserID(easemob: $0) }
        self.changed = members.uniqued()
        let unknown = members.filter { $0 != "newowner" && !Self.fields.contains($0) }
        guard unknown.isEmpty else {
            throw Refusal.invalidParameter("some of [\(members.joined(separator: ", "))] are not valid fields")
        }
        self.form = try GroupForm(json)
    }

    func perform(_ call: Call) async throws {
        if let owner = self.newOwner { try await self.transfer(to: owner, call) }
        try await call.core.changeGroup(call.group, in: call.app.id) { self.form.apply(to: &$0) }
    }

    private func transfer(to owner: UserID, _ call: Call) async throws {
        let group = try await call.existingGroup()
        guard group.group.owner != owner else {
            throw Refusal.forbiddenOperation("new owner and old owner are the same")
        }
        do {
            try await call.core.transferGroup(call.group, in: call.app.id, to: owner)
        } catch Rejection.notMember {
            throw Refusal.forbiddenOperation("user: \(owner) doesn't exist in group: \(call.group)")
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                for name in self.changed { json.field(name, true) }
            }
        }
        .noEntities()
    }
}

/// Ends a group.
struct DeleteChatGroup: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/chatgroups/{group_id}", "Delete a group", page: "解散群组 (group_delete)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws { try await call.core.dissolveGroup(call.group, in: call.app.id) }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("success", true)
                json.field("groupid", call.group.rawValue)
            }
        }
        .noEntities()
    }
}
