import NIOCore
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyRongCloud
import ParleyRongSocket

/// RongCloud's client SDKs: the navigation, the socket, and comet (facts/rongcloud-client.md).
struct RongCloudDoor: ClientDoor {
    static let dialect = RongCloud.name

    let admittance: Admittance
    let load: HTTPLoad
    let socket: RongSocketContext
    let comet: Comet

    private var core: Core { self.socket.core }

    func bodyLimit(path: String) -> Int? { ClientPath(rawValue: path)?.bodyLimit }

    func answer(_ request: WireRequest, isAlone: Bool) async -> HTTPAnswer? {
        guard let path = ClientPath(rawValue: request.path) else { return nil }
        if request.method == .OPTIONS { return .response(ClientAnswer.preflight) }
        switch path {
        case .navigation, .cometNavigation: return .response(await self.navigation(request))
        case .ping: return .response(ClientAnswer.pong)
        case .socket where request.header("Upgrade") != nil:
            guard isAlone || ClientPath.isSocket(query: request.query) else { return nil }
            return await self.upgrade(request)
        case .socket: return .response(await self.comet(request))
        case .cometMessages: return .response(await self.cometMessages(request))
        case .unread: return .response(await self.unread(request))
        }
    }

    // MARK: Before connecting

    private func navigation(_ request: WireRequest) async -> WireResponse {
        await self.answer(request) { query, holder in
            ClientAnswer.navigation(of: holder.user, at: request.origin, for: query)
        }
    }

    private func unread(_ request: WireRequest) async -> WireResponse {
        await self.answer(request) { query, holder in
            let unread = try await self.core.places.unread(of: holder.user, in: holder.app).messages
            return ClientAnswer.unread(unread > 0, for: query)
        }
    }

    private func answer(
        _ request: WireRequest, _ answer: (Form, TokenHolder) async throws -> WireResponse
    ) async -> WireResponse {
        guard let query = try? Form(query: request.query) else { return ClientAnswer.refused(.badRequest) }
        let handshake = Handshake(query)
        do {
            guard try await self.app(handshake.appKey) != nil else { return ClientAnswer.refused(.forbidden) }
            return try await answer(query, try await self.holder(of: handshake))
        } catch is TokenRefusal {
            return ClientAnswer.refused(.unauthorized)
        } catch {
            return ClientAnswer.refused(.internalServerError)
        }
    }

    // MARK: The socket

    /// Always upgraded: what is wrong is said in the first frame, because a refused upgrade only looks as if there were no network.
    private func upgrade(_ request: WireRequest) async -> HTTPAnswer {
        guard request.method == .GET, let key = WebSocketHandshake.key(of: request) else {
            return .response(
                .json(
                    #"{"error":"this is a WebSocket"}"#, status: .upgradeRequired,
                    headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]))
        }
        let handshake = (try? Form(query: request.query)).map(Handshake.init)
        let headers = WebSocketHandshake.answer(to: key)
        do {
            guard let handshake else { throw ConnectRefusal.tokenIncorrect }
            let client = try await self.client(handshake, request)
            let socket = self.socket
            return .upgrade(headers) { channel in
                try RongSocket.addHandlers(to: channel, client: client, handshake, in: socket)
            }
        } catch {
            let refusal = error as? ConnectRefusal ?? .unavailable
            return .upgrade(headers) { channel in try RongSocket.addRefusal(to: channel, refusal, handshake) }
        }
    }

    // MARK: Without a WebSocket

    /// A client connects (GET), or says something (POST).
    private func comet(_ request: WireRequest) async -> WireResponse {
        guard let query = try? Form(query: request.query) else { return ClientAnswer.refused(.badRequest) }
        switch request.method {
        case .GET: return await self.cometConnects(Handshake(query), request)
        case .POST: return await self.cometSays(query, request.body)
        default: return ClientAnswer.refused(.methodNotAllowed)
        }
    }

    private func cometConnects(_ handshake: Handshake, _ request: WireRequest) async -> WireResponse {
        let load = self.load
        do {
            let client = try await self.client(handshake, request)
            // It holds sockets as any other connection does.
            guard load.admitConnection() else { throw ConnectRefusal.unavailable }
            do {
                return ClientAnswer.connected(
                    try await self.comet.connect(client, handshake) { load.connectionEnded() })
            } catch {
                load.connectionEnded()
                throw error
            }
        } catch {
            let refusal = error as? ConnectRefusal ?? .unavailable
            return ClientAnswer.connected(.connAckRefused(status: refusal.rawValue))
        }
    }

    private func cometSays(_ query: Form, _ body: [UInt8]) async -> WireResponse {
        guard let post = CometPost(query) else { return ClientAnswer.lost }
        do {
            return try await self.comet.post(post, body: body) ? ClientAnswer.taken : ClientAnswer.lost
        } catch {
            return ClientAnswer.refused(.badRequest)
        }
    }

    private func cometMessages(_ request: WireRequest) async -> WireResponse {
        guard let session = (try? Form(query: request.query))?.cometSession,
            let frames = await self.comet.fetch(session)
        else { return ClientAnswer.lost }
        return ClientAnswer.frames(frames)
    }

    // MARK: Who it is

    /// - Throws: ``ConnectRefusal``, or what the store throws.
    private func client(_ handshake: Handshake, _ request: WireRequest) async throws -> Client {
        guard self.admittance.allowsPage(of: request) else { throw ConnectRefusal.domainNotAllowed }
        let holder: TokenHolder
        do { holder = try await self.holder(of: handshake) } catch let refusal as TokenRefusal {
            throw ConnectRefusal(refusal)
        }
        let settings = try await self.core.directory.app(holder.app)?.settings ?? AppSettings()
        return Client(
            app: holder.app, user: holder.user, device: handshake.instance.map { DeviceID($0) },
            // It remembers itself what it has.
            comesBack: false,
            platform: handshake.platform, tokenIssuedAt: holder.issuedAt, tokenExpiresAt: holder.expiresAt,
            confirmation: .manual, exclusivity: settings.devices == .onePerPlatform ? .platform : .device,
            // What was missed the client asks for.
            catchUpLimit: 0, address: request.remoteAddress)
    }

    /// Whose token it is, if it is of the App that the client names.
    ///
    /// - Throws: ``TokenRefusal``, or what the store throws.
    private func holder(of handshake: Handshake) async throws -> TokenHolder {
        let holder = try await self.admittance.holder(of: handshake.token)
        guard let app = try await self.app(handshake.appKey), app.id == holder.app else {
            throw TokenRefusal(.unknown, "token: of another app")
        }
        return holder
    }

    private func app(_ key: String) async throws -> App? {
        try await self.core.directory.app(dialect: Self.dialect, key: key)
    }
}

extension ConnectRefusal {
    fileprivate init(_ refusal: TokenRefusal) {
        switch refusal.cause {
        case .unknown, .expired, .revoked: self = .tokenIncorrect
        case .userBlocked: self = .userBlocked
        }
    }
}
