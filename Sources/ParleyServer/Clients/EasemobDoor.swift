import NIOCore
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyEasemob
import ParleyEasemobSocket
import ParleyHub

/// Easemob's client SDKs: the socket, plain and as SockJS has it, and the discovery (facts/easemob-client.md). What they ask by REST is the dialect's.
struct EasemobDoor: ClientDoor {
    static let dialect = Easemob.name

    let admittance: Admittance
    let socket: EasemobSocketContext

    func bodyLimit(path: String) -> Int? { ClientPath(path).map { _ in 1024 } }

    func answer(_ request: WireRequest, isAlone: Bool) async -> HTTPAnswer? {
        guard let path = ClientPath(request.path) else { return nil }
        if request.method == .OPTIONS, path != .socket { return .response(ClientAnswer.preflight) }
        switch path {
        case .socket: return request.header("Upgrade") == nil && !isAlone ? nil : self.upgrade(request, isSockJS: false)
        case .sockJS: return self.upgrade(request, isSockJS: true)
        case .sockJSInfo: return .response(ClientAnswer.sockJSInfo(entropy: .random(in: .min ... .max)))
        case .discovery: return .response(ClientAnswer.discovery(at: request.origin))
        }
    }

    /// Who it is the client says when it is connected, and is told then if it may not be.
    private func upgrade(_ request: WireRequest, isSockJS: Bool) -> HTTPAnswer {
        guard request.method == .GET, let key = WebSocketHandshake.key(of: request) else {
            return .response(
                .json(
                    #"{"error":"this is a WebSocket"}"#, status: .upgradeRequired,
                    headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]))
        }
        guard self.admittance.allowsPage(of: request) else {
            return .response(.json(#"{"error":"sockets are not for pages of this origin"}"#, status: .forbidden))
        }
        let (socket, address) = (self.socket, request.remoteAddress)
        return .upgrade(WebSocketHandshake.answer(to: key)) { channel in
            try EasemobSocket.addHandlers(to: channel, isSockJS: isSockJS, address: address, in: socket)
        }
    }
}

extension Admittance {
    /// How many devices of one user may be connected: the vendor's default (facts/easemob-client.md 5).
    private static let easemobDevices = 4

    /// Whoever says who he is to ``EasemobSocket``.
    ///
    /// - Throws: ``ProvisionRefusal``, or what the store throws.
    func easemobGuest(
        _ provision: ClientProvision, from address: String
    ) async throws -> EasemobSocketContext.Guest {
        guard let app = try await self.core.directory.app(dialect: Easemob.name, key: provision.appKey) else {
            throw ProvisionRefusal.appNotFound
        }
        let holder: TokenHolder
        do { holder = try await self.holder(of: provision.token) } catch let refusal as TokenRefusal {
            throw ProvisionRefusal(refusal)
        }
        guard holder.app == app.id, holder.user.rawValue == provision.user.lowercased() || provision.user.isEmpty else {
            throw ProvisionRefusal.tokenWrong
        }
        let client = Client(
            app: app.id, user: holder.user, device: provision.device, platform: provision.platform,
            tokenIssuedAt: holder.issuedAt, tokenExpiresAt: holder.expiresAt, confirmation: .manual,
            exclusivity: app.settings.devices == .onePerPlatform ? .platform : .atMost(Self.easemobDevices),
            // What was missed the client fetches.
            catchUpLimit: 0, address: address)
        return EasemobSocketContext.Guest(client: client, appKey: provision.appKey)
    }
}

extension ClientProvision {
    private static let maximumResource = 128

    /// The client's own name for itself, if it can be one.
    fileprivate var device: DeviceID? {
        let isName =
            (1...Self.maximumResource).contains(self.resource.utf8.count)
            && self.resource.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        return isName ? DeviceID(self.resource) : nil
    }
}

extension ProvisionRefusal {
    fileprivate init(_ refusal: TokenRefusal) {
        switch refusal.cause {
        case .unknown, .revoked: self = .tokenWrong
        case .expired: self = .tokenExpired
        case .userBlocked: self = .forbidden
        }
    }
}
