import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Registers one user (an object) or up to 60 (an array). Where registration is open (``CredentialDetail/registration``) one may be registered
/// without a token; otherwise, and for many, the App's is needed.
///
/// Source: facts/easemob-server.md 3.1.
struct RegisterUsers: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users", "Register users", page: "注册用户 (account_system)")
    static let callers = Callers.registrant
    static let area = Area.users

    static let maximumUsers = 60
    private static let maximumPasswordCharacters = 64
    private static let maximumNicknameCharacters = 100

    struct Account: Sendable {
        let id: UserID
        let password: String
        let nickname: String?
    }

    struct Registered: Sendable {
        var users: [User] = []
        /// Of several: those that are taken.
        var failures: [UserID] = []
    }

    let accounts: [Account]
    let isMany: Bool

    init(_ call: Call) throws {
        let json = try call.json()
        self.isMany = json.kind == .array
        let list = json.array ?? [json]
        guard list.count <= Self.maximumUsers else {
            throw Refusal.illegalArgument(
                "Request body array size[\(list.count)] had almost reached or been greater than the upper range "
                    + "value[\(Self.maximumUsers)]")
        }
        var accounts: [Account] = []
        for item in list {
            let account = try Self.account(item)
            if let same = accounts.first(where: { $0.id == account.id }) {
                guard same.password != account.password else { continue }
                throw Refusal.illegalArgument("the same user \(account.id) has a different password")
            }
            accounts.append(account)
        }
        guard !accounts.isEmpty else { throw Malformed("", .unreadable) }
        self.accounts = accounts
    }

    private static func account(_ json: JSON) throws -> Account {
        guard json.kind == .object else { throw Malformed("", .unreadable) }
        let id = try UserID(checking: try json.textOrNumber("username") ?? "")
        guard let password = try json.textOrNumber("password"), !password.isEmpty else {
            throw Refusal.illegalArgument("password or pin must provided")
        }
        guard password.count <= Self.maximumPasswordCharacters else {
            throw Refusal.illegalArgument("PASSWORD_TOO_LONG")
        }
        let nickname = try json.text("nickname")
        guard (nickname?.count ?? 0) <= Self.maximumNicknameCharacters else {
            throw Refusal.illegalArgument("NICKNAME_TOO_LONG")
        }
        return Account(id: id, password: password, nickname: nickname)
    }

    /// One transaction for all of them. A name that is taken is an error when it is alone, and a line of the answer among several.
    func perform(_ call: Call) async throws -> Registered {
        if call.caller == nil && self.isMany { throw Refusal.registrationNeedsToken }
        let hashes = await Password.hashing(self.accounts.map(\.password))
        let (accounts, isMany) = (self.accounts, self.isMany)
        return try await call.core.directory.write(in: call.app.id) { transaction in
            var registered = Registered()
            for (account, hash) in zip(accounts, hashes) {
                guard try transaction.user(account.id) == nil else {
                    guard isMany else { throw Refusal.usernameTaken(account.id, in: transaction.app) }
                    registered.failures.append(account.id)
                    continue
                }
                var user = try transaction.newUser(account.id)
                user.name = account.nickname
                user.passwordHash = hash
                try transaction.save(user)
                registered.users.append(user)
            }
            return registered
        }
    }

    func encode(_ registered: Registered, _ call: Call) -> Answer {
        let answer = Answer.users(registered.users, call)
        guard !registered.failures.isEmpty else { return answer }
        return answer.with("data") { json in
            json.array(registered.failures) { json, id in
                json.object { json in
                    json.field("username", id.rawValue)
                    json.field("registerUserFailReason", "the \(id) already exists")
                }
            }
        }
    }
}

extension Refusal {
    fileprivate static func usernameTaken(_ id: UserID, in app: AppID) -> Refusal {
        var refusal = Refusal(Rejection.userExists(id), in: .users)
        refusal.description =
            "Application \(VersionOneUUID.application(app)) Entity user requires that property named username be "
            + "unique, value of \(id) exists"
        return refusal
    }
}
