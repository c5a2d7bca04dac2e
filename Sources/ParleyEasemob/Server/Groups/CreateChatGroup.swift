import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A user makes groups of his own; whom he wants in them is asked first, unless the group says otherwise. The App's members are in it at once.
///
/// Source: facts/easemob-server.md 3.8 (group_create).
struct CreateChatGroup: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups", "Create a group", page: "创建群组 (group_create)")
    static let callers = Callers.applicationOrUser
    static let area = Area.groups

    let form: GroupForm
    let owner: UserID
    let members: [UserID]
    /// The caller's own choice of id (Java's SDK); nil: one is made.
    let id: GroupID?

    init(_ call: Call) throws {
        let json = try call.object()
        var form = try GroupForm(json)
        self.owner = try call.owner(json)
        guard form.isPublic != nil else { throw Refusal.invalidParameter("group must contain public field!") }
        form.isMembersOnly = form.isMembersOnly ?? false
        form.membersMayInvite = form.membersMayInvite ?? false
        form.capacity = form.capacity ?? GroupForm.defaultCapacity
        self.form = form
        self.members = try json.users("members") ?? []
        self.id = try json.textOrNumber("groupid").flatMap { $0.isEmpty ? nil : GroupID(easemob: $0) }
        if let id = self.id, id.isEasemobRoom { throw Malformed("groupid", .invalid) }
    }

    func perform(_ call: Call) async throws -> GroupID {
        try await call.requireUsers([self.owner] + self.members)
        var group = Group(id: self.id ?? GroupID(""), type: .public, name: "", owner: self.owner, createdAt: call.now)
        self.form.apply(to: &group)
        let others = self.members.filter { $0 != self.owner }
        let areAsked = call.callingUser != nil && group.asksInvited
        let made = try await call.create(group, areAsked ? [] : others, hasID: self.id != nil)
        if areAsked, !others.isEmpty {
            _ = try await call.core.invite(
                others, to: made, in: call.app.id, by: self.owner, asksThem: true, reason: "")
        }
        return made
    }

    func encode(_ id: GroupID, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("groupid", id.easemob)
                if call.isVersion3 { json.field("id", id.easemob) }
            }
        }
        .noEntities()
    }
}

extension Call {
    /// Whose a new group or chat room is. A user's are his own.
    func owner(_ json: JSON) throws -> UserID {
        let named = try json.textOrNumber("owner").flatMap { $0.isEmpty ? nil : UserID(easemob: $0) }
        guard let owner = named ?? self.callingUser else { throw Malformed("owner", .missing) }
        if let user = self.callingUser, owner != user { throw Rejection.notPermitted }
        return owner
    }

    /// - Parameter hasID: false: one is made.
    func create(_ group: Group, _ members: [UserID], hasID: Bool) async throws -> GroupID {
        var command = CreateGroup(
            app: self.app.id, group: group,
            members: members.map {
                Member(user: $0, joinedAt: self.now, delivery: group.type.rules.defaultDelivery)
            }, ownerMustExist: true, by: self.callingUser)
        while true {
            if !hasID { command.group.id = self.easemob.groupIDs.next(isRoom: group.type.rules.isRoom) }
            do {
                try await self.core.createGroup(command)
                return command.group.id
            } catch Rejection.groupExists(command.group.id, owner: _) where !hasID {
                // Another node, or this one before its clock was set back: the next id is another.
            }
        }
    }
}
