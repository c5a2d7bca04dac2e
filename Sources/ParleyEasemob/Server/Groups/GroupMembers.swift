import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Members of a group. One name in the path is answered with an object, several with an array. Source: facts/easemob-server.md 3.8.
struct ListGroupMembers: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/{group_id}/users", "List the members of a group",
        page: "分页获取群成员 (group_member_obtain)")
    static let area = Area.groups

    let pageNumber: Int
    let pageSize: Int

    init(_ call: Call) {
        self.pageNumber = call.number("pagenum", default: 1, in: 1...Int(Int32.max))
        self.pageSize = call.number("pagesize", default: 1000, in: 1...1000)
    }

    func perform(_ call: Call) async throws -> [Member] {
        guard let group = try await call.core.directory.group(call.group, in: call.app.id) else {
            throw Refusal.serviceResourceNotFound("do not find this group:\(call.group)")
        }
        return Array(group.membersInOrder.dropFirst((self.pageNumber - 1) * self.pageSize).prefix(self.pageSize))
    }

    func encode(_ members: [Member], _ call: Call) -> Answer {
        Answer.data { $0.affiliations(members) }.noEntities().params(call.query).count(members.count)
    }
}

struct IsGroupMember: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/{group_id}/user/{username}/is_joined", "Whether a user is in a group",
        page: "查看指定用户是否已加入群组 (group_member)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> Bool {
        try await call.existingGroup().members[call.user()] != nil
    }

    func encode(_ isMember: Bool, _ call: Call) -> Answer { Answer.data { $0.bool(isMember) }.noEntities() }
}

struct AddGroupMember: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups/{group_id}/users/{username}", "Add a member to a group",
        page: "添加单个群组成员 (group_member_add_single)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws { _ = try await call.addMembers([call.user()]) }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("result", true)
                json.field("groupid", call.group.rawValue)
                json.field("action", "add_member")
                json.field("user", call.user().rawValue)
            }
        }
        .noEntities()
    }
}

struct AddGroupMembers: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups/{group_id}/users", "Add members to a group",
        page: "批量添加群组成员 (group_member_add_batch)")
    static let area = Area.groups

    static let maximumUsers = 60

    let users: [UserID]

    init(_ call: Call) throws {
        let users = try call.object().users("usernames") ?? []
        guard !users.isEmpty else { throw Malformed("usernames", .missing) }
        guard users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("addMembers: addMembers number more than maxSize : \(Self.maximumUsers)")
        }
        self.users = users
    }

    func perform(_ call: Call) async throws -> [UserID] { try await call.addMembers(self.users) }

    func encode(_ added: [UserID], _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("newmembers", added.map(\.rawValue))
                json.field("groupid", call.group.rawValue)
                json.field("action", "add_member")
            }
        }
        .noEntities()
    }
}

struct RemoveGroupMembers: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/chatgroups/{group_id}/users/{username}", "Remove members from a group",
        page: "移除单个群组成员, 批量移除群组成员 (group_member_remove)")
    static let area = Area.groups

    static let maximumUsers = 60

    let users: [UserID]

    init(_ call: Call) throws {
        self.users = call.list("username").map { UserID(easemob: $0) }.uniqued()
        guard !self.users.isEmpty else { throw Malformed("username", .missing) }
        guard self.users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("kickMember: kickMembers number more than maxSize : \(Self.maximumUsers)")
        }
    }

    /// - Returns: why not, for each who was not removed.
    func perform(_ call: Call) async throws -> [UserID: String] {
        let group = try await call.existingGroup()
        if self.users.count == 1 {
            guard self.users[0] != group.group.owner else { throw Rejection.ownerMayNotLeave(call.group) }
            guard group.members[self.users[0]] != nil else { throw Rejection.notMember(self.users[0], of: call.group) }
        }
        var reasons: [UserID: String] = [:]
        if let owner = group.group.owner, self.users.contains(owner) {
            reasons[owner] = "forbidden operation on group owner!"
        }
        let others = self.users.filter { reasons[$0] == nil }
        let removed = try await call.core.removeMembers(
            RemoveMembers(
                app: call.app.id, group: call.group, users: others, by: .groupOperator, isAnnounced: call.isAnnounced))
        for user in others where !removed.contains(user) {
            reasons[user] = "user: \(user) doesn't exist in group: \(call.group)"
        }
        return reasons
    }

    func encode(_ reasons: [UserID: String], _ call: Call) -> Answer {
        Answer.data { json in
            if self.users.count == 1 {
                Self.write(self.users[0], nil, call, to: &json)
            } else {
                json.array(self.users) { Self.write($1, reasons[$1], call, to: &$0) }
            }
        }
        .noEntities()
    }

    private static func write(_ user: UserID, _ reason: String?, _ call: Call, to json: inout JSONWriter) {
        json.object { json in
            json.field("result", reason == nil)
            json.field("action", "remove_member")
            if let reason { json.field("reason", reason) }
            json.field("user", user.rawValue)
            json.field("groupid", call.group.rawValue)
        }
    }
}

extension UserID {
    /// Who changed a group when the App's backend did.
    static let groupOperator = UserID("admin")
}

extension Call {
    /// `need_notify=false`: members are not told.
    fileprivate var isAnnounced: Bool { self.query["need_notify"]?.lowercased() != "false" }

    /// - Returns: those who were not members before.
    /// - Throws: ``Rejection/userNotFound(_:)``; ``Rejection/alreadyMember(_:of:)`` when nobody is new.
    fileprivate func addMembers(_ users: [UserID]) async throws -> [UserID] {
        _ = try await self.existingGroup()
        try await self.requireUsers(users)
        let outcomes = try await self.core.addMembers(
            AddMembers(
                app: self.app.id, group: self.group, users: users, by: .groupOperator, isAnnounced: self.isAnnounced))
        let added = zip(users, outcomes).filter { $0.1 == .added }.map(\.0)
        guard !added.isEmpty else { throw Rejection.alreadyMember(users[0], of: self.group) }
        return added
    }
}
