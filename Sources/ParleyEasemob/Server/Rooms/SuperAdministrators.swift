import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Users who may make chat rooms. A new App has none. Source: facts/easemob-server.md 3.10.

extension App {
    fileprivate static let maximumSuperAdministrators = 1000

    /// In the order in which they were made so.
    var superAdministrators: [UserID] {
        get {
            let names = self.credential(in: Easemob.name)?.details[CredentialDetail.superAdministrators] ?? ""
            return names.split(separator: ",").map { UserID(String($0)) }
        }
        set {
            let names = newValue.map(\.rawValue).joined(separator: ",")
            for index in self.credentials.indices where self.credentials[index].dialect == Easemob.name {
                self.credentials[index].details[CredentialDetail.superAdministrators] = names.isEmpty ? nil : names
            }
        }
    }
}

struct ListSuperAdministrators: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatrooms/super_admin", "List who may create chat rooms",
        page: "分页获取聊天室超级管理员 (chatroom_superadmin)")
    static let area = Area.rooms

    let pageNumber: Int
    let pageSize: Int

    init(_ call: Call) {
        self.pageNumber = call.number("pagenum", default: 1, in: 1...Int(Int32.max))
        self.pageSize = call.number("pagesize", default: 10, in: 1...1000)
    }

    func perform(_ call: Call) -> [UserID] {
        let users = call.app.superAdministrators
        return Array(users.dropFirst((self.pageNumber - 1) * self.pageSize).prefix(self.pageSize))
    }

    func encode(_ users: [UserID], _ call: Call) -> Answer {
        Answer.names(users).params(call.query).count(users.count)
    }
}

struct AddSuperAdministrator: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatrooms/super_admin", "Let a user create chat rooms",
        page: "添加聊天室超级管理员 (chatroom_superadmin)")
    static let area = Area.rooms

    let user: UserID

    init(_ call: Call) throws {
        guard let name = try call.object().textOrNumber("superadmin"), !name.isEmpty else {
            throw Malformed("superadmin", .missing)
        }
        self.user = UserID(easemob: name)
    }

    func perform(_ call: Call) async throws {
        try await call.requireUsers([self.user])
        try await call.changeSuperAdministrators { users in
            if !users.contains(self.user) { users.append(self.user) }
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("result", "success")
                json.field("resource", "")
            }
        }
        .noEntities()
    }
}

struct RemoveSuperAdministrator: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/chatrooms/super_admin/{username}", "Let a user create no more chat rooms",
        page: "撤销聊天室超级管理员 (chatroom_superadmin)")
    static let area = Area.rooms

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.changeSuperAdministrators { users in users.removeAll { $0 == call.user() } }
    }

    /// The name of the member is the vendor's.
    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("newSuperAdmin", call.user().rawValue)
                json.field("resource", "")
            }
        }
        .noEntities()
    }
}

extension Call {
    fileprivate func changeSuperAdministrators(_ change: (inout [UserID]) -> Void) async throws {
        guard var app = try await self.core.directory.app(self.app.id) else { return }
        let before = app.superAdministrators
        change(&app.superAdministrators)
        guard app.superAdministrators != before else { return }
        guard app.superAdministrators.count <= App.maximumSuperAdministrators else {
            throw Refusal.exceedsLimit("super admins exceed the limit \(App.maximumSuperAdministrators)")
        }
        try await self.core.directory.save(app)
    }
}
