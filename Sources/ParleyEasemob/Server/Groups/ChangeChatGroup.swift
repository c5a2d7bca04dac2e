import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Changes a group's settings, or gives it to another member (`newowner`). Fields that there are not are refused here, unlike on creation.
///
/// Source: facts/easemob-server.md 3.8.
struct ChangeChatGroup: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "PUT", Kind.path, "Change or transfer a group", page: "修改群组信息, 转让群组 (group_update)")

    private static let fields: Set<String> = [
        "groupname", "name", "avatar", "description", "desc", "maxusers", "membersonly", "members_only", "approval",
        "need_verify", "allowinvites", "invite_need_confirm", "public", "custom",
    ]

    let form: GroupForm
    let newOwner: UserID?
    /// As they were given, in that order: the answer says `true` of each.
    let changed: [String]
    var right: Right { self.newOwner == nil ? .administrator : .owner }

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

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        if let owner = self.newOwner { try await call.transfer(group, to: owner) }
        try await call.core.changeGroup(group.group.id, in: call.app.id, by: call.callingUser) {
            self.form.apply(to: &$0)
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .changed(self.changed) }
}

/// Ends a group or chat room.
struct DeleteGroup<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", Kind.path, "Delete a \(Kind.noun)", page: "解散\(Kind.word) (\(Kind.page)_delete)")
    }

    let right = Right.owner

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        try await call.core.dissolveGroup(group.group.id, in: call.app.id, by: call.callingUser)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("success", true)
                json.field(Kind.idName, call.parameter(Kind.parameter))
                if call.isVersion3, Kind.idName != "id" { json.field("id", call.parameter(Kind.parameter)) }
            }
        }
        .noEntities()
    }
}

/// Nobody may speak in a group until it is enabled again.
struct DisableGroup: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "POST", "\(Kind.path)/disable", "Disable a group", page: "封禁群组 (group_disable)")
    static let callers = Callers.application

    let right = Right.anyone

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws { try await call.setDisabled(true, group) }

    func encode(_: Void, _ call: Call) -> Answer { .disabled(true) }
}

struct EnableGroup: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "POST", "\(Kind.path)/enable", "Enable a group again", page: "解禁群组 (group_enable)")
    static let callers = Callers.application

    let right = Right.anyone

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws { try await call.setDisabled(false, group) }

    func encode(_: Void, _ call: Call) -> Answer { .disabled(false) }
}

extension Call {
    func transfer(_ group: GroupSnapshot, to owner: UserID) async throws {
        guard group.group.owner != owner else {
            throw Refusal.forbiddenOperation("new owner and old owner are the same")
        }
        do {
            try await self.core.transferGroup(group.group.id, in: self.app.id, to: owner, by: self.callingUser)
        } catch Rejection.notMember {
            throw Refusal.forbiddenOperation("user: \(owner) doesn't exist in group: \(group.group.id.easemob)")
        }
    }

    fileprivate func setDisabled(_ isDisabled: Bool, _ group: GroupSnapshot) async throws {
        try await self.core.changeGroup(group.group.id, in: self.app.id) { $0.isDisabled = isDisabled }
    }
}

extension Answer {
    /// `"data": {"groupname": true}`
    static func changed(_ fields: [String]) -> Answer {
        Answer.data { json in
            json.object { json in
                for field in fields { json.field(field, true) }
            }
        }
        .noEntities()
    }

    fileprivate static func disabled(_ isDisabled: Bool) -> Answer {
        Answer.data { json in json.object { $0.field("disabled", isDisabled) } }.noEntities()
    }
}
