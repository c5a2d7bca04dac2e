import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

/// The server API of Tencent Cloud IM (腾讯云即时通信 IM): `POST /v4/{service}/{command}`, an administrator's UserSig in the query, JSON in the body,
/// and always HTTP status 200.
package struct Tencent: Dialect {
    package static let name = DialectName("tencent")
    package static let title = "Tencent Cloud IM"

    let context: DialectContext
    /// UserSigs of administrators, by the App's key.
    private let proofs = Proofs<String, UserSig>()

    /// SDKAppIDs are numbers of ten digits that begin with 14.
    package static func newCredential(for app: AppID, secret: String) -> Credential {
        Credential(
            dialect: self.name, key: String(Int.random(in: 1_400_000_001...1_499_999_999)), secret: secret,
            details: ["administrators": "administrator"])
    }

    package init(_ context: DialectContext) { self.context = context }

    package static var endpoints: [EndpointDescription] { self.routes.map(\.description) }
    package static var callbacks: any CallbackForm.Type { TencentCallbacks.self }
    package static var push: (any PushForm.Type)? { TencentPush.self }

    package static func claims(path: String) -> Bool { path.hasPrefix("/v4/") }
    package static func bodyLimit(path: String) -> Int { Limits.bodyBytes }

    package func answer(_ request: WireRequest) async -> WireResponse {
        guard let route = Self.route(for: request.path) else {
            request.trace?.refused(.noCommand(at: request.path))
            return Envelope.failed(Errors.failure(for: .unknownCommand(path: request.path))).response
        }
        request.trace?.found(route.description)
        do {
            let caller = try await Gate(context: self.context, proofs: self.proofs).admit(request, for: route)
            let context = request.trace.map(self.context.traced) ?? self.context
            let response = try await route.answer(Self.body(of: request), caller, context).response
            guard route.area != .groups || response.body.count <= Limits.answerBytes else {
                throw Refusal.answerTooLong
            }
            return response
        } catch let refusal as GateRefusal {
            request.trace?.refused(Explanation(refusal, request))
            return Envelope.failed(Errors.failure(for: refusal)).response
        } catch let refusal as Refusal {
            request.trace?.refused(Explanation(refusal))
            return Envelope.failed(Errors.failure(for: refusal)).response
        } catch let error as JSON.SyntaxError {
            request.trace?.refused(Explanation(error))
            return Envelope.failed(Errors.failure(for: Malformed("", .unreadable), in: route.area)).response
        } catch {
            self.context.report(error, request)
            request.trace?.refused(.fault)
            return Envelope.failed(Errors.fault(in: route.area)).response
        }
    }

    package func answer(_ fault: TransportFault, path: String) -> WireResponse {
        Envelope.failed(Errors.failure(for: fault)).response
    }

    /// Read by what the URL says, whatever `Content-Type` says or does not say: several SDKs send none. One of them sends GET with no body for a call
    /// that has no arguments (facts/tencent-im.md 1.1).
    private static func body(of request: WireRequest) throws(JSON.SyntaxError) -> JSON {
        if request.method == .GET, request.body.isEmpty { return try JSON(parsing: "{}") }
        return try JSON(parsing: request.body)
    }

    package func holder(of token: String) async throws -> TokenHolder? {
        guard let signature = UserSig(decoding: token),
            let app = try await self.context.core.directory.app(dialect: Self.name, key: String(signature.sdkAppID)),
            let secret = app.credential(in: Self.name)?.secret, signature.isSigned(with: secret),
            !signature.hasExpired(at: self.context.now)
        else { return nil }
        return TokenHolder(
            app: app.id, user: UserID(signature.identifier), dialect: Self.name, issuedAt: signature.issuedAt,
            expiresAt: signature.expiresAt)
    }

    package func token(for user: UserID, in app: App, lifetimeSeconds: Int64) throws -> String {
        guard let credential = app.credential(in: Self.name), let sdkAppID = Int64(credential.key) else {
            throw NoCredential(app: app.id)
        }
        return UserSig(
            identifier: user.rawValue, sdkAppID: sdkAppID, issuedAt: self.context.now, lifetimeSeconds: lifetimeSeconds,
            key: credential.secret
        ).text
    }

    /// The App has no SDKAppID and key.
    struct NoCredential: Error {
        let app: AppID
    }
}
