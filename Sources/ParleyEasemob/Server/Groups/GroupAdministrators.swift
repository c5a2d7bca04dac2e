import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who helps the owner of a group or chat room. Source: facts/easemob-server.md 3.8, 3.10.

struct ListAdministrators<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/admin", "List the administrators of a \(Kind.noun)",
            page: "获取\(Kind.word)管理员列表 (\(Kind.page)_member_admin)")
    }

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) -> [UserID] {
        group.membersInOrder.filter { $0.role == .administrator }.map(\.user)
    }

    func encode(_ administrators: [UserID], _ call: Call) -> Answer {
        Answer.names(administrators).count(administrators.count)
    }
}

struct AddAdministrator<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/admin", "Make a member of a \(Kind.noun) an administrator",
            page: "添加\(Kind.word)管理员 (\(Kind.page)_member_admin)")
    }

    let right = Right.owner
    let user: UserID

    init(_ call: Call) throws {
        guard let name = try call.object().textOrNumber("newadmin"), !name.isEmpty else {
            throw Malformed("newadmin", .missing)
        }
        self.user = UserID(easemob: name)
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let id = group.group.id
        do {
            try await call.core.changeMember(self.user, of: id, in: call.app.id, by: call.callingUser) { member, _ in
                guard member.role != .owner else { throw Rejection.ownerMayNotLeave(id) }
                member.role = .administrator
            }
        } catch Rejection.notMember {
            throw Refusal.resourceNotFound("user: \(self.user) doesn't exist in group: \(id.easemob)")
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .success("newadmin", self.user) }
}

struct RemoveAdministrator<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/admin/{username}", "Make an administrator of a \(Kind.noun) a member",
            page: "移除\(Kind.word)管理员 (\(Kind.page)_member_admin)")
    }

    let right = Right.owner

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let (id, user) = (group.group.id, call.user())
        let notAdministrator = Refusal.forbiddenOperation("user:\(user) is not admin of group:\(id.easemob)")
        do {
            try await call.core.changeMember(user, of: id, in: call.app.id, by: call.callingUser) { member, _ in
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
    /// `"data": ["u1", "u2"]`
    static func names(_ users: [UserID]) -> Answer {
        Answer.data { json in json.array(users) { $0.string($1.rawValue) } }.noEntities()
    }

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
