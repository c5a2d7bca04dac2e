import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit

/// Easemob's (环信) REST server API. Source: facts/easemob-server.md, and the page "发送群聊消息" (seeds/easemob-group-messages).
///
/// The order of checks is: App (404), endpoint (404, 405), token (401), calls a second (429), request (400), rules (403, 404).
package struct Easemob: Dialect {
    package static let name = DialectName("easemob")
    package static let title = "Easemob"
    package static var endpoints: [EndpointDescription] { Self.router.routes.map(\.description) }
    package static var callbacks: any CallbackForm.Type { EasemobCallbacks.self }
    package static var push: (any PushForm.Type)? { EasemobPush.self }

    /// Org `parley`, an app and a client of the App's own name.
    package static func newCredential(for app: AppID, secret: String) -> Credential {
        Credential(
            dialect: self.name, key: "parley#\(app)", secret: secret,
            details: [CredentialDetail.clientID: "parley-\(app)-client"])
    }

    private(set) var context: DialectContext
    let apps: AppIndex
    let proofs = Proofs<ProofKey, Token>()
    let groupIDs: GroupIDSource

    static let router = Router(Self.table, closed: ClosedService.all)

    package init(_ context: DialectContext) {
        self.context = context
        self.apps = AppIndex(directory: context.core.directory)
        self.groupIDs = GroupIDSource(clock: context.core.clock, node: context.core.identifiers.next().slot & 0xF)
    }

    // MARK: What is ours

    /// `/{org}/{app}/{resource}…`, unless it is another's.
    package static func claims(path: String) -> Bool {
        let segments = path.pathSegments
        guard segments.count >= 3, !segments[segments.count - 1].hasSuffix(".json") else { return false }
        // Not a set of them: to hash a word costs more than to compare five.
        switch segments[0] {
        case "v1", "v4", "console", "metrics", "health": return false
        default: return true
        }
    }

    package static func bodyLimit(path: String) -> Int {
        Self.isUpload(path) ? UploadFile.maximumBytes + 64 * 1024 : 1024 * 1024
    }

    private static func isUpload(_ path: String) -> Bool {
        let segments = path.pathSegments.dropFirst(2)
        return segments.elementsEqual(["chatfiles"]) || segments.count == 3 && segments.last == "share_files"
    }

    // MARK: Answering

    package func answer(_ request: WireRequest) async -> WireResponse {
        if request.method == .OPTIONS { return CrossOrigin.preflight }
        return CrossOrigin.allow(await self.respond(to: request))
    }

    private func respond(to request: WireRequest) async -> WireResponse {
        var area = Area.general
        do {
            let target = try Target(request)
            guard let app = try await self.context.core.directory.app(dialect: Self.name, key: target.appKey),
                let credential = app.credential(in: Self.name)
            else { throw Refusal.applicationNotFound(target) }
            request.trace?.found(app)
            let (route, parameters) = try Self.router.route(request.method, target.segments)
            area = route.area
            request.trace?.found(route.description)
            var call = Call(
                easemob: request.trace.map(self.traced) ?? self, request: request, target: target, app: app,
                credential: credential, parameters: parameters, query: try Form(query: request.query))
            do { call.caller = try await route.callers.check(call) } catch let refusal as Refusal {
                request.trace?.refused(Explanation(tokenOf: call, refusal))
                throw refusal
            }
            guard route.admits(call) else { throw Refusal.reachedLimit }
            return try await route.answer(call).response(to: call)
        } catch {
            return self.refusal(for: error, in: area, request)
                .response(receivedAt: request.receivedAt, now: self.context.now)
        }
    }

    private func traced(by trace: CallTrace) -> Easemob {
        var easemob = self
        easemob.context = self.context.traced(by: trace)
        return easemob
    }

    private func refusal(for error: any Error, in area: Area, _ request: WireRequest) -> Refusal {
        request.trace?.refused(Explanation(error))
        switch error {
        case let refusal as Refusal:
            return area == .metadata && refusal == .unauthenticated ? .metadataUnauthorized : refusal
        case let rejection as Rejection: return Refusal(rejection, in: area)
        case let malformed as Malformed: return Refusal(malformed, in: area)
        default:
            self.context.report(error, request)
            return .internalError
        }
    }

    package func answer(_ fault: TransportFault, path: String) -> WireResponse {
        let now = self.context.now
        let segments = path.pathSegments
        let refusal = Refusal(
            fault, isUpload: Self.isUpload(path), isMessage: segments.count > 2 && segments[2] == "messages")
        return CrossOrigin.allow(refusal.response(receivedAt: now, now: now))
    }

    // MARK: Clients' tokens

    package func holder(of token: String) async throws -> TokenHolder? {
        let now = self.context.now
        if let dynamic = DynamicToken(parsing: token) {
            guard let app = try await self.context.core.directory.app(dialect: Self.name, key: dynamic.appKey),
                let credential = app.credential(in: Self.name), dynamic.isGenuine(for: credential),
                dynamic.expiresAt > now
            else { return nil }
            return TokenHolder(
                app: app.id, user: dynamic.user, dialect: Self.name, issuedAt: dynamic.issuedAt,
                expiresAt: dynamic.expiresAt)
        }
        guard let token = Token(parsing: token), case .user(let user) = token.principal,
            let app = try await self.apps.app(token.application), let credential = app.credential(in: Self.name),
            token.isGenuine(secret: credential.secret), token.expiresAt > now
        else { return nil }
        return TokenHolder(
            app: app.id, user: user, dialect: Self.name, issuedAt: token.issuedAt, expiresAt: token.expiresAt)
    }

    package func token(for user: UserID, in app: App, lifetimeSeconds: Int64) throws -> String {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        let token = Token(
            .user(user), of: app.id, issuedAt: self.context.now, lifetimeSeconds: lifetimeSeconds)
        return token.signed(secret: credential.secret)
    }
}

extension Easemob {
    /// An App token as `POST /token` with client credentials gives it: for the request that the demo prints.
    package func appToken(for app: App, lifetimeSeconds: Int64) throws -> String {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        return Token(.application, of: app.id, issuedAt: self.context.now, lifetimeSeconds: lifetimeSeconds)
            .signed(secret: credential.secret)
    }
}

/// The App has no Easemob org, app and client: it cannot sign tokens.
struct NoCredential: Error {
    let app: AppID
}

/// What comes before the resource in every path: `/{org}/{app}/…`. Trailing slashes do not count.
struct Target: Sendable {
    let organization: String
    let applicationName: String
    /// What follows `/{org}/{app}`, percent-decoded.
    let segments: [String]
    /// The same as it was sent.
    let path: String

    init(_ request: WireRequest) throws(Refusal) {
        let raw = request.path.pathSegments
        var decoded: [String] = []
        for segment in raw {
            guard let text = Form.decoded(path: segment) else { throw .serviceResourceNotFound }
            decoded.append(text)
        }
        guard decoded.count >= 2 else { throw .serviceResourceNotFound }
        self.organization = decoded[0]
        self.applicationName = decoded[1]
        self.segments = Array(decoded[2...])
        self.path = raw[2...].map { "/" + $0 }.joined()
    }

    var appKey: String { "\(self.organization)#\(self.applicationName)" }
}
