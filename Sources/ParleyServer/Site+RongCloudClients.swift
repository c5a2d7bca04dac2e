import NIOCore
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyJSON
import ParleyRongSocket

/// The paths that RongCloud's client SDKs ask for, all at the root of the host (facts/rongcloud-client.md, 1, 2.1, 9).
extension Site {
    private static let everyOrigin: HTTPHeaders = ["Access-Control-Allow-Origin": "*"]

    private static let clientPaths: Set = [
        "/navi.js", "/cometnavi.js", "/ping", "/websocket", "/pullmsg.js", "/message/exist.js",
    ]

    /// Nil: none of them.
    func rongCloudClientAnswer(_ request: WireRequest) async -> HTTPAnswer? {
        if request.method == .OPTIONS, Self.clientPaths.contains(request.path) {
            return .response(Self.preflight(request))
        }
        return switch request.path {
        case "/navi.js", "/cometnavi.js": .response(await self.navigation(request))
        case "/ping":
            .response(WireResponse(headers: Self.everyOrigin, contentType: "text/plain", body: Array("pong".utf8)))
        case "/websocket":
            request.header("Upgrade") == nil
                ? .response(await self.comet(request)) : await self.rongCloudSocket(request)
        case "/pullmsg.js": .response(await self.cometMessages(request))
        case "/message/exist.js": .response(await self.unreadMessages(request))
        default: nil
        }
    }

    /// What the SDKs send is simple enough for browsers not to ask first; what an App puts around them may not be.
    private static func preflight(_ request: WireRequest) -> WireResponse {
        var headers = self.everyOrigin
        headers.add(name: "Access-Control-Allow-Methods", value: "GET, POST, OPTIONS")
        headers.add(name: "Access-Control-Allow-Headers", value: "Content-Type, X-Requested-With")
        headers.add(name: "Access-Control-Max-Age", value: "86400")
        return WireResponse(headers: headers, contentType: "text/plain", body: [])
    }

    /// For a script's `callBack`, or bare where there is none.
    private static func script(_ json: [UInt8], for query: Form) -> WireResponse {
        guard let callback = query["callBack"] ?? query["callback"], self.isName(callback) else {
            return WireResponse(headers: self.everyOrigin, body: json)
        }
        return WireResponse(
            headers: self.everyOrigin, contentType: "application/javascript; charset=utf-8",
            body: Array("\(callback)(".utf8) + json + Array(");".utf8))
    }

    // MARK: Navigation

    /// Where the client is to connect: to the host that it asked.
    private func navigation(_ request: WireRequest) async -> WireResponse {
        await self.answer(request, appKey: "appId") { query, holder in
            let json = JSONWriter.object { json in
                json.field("code", 200)
                json.field("userId", holder.user.rawValue)
                json.field("server", self.clientAddress(of: request))
                json.field("backupServer", "")
                json.field("voipCallInfo", "")
                for name in ["openMp", "openUS", "openAnti", "logSwitch", "monitor"] { json.field(name, 0) }
                for name in ["kvStorage", "grpRRVer", "historyMsg", "chatroomMsg"] { json.field(name, 1) }
                json.field("joinMChrm", true)
                json.field("logPolicy", "")
            }
            return Self.script(json, for: query)
        }
    }

    /// Whether there is anything that the user has not read: v2 asks without being connected.
    private func unreadMessages(_ request: WireRequest) async -> WireResponse {
        await self.answer(request, appKey: "appKey") { query, holder in
            let unread = try await self.core.places.unread(of: holder.user, in: holder.app).messages
            return Self.script(JSONWriter.object { $0.field("status", unread > 0 ? 1 : 0) }, for: query)
        }
    }

    /// - Parameter appKey: the name of the parameter that has it.
    private func answer(
        _ request: WireRequest, appKey: String, _ answer: (Form, TokenHolder) async throws -> WireResponse
    ) async -> WireResponse {
        guard let query = try? Form(query: request.query) else { return self.refused(.badRequest, 400) }
        var handshake = Handshake(query)
        handshake.appKey = query[appKey] ?? ""
        do {
            guard try await self.rongCloudApp(handshake.appKey) != nil else { return self.refused(.forbidden, 403) }
            return try await answer(query, try await self.holder(of: handshake))
        } catch is TokenRefusal {
            return self.refused(.unauthorized, 401)
        } catch {
            return self.refused(.internalServerError, 500)
        }
    }

