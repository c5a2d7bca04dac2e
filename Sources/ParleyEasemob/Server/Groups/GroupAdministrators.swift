import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Who helps the owner of a group. Source: facts/easemob-server.md 3.8.
struct ListGroupAdministrators: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/{group_id}/admin", "List the administrators of a group",
        page: "获取群管理员列表 (group_member_admin)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [UserID] {
        try await call.existingGroup().membersInOrder.filter { $0.role == .administrator }.map(\.user)
    }

    func encode(_ administrators: [UserID], _ call: Call) -> Answer {
        Answer.data { json in json.array(administrators) { $0.string($1.rawValue) } }
            .noEntities().count(administrators.count)
    }
}

struct AddGroupAdministrator: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups/{group_id}/admin", "Make a member an administrator",
        page: "添加群管理员 (group_member_admin)")
    static let area = Area.groups

    let user: UserID

    init(_ call: Call) throws {
        guard let name = try call.object().textOrNumber("newadmin"), !name.isEmpty else {
            throw Malformed("newadmin", .missing)
        }
        self.user = UserID(easemob: name)
    }

    func perform(_ call: Call) async throws {
        do {
            try await call.core.changeMember(self.user, of: call.group, in: call.app.id) { member, _ in
                guard member.role != .owner else { throw Rejection.ownerMayNotLeave(call.group) }
                member.role = .administrator
            }
        } catch Rejection.notMember {
            throw Refusal.resourceNotFound("user: \(self.user) doesn't exist in group: \(call.group)")
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .success("newadmin", self.user) }
}

struct RemoveGroupAdministrator: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/chatgroups/{group_id}/admin/{username}", "Make an administrator a member",
        page: "移除群管理员 (group_member_admin)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        let notAdministrator = Refusal.forbiddenOperation("user:\(call.user()) is not admin of group:\(call.group)")
        do {
            try await call.core.changeMember(call.user(), of: call.group, in: call.app.id) { member, _ in
                guard member.role == .administrator else { throw notAdministrator }
                member.role = .member
            }
        } catch Rejection.notMember {
            throw notAdministrator
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .success("oldadmin", call.user()) }
}

extension Answer {
    fileprivate static func success(_ name: String, _ user: UserID) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("result", "success")
                json.field(name, user.rawValue)
            }
        }
        .noEntities()
    }
}
