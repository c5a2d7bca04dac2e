import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// Why a call did not get as far as its command. Source: facts/tencent-im.md 1.4.
enum GateRefusal: Error, Hashable, Sendable {
    case unknownCommand(path: String)
    case methodNotPost(String)
    case queryUnreadable
    case sdkAppIDMissing
    case sdkAppIDNotNumber
    case sdkAppIDUnknown
    case identifierMissing
    case userSigMissing
    case userSigEmpty
    case userSigUnreadable
    case userSigOfOtherApp(String)
    case userSigOfOtherAccount(String)
    case userSigWrong
    case userSigExpired(Timestamp)
    case userSigVoid
    case notAdministrator(String)
    case tooFrequent(RateLimiter.Limit)
}

/// The checks that come before every command, in the order of facts 1.4. That order is not documented by the vendor; the signature's MAC is checked
/// before its expiry, so that a forger learns nothing from the clock.
struct Gate: Sendable {
    let context: DialectContext
    let proofs: Proofs<String, UserSig>

    /// - Throws: ``GateRefusal``; anything else is a fault.
    func admit(_ request: WireRequest, for route: Route) async throws -> Caller {
        guard request.method == .POST || request.method == .GET else {
            throw GateRefusal.methodNotPost(request.method.rawValue)
        }
        guard let query = try? Form(query: request.query) else { throw GateRefusal.queryUnreadable }
        let (app, sdkAppID) = try await self.app(in: query)
        request.trace?.found(app)
        guard let identifier = query["identifier"] else { throw GateRefusal.identifierMissing }
        let text = try Self.signature(in: query)
        let key = app.credential(in: Tencent.name)?.secret
        let known = key.flatMap { self.proofs.proven(text, with: $0) }
        guard let signature = known ?? UserSig(decoding: text) else { throw GateRefusal.userSigUnreadable }
        guard String(signature.sdkAppID) == sdkAppID else {
            throw GateRefusal.userSigOfOtherApp(String(signature.sdkAppID))
        }
        guard signature.identifier == identifier else {
            throw GateRefusal.userSigOfOtherAccount(signature.identifier)
        }
        guard let key, known != nil || signature.isSigned(with: key) else { throw GateRefusal.userSigWrong }
        let caller = Caller(app: app, sdkAppID: sdkAppID, identifier: UserID(identifier), trace: request.trace)
        try await self.requireValidity(of: signature, of: caller)
        guard caller.administrators.contains(caller.identifier) else { throw GateRefusal.notAdministrator(identifier) }
        if known == nil { self.proofs.add(signature, of: text, with: key) }
        guard self.context.rates.admits(of: route.limit, for: app) else {
            request.trace?.refused(by: route.limit, of: app)
            throw GateRefusal.tooFrequent(route.limit)
        }
        return caller
    }

    private func app(in query: Form) async throws -> (App, sdkAppID: String) {
        guard let text = query["sdkappid"] else { throw GateRefusal.sdkAppIDMissing }
        guard let number = UInt64(text) else { throw GateRefusal.sdkAppIDNotNumber }
        let key = String(number)
        guard let app = try await self.context.core.directory.app(dialect: Tencent.name, key: key) else {
            throw GateRefusal.sdkAppIDUnknown
        }
        return (app, key)
    }

    private static func signature(in query: Form) throws(GateRefusal) -> String {
        guard let text = query["usersig"] else {
            throw query.fields.contains { $0.name == "usersig" } ? .userSigEmpty : .userSigMissing
        }
        return text
    }

    private func requireValidity(of signature: UserSig, of caller: Caller) async throws {
        guard !signature.hasExpired(at: self.context.now) else {
            throw GateRefusal.userSigExpired(signature.expiresAt)
        }
        let user = try await self.context.core.directory.user(caller.identifier, in: caller.app.id)
        if let user, signature.issuedAt < user.tokensValidFrom { throw GateRefusal.userSigVoid }
    }
}