    private func refused(_ status: HTTPResponseStatus, _ code: Int) -> WireResponse {
        .json(#"{"code":\#(code)}"#, status: status, headers: Self.everyOrigin)
    }

    /// What a page may be told to call: no more than a name.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x5F || $0 == 0x24 || $0 == 0x2E
            }
    }

    /// `host:port`, without a scheme: the SDKs take that of the address that they asked.
    private func clientAddress(of request: WireRequest) -> String {
        let isEncrypted = request.origin.hasPrefix("https://")
        let host = request.origin.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" }
        // An IPv6 address is in brackets.
        let hasPort = host.last != "]" && host.contains(":")
        return hasPort ? String(host) : "\(host):\(isEncrypted ? 443 : 80)"
    }

    // MARK: The socket

    /// Always upgraded: what is wrong is said in the first frame, because a refused upgrade only looks as if there were no network.
    private func rongCloudSocket(_ request: WireRequest) async -> HTTPAnswer {
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
            let client = try await self.rongCloudClient(handshake, request)
            let socket = self.rongSocket
            return .upgrade(headers) { channel in
                try RongSocket.addHandlers(to: channel, client: client, handshake, in: socket)
            }
        } catch {
            let refusal = error as? ConnectRefusal ?? .unavailable
            return .upgrade(headers) { channel in try RongSocket.addRefusal(to: channel, refusal, handshake) }
        }
    }

    // MARK: Without a WebSocket

    /// What there is to know of a session that is gone: the SDKs then connect anew (facts, 8).
    private static let lost = WireResponse(
        headers: Self.everyOrigin, contentType: "text/plain", body: Array("lost params".utf8))

    /// A client connects (GET), or says something (POST).
    private func comet(_ request: WireRequest) async -> WireResponse {
        guard let query = try? Form(query: request.query) else { return self.refused(.badRequest, 400) }
        switch request.method {
        case .GET: return await self.cometConnects(query, request)
        case .POST: return await self.cometSays(query, request.body)
        default: return self.refused(.methodNotAllowed, 405)
        }
    }

    private func cometConnects(_ query: Form, _ request: WireRequest) async -> WireResponse {
        let handshake = Handshake(query)
        let load = self.load
        do {
            let client = try await self.rongCloudClient(handshake, request)
            // It holds sockets as any other connection does.
            guard load.admitConnection() else { throw ConnectRefusal.unavailable }
            do {
                let answer = try await self.comet.connect(
                    client, handshake, isStopping: { load.isDraining }, ended: { load.connectionEnded() })
                return WireResponse(headers: Self.everyOrigin, body: answer)
            } catch {
                load.connectionEnded()
                throw error
            }
        } catch {
            let refusal = error as? ConnectRefusal ?? .unavailable
            return .json(#"{"status":\#(refusal.rawValue)}"#, headers: Self.everyOrigin)
        }
    }

    private func cometSays(_ query: Form, _ body: [UInt8]) async -> WireResponse {
        guard let session = query["sessionid"], let id = query["messageid"].flatMap({ UInt16($0) }),
            // A byte, which some SDKs take for a signed one.
            let header = query["header"].flatMap({ Int($0) }), (-128...255).contains(header)
        else { return Self.lost }
        do {
            let isKnown = try await self.comet.post(
                session, header: UInt8(truncatingIfNeeded: header), id: id, topic: query["topic"],
                target: query["targetid"], body: body)
            return isKnown ? WireResponse(headers: Self.everyOrigin, body: Array("[]".utf8)) : Self.lost
        } catch {
            return self.refused(.badRequest, 400)
        }
    }

    private func cometMessages(_ request: WireRequest) async -> WireResponse {
        guard let session = (try? Form(query: request.query))?["sessionid"],
            let frames = await self.comet.fetch(session)
        else { return Self.lost }
        return WireResponse(headers: Self.everyOrigin, body: frames)
    }

    /// - Throws: ``ConnectRefusal``.
    private func rongCloudClient(_ handshake: Handshake, _ request: WireRequest) async throws -> Client {
        // Only browsers send it, and a page cannot leave it out.
        if let origins = self.origins, let origin = request.header("Origin"), !origins.contains(origin.lowercased()) {
            throw ConnectRefusal.domainNotAllowed
        }
        let holder: TokenHolder
        do { holder = try await self.holder(of: handshake) } catch let refusal as TokenRefusal {
            throw ConnectRefusal(refusal)
        }
        let settings = try await self.core.directory.app(holder.app)?.settings ?? AppSettings()
        return Client(
            app: holder.app, user: holder.user, device: handshake.instance.map { DeviceID($0) } ?? .random(),
            platform: handshake.platform, tokenIssuedAt: holder.issuedAt, tokenExpiresAt: holder.expiresAt,
            confirmation: .manual, exclusivity: settings.devices == .onePerPlatform ? .platform : .device,
            // What was missed the client asks for.
            catchUpLimit: 0, address: request.remoteAddress)
    }

    /// Whose token it is, if it is of the App that the client names.
    ///
    /// - Throws: ``TokenRefusal``.
    private func holder(of handshake: Handshake) async throws -> TokenHolder {
        let holder = try await self.holder(of: handshake.token)
        guard let app = try await self.rongCloudApp(handshake.appKey), app.id == holder.app else {
            throw TokenRefusal(.unknown, "token: of another app")
        }
        return holder
    }

    private func rongCloudApp(_ key: String) async throws -> App? {
        try await self.core.directory.app(dialect: DialectName("rongcloud"), key: key)
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
