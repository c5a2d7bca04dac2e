import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Source: facts/easemob-server.md 3.8 (group_create).
struct CreateChatGroup: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups", "Create a group", page: "创建群组 (group_create)")
    static let area = Area.groups

    let form: GroupForm
    let owner: UserID
    let members: [UserID]
    /// The caller's own choice of id (Java's SDK); nil: one is made.
    let id: GroupID?

    init(_ call: Call) throws {
        let json = try call.object()
        var form = try GroupForm(json)
        guard let owner = try json.textOrNumber("owner"), !owner.isEmpty else { throw Malformed("owner", .missing) }
        guard form.isPublic != nil else { throw Refusal.invalidParameter("group must contain public field!") }
        form.isMembersOnly = form.isMembersOnly ?? false
        form.membersMayInvite = form.membersMayInvite ?? false
        form.capacity = form.capacity ?? GroupForm.defaultCapacity
        self.form = form
        self.owner = UserID(easemob: owner)
        self.members = try json.users("members") ?? []
        self.id = try json.textOrNumber("groupid").flatMap { $0.isEmpty ? nil : GroupID($0) }
    }

    func perform(_ call: Call) async throws -> GroupID {
        try await call.requireUsers([self.owner] + self.members)
        if let id = self.id { return try await self.create(id, call) }
        while true {
            let id = call.easemob.groupIDs.next()
            do {
                return try await self.create(id, call)
            } catch Rejection.groupExists(id, owner: _) {
                // Another node, or this one before its clock was set back: the next id is another.
            }
        }
    }

    private func create(_ id: GroupID, _ call: Call) async throws -> GroupID {
        let now = call.now
        var group = Group(id: id, type: .public, name: "", owner: self.owner, createdAt: now)
        self.form.apply(to: &group)
        let delivery = group.type.rules.defaultDelivery
        let members = self.members.filter { $0 != self.owner }
        try await call.core.createGroup(
            CreateGroup(
                app: call.app.id, group: group,
                members: members.map { Member(user: $0, joinedAt: now, delivery: delivery) }, ownerMustExist: true))
        return id
    }

    func encode(_ id: GroupID, _ call: Call) -> Answer {
        Answer.data { json in json.object { $0.field("groupid", id.rawValue) } }.noEntities()
    }
}
