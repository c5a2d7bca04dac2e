import ParleyCore
import ParleyDialectKit

/// Who calls, by the token shown.
enum Caller: Hashable, Sendable {
    case application
    case user(UserID)
}

/// Whose tokens an endpoint accepts.
enum Callers: Sendable {
    /// No token is needed, and none is looked at.
    case anyone
    case application
    case applicationOrUser
    /// Client SDKs alone: it is about whoever calls.
    case user
    /// The App, and the user whom the path names.
    case applicationOrOneself
    /// The App; where registration is open, anyone without a token too.
    case registrant

    func check(_ call: Call) async throws -> Caller? {
        switch self {
        case .anyone: return nil
        case .applicationOrUser: return try await call.authenticated()
        case .user:
            let caller = try await call.authenticated()
            guard caller != .application else { throw Refusal.unauthenticated }
            return caller
        case .applicationOrOneself:
            let caller = try await call.authenticated()
            guard caller == .application || caller == .user(call.user()) else { throw Refusal.unauthenticated }
            return caller
        case .application:
            guard case .application = try await call.authenticated() else { throw Refusal.unauthenticated }
            return .application
        case .registrant: return try await call.registrant()
        }
    }
}

/// What a token was found right with.
struct ProofKey: Hashable, Sendable {
    let app: AppID
    let secret: String
}

extension Call {
    fileprivate func registrant() async throws -> Caller? {
        guard self.request.header("Authorization") != nil else {
            guard self.credential.details[CredentialDetail.registration] == "open" else {
                throw Refusal.registrationNeedsToken
            }
            return nil
        }
        guard case .application = try await self.authenticated() else {
            throw Refusal.unauthorized("token is illegal.")
        }
        return .application
    }

    private func shownToken() throws(Refusal) -> String {
        guard let header = self.request.header("Authorization") else { throw .tokenExpired }
        let words = header.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map { Substring($0) }
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw .tokenCorrupt }
        return String(words[1])
    }

    /// Of the token that was found to be right.
    func tokenExpiry() throws(Refusal) -> Timestamp {
        let text = try self.shownToken()
        guard let expiry = DynamicToken(parsing: text)?.expiresAt ?? Token(parsing: text)?.expiresAt else {
            throw .tokenCorrupt
        }
        return expiry
    }

    /// Source of the five ways to fail: facts/easemob-server.md 1.5.
    func authenticated() async throws -> Caller {
        let text = try self.shownToken()
        let key = ProofKey(app: self.app.id, secret: self.credential.secret)
        if let token = self.easemob.proofs.proven(text, with: key) { return try await self.admitted(token) }
        if let dynamic = DynamicToken(parsing: text) {
            guard dynamic.appKey == self.credential.key, dynamic.isGenuine(for: self.credential) else {
                throw Refusal.tokenForeign
            }
            guard dynamic.expiresAt > self.now else { throw Refusal.tokenExpired }
            return try await self.admitted(dynamic.user, tokenIssuedAt: dynamic.issuedAt)
        }
        guard let token = Token(parsing: text) else { throw Refusal.tokenCorrupt }
        guard token.application == .application(self.app.id), token.isGenuine(secret: self.credential.secret) else {
            throw Refusal.tokenForeign
        }
        self.easemob.proofs.add(token, of: text, with: key)
        return try await self.admitted(token)
    }

    private func admitted(_ token: Token) async throws -> Caller {
        guard token.expiresAt > self.now else { throw Refusal.tokenExpired }
        switch token.principal {
        case .application: return .application
        case .user(let user): return try await self.admitted(user, tokenIssuedAt: token.issuedAt)
        }
    }

    private func admitted(_ id: UserID, tokenIssuedAt issuedAt: Timestamp) async throws -> Caller {
        guard let user = try await self.core.directory.user(id, in: self.app.id) else { throw Refusal.tokenForeign }
        guard issuedAt >= user.tokensValidFrom else { throw Refusal.tokenExpired }
        guard user.mayLogIn(at: self.now) else { throw Refusal.unauthenticated }
        return .user(id)
    }
}
