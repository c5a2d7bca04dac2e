import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A token for the App (client id and secret), for a user (name and password), or for a user on the App's word (inherit).
///
/// Source: facts/easemob-server.md 1.1, 1.2 a and b.
struct IssueToken: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/token", "Get a token of the App or of a user",
        page: "使用 App Token 鉴权, 使用用户 token 鉴权", .partial("no exchange of AccessToken2 (grant_type agora)"))
    static let callers = Callers.anyone
    static let area = Area.tokens
    static let limitName: String? = "token"
    static let callsPerSecond = 300

    enum Grant: Sendable {
        case client(id: String, secret: String)
        case password(UserID, password: String)
        case inherit(UserID, createsUser: Bool)
    }

    struct Issued: Sendable {
        let token: String
        let user: User?
    }

    let grant: Grant
    /// 0: for ever.
    let lifetimeSeconds: Int64

    init(_ call: Call) throws {
        let json = try call.object()
        let lifetime = try json.number("ttl")
        if let lifetime, lifetime < 0 { throw Malformed("ttl", .invalid) }
        self.lifetimeSeconds = lifetime ?? Token.defaultLifetimeSeconds
        switch try json.text("grant_type") ?? "" {
        case "": throw Malformed("grant_type", .missing)
        case "client_credentials":
            self.grant = .client(
                id: try Self.required("client_id", json), secret: try Self.required("client_secret", json))
        case "password":
            self.grant = .password(try Self.username(json), password: try json.text("password") ?? "")
        case "inherit":
            self.grant = .inherit(try Self.username(json), createsUser: try json.looseFlag("autoCreateUser") ?? false)
        case let other:
            throw Refusal.illegalArgument("grant_type \(other) is not supported")
        }
    }

    private static func required(_ name: String, _ json: JSON) throws(Malformed) -> String {
        guard let text = try json.text(name), !text.isEmpty else { throw Malformed(name, .missing) }
        return text
    }

    private static func username(_ json: JSON) throws -> UserID {
        guard let name = try json.text("username"), !name.isEmpty else { throw Refusal.passwordUserNotFound }
        return try UserID(checking: name)
    }

    func perform(_ call: Call) async throws -> Issued {
        switch self.grant {
        case .client(let id, let secret):
            guard isEqualInConstantTime(id, call.credential.details[CredentialDetail.clientID] ?? "") else {
                throw Refusal.invalidGrant("client_id does not match")
            }
            guard isEqualInConstantTime(secret, call.credential.secret) else {
                throw Refusal.invalidGrant("client_secret does not match")
            }
            return Issued(token: self.token(.application, call), user: nil)
        case .password(let id, let password):
            let user = try await self.user(id, call)
            guard try await self.isRight(password, of: user, call) else {
                throw Refusal.invalidGrant("invalid password")
            }
            return Issued(token: self.token(.user(id), call), user: user)
        case .inherit(let id, let createsUser):
            guard case .application = try await call.authenticated() else { throw Refusal.tokenCorrupt }
            if createsUser { try await call.core.importUser(id, in: call.app.id) }
            let user = try await self.user(id, call)
            return Issued(token: self.token(.user(id), call), user: user)
        }
    }

    private func isRight(_ password: String, of user: User, _ call: Call) async throws(Refusal) -> Bool {
        let (guesses, address) = (call.easemob.context.guesses, call.request.remoteAddress)
        guard guesses.admits(user.id, in: call.app.id, from: address) else { throw .reachedLimit }
        guard let hash = user.passwordHash else { return false }
        let isRight = await Password.matching(password, hash: hash)
        // Again: a guesser who asks a thousand times at once learns no more than one who waits for each answer.
        guard guesses.admits(user.id, in: call.app.id, from: address) else { throw .reachedLimit }
        if !isRight { guesses.failed(user.id, in: call.app.id, from: address) }
        return isRight
    }

    private func user(_ id: UserID, _ call: Call) async throws -> User {
        guard let user = try await call.core.directory.user(id, in: call.app.id) else {
            throw Rejection.userNotFound(id)
        }
        guard user.mayLogIn(at: call.now) else { throw Rejection.userInactive(id) }
        return user
    }

    private func token(_ principal: Token.Principal, _ call: Call) -> String {
        Token(principal, of: call.app.id, issuedAt: call.now, lifetimeSeconds: self.lifetimeSeconds)
            .signed(secret: call.credential.secret)
    }

    /// What is said of a token that never expires: SDKs add it to the present, and would take 0 for "expired".
    static let foreverSeconds: Int64 = 2_147_483_647

    func encode(_ issued: Issued, _ call: Call) -> Answer {
        let answer = Answer(.bare)
            .with("access_token") { $0.string(issued.token) }
            .with("expires_in") {
                $0.int(self.lifetimeSeconds == 0 ? Self.foreverSeconds : min(self.lifetimeSeconds, Int64(UInt32.max)))
            }
        guard let user = issued.user else {
            return answer.with("application") { $0.string(call.easemob.apps.uuid(of: call.app.id)) }
        }
        return answer.with("user") { $0.entity(user, call) }
    }
}
