import Crypto
import Foundation
import Logging
import Metrics
import NIOCore
package import NIOHTTP1
import ParleyConsole
import ParleyCore
package import ParleyDialectKit
import ParleyHub
import ParleySocket
import Synchronization

/// Everything behind one port: the vendors' server APIs, the client sockets, metrics and health.
package struct Site: HTTPSite {
    let dialects: [any Dialect]
    let doors: [any ClientDoor]
    let core: Core
    let metrics: PrometheusMetrics
    let load: HTTPLoad
    let socket: SocketContext
    let files: FileSite
    let admittance: Admittance
    /// This port speaks only this dialect (and the paths that are Parley's own); nil: whichever claims the path.
    let only: DialectName?
    /// Host names that stand for one dialect.
    let hosts: [String: DialectName]
    /// Nil: there is none here.
    let console: Console?
    /// Keeps calls for the console while somebody looks.
    let journal: Journal?
    /// Sets the gauges that are read, not counted, before they are shown.
    let readGauges: @Sendable () -> Void
    private let meter = RequestMeter()

    init(
        dialects: [any Dialect], doors: [any ClientDoor], core: Core, metrics: PrometheusMetrics, load: HTTPLoad,
        socket: SocketContext, admittance: Admittance, logger: Logger, only: DialectName? = nil,
        hosts: [String: DialectName] = [:], console: Console? = nil, journal: Journal? = nil,
        readGauges: @escaping @Sendable () -> Void
    ) {
        self.dialects = dialects
        self.doors = doors
        self.core = core
        self.metrics = metrics
        self.load = load
        self.socket = socket
        self.files = FileSite(core: core, logger: logger)
        self.admittance = admittance
        self.only = only
        self.hosts = hosts
        self.console = console
        self.journal = journal
        self.readGauges = readGauges
    }

    package func bodyLimit(of head: HTTPRequestHead) -> Int {
        let path = WireRequest.split(head.uri).path
        if FileSite.claims(path) { return FileSite.bodyLimit }
        if Console.claims(path) { return Console.bodyLimit }
        if let limit = self.doors(for: path, self.onlyDialect(for: head.headers)).first?.bodyLimit(path: path) {
            return limit
        }
        return self.dialect(for: path, headers: head.headers).map { type(of: $0).bodyLimit(path: path) } ?? 16 * 1024
    }

    package func answer(_ request: WireRequest) async -> HTTPAnswer {
        if let own = await self.ownAnswer(request) { return own }
        if let answer = await self.clientAnswer(request) { return answer }
        guard let dialect = self.dialect(for: request.path, headers: request.headers) else {
            return .response(.notFound)
        }
        let began = ContinuousClock.now
        let response =
            if let journal = self.journal {
                await journal.answer(request, by: dialect)
            } else {
                await dialect.answer(request)
            }
        self.meter.answered(type(of: dialect).name, response.status, in: ContinuousClock.now - began)
        return .response(response)
    }

    package func answer(_ fault: TransportFault, to head: HTTPRequestHead?, from address: String) -> WireResponse {
        guard let head else {
            let response = WireResponse.json(#"{"error":"not HTTP"}"#, status: .badRequest)
            self.journal?.refused(fault, nil, from: address, by: nil, response)
            return response
        }
        let path = WireRequest.split(head.uri).path
        if FileSite.claims(path) { return FileSite.allow(fault.plainResponse) }
        guard let dialect = self.dialect(for: path, headers: head.headers) else { return fault.plainResponse }
        let response = dialect.answer(fault, path: path)
        self.journal?.refused(fault, head, from: address, by: dialect, response)
        return response
    }

    private func dialect(for path: String, headers: HTTPHeaders) -> (any Dialect)? {
        if let name = self.onlyDialect(for: headers) { return self.dialects.first { type(of: $0).name == name } }
        return self.dialects.first { type(of: $0).claims(path: path) }
    }

    /// Nil: all of them are spoken here.
    private func onlyDialect(for headers: HTTPHeaders) -> DialectName? { self.only ?? self.dialectName(of: headers) }

    private func dialectName(of headers: HTTPHeaders) -> DialectName? {
        guard !self.hosts.isEmpty, let host = headers.first(name: "Host") else { return nil }
        return self.hosts[host.split(separator: ":").first.map { $0.lowercased() } ?? ""]
    }

    // MARK: The vendors' clients

    /// Nearly always none.
    private func doors(for path: String, _ only: DialectName?) -> [any ClientDoor] {
        self.doors.filter { door in
            (only == nil || only == type(of: door).dialect) && door.bodyLimit(path: path) != nil
        }
    }

    private func clientAnswer(_ request: WireRequest) async -> HTTPAnswer? {
        let only = self.onlyDialect(for: request.headers)
        for door in self.doors(for: request.path, only) {
            if let answer = await door.answer(request, isAlone: only != nil) { return answer }
        }
        return nil
    }

    // MARK: Parley's own paths

    private func ownAnswer(_ request: WireRequest) async -> HTTPAnswer? {
        switch request.path {
        case "/v1/connect": return await self.connect(request)
        case "/health/live": return .response(.json(#"{"status":"ok"}"#))
        case "/health/ready": return .response(await self.readiness())
        case "/metrics":
            self.readGauges()
            return .response(
                WireResponse(
                    contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(self.metrics.text().utf8)))
        case "/":
            return .response(
                .json(
                    #"{"server":"Parley","connect":"/v1/connect","console":"/console","#
                        + #""metrics":"/metrics","health":"/health/ready"}"#))
        case let path where Console.claims(path): return .response(await self.console?.answer(request) ?? .notFound)
        case let path where FileSite.claims(path):
            return .response(await self.files.answer(request) { try await self.admittance.holder(of: $0) })
        default: return nil
        }
    }

    private func readiness() async -> WireResponse {
        if self.load.isDraining { return .json(#"{"status":"stopping"}"#, status: .serviceUnavailable) }
        do {
            _ = try await self.core.directory.apps()
            return .json(#"{"status":"ok"}"#)
        } catch {
            return .json(#"{"status":"the store does not answer"}"#, status: .serviceUnavailable)
        }
    }

    /// ParleySocket: the token is looked at before the upgrade, so that a bad one is an HTTP 401.
    private func connect(_ request: WireRequest) async -> HTTPAnswer {
        guard request.method == .GET, let key = WebSocketHandshake.key(of: request) else {
            return .response(
                .json(
                    #"{"error":"this is a WebSocket: GET /v1/connect?token=… with Upgrade: websocket, version 13"}"#,
                    status: .upgradeRequired, headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]))
        }
        guard self.admittance.allowsPage(of: request) else {
            return .response(.json(#"{"error":"sockets are not for pages of this origin"}"#, status: .forbidden))
        }
        guard let query = try? Form(query: request.query) else {
            return .response(.json(#"{"error":"the query is not UTF-8"}"#, status: .badRequest))
        }
        do {
            let token = query["token"] ?? request.header("Authorization")?.bearerToken ?? ""
            let holder = try await self.admittance.holder(of: token)
            let client = try await self.client(of: holder, asking: query, from: request.remoteAddress)
            let socket = self.socket
            return .upgrade(WebSocketHandshake.answer(to: key)) { channel in
                try ParleySocket.addHandlers(to: channel, client: client, in: socket)
            }
        } catch let malformed as BadParameter {
            return .response(.json(#"{"error":"\#(malformed.name): \#(malformed.reason)"}"#, status: .badRequest))
        } catch let refusal as TokenRefusal {
            return .response(.json(#"{"error":"\#(refusal.reason)"}"#, status: .unauthorized))
        } catch {
            return .response(.json(#"{"error":"internal error"}"#, status: .internalServerError))
        }
    }

    private func client(
        of holder: TokenHolder, asking query: Form, from address: String
    ) async throws -> Client {
        let settings = try await self.core.directory.app(holder.app)?.settings ?? AppSettings()
        return Client(
            app: holder.app, user: holder.user, device: try Self.device(query["device"]),
            platform: try Self.label(query["platform"], "platform") ?? "Web", tokenIssuedAt: holder.issuedAt,
            tokenExpiresAt: holder.expiresAt, confirmation: query["ack"] == "manual" ? .manual : .automatic,
            exclusivity: settings.devices == .onePerPlatform ? .platform : .device,
            beginning: query["begin"] == "manual" ? .whenAsked : .byItself,
            catchUpLimit: try Self.catchUpLimit(query["catchup"]), address: address)
    }
}

/// A query parameter of `/v1/connect` that is not what it must be.
private struct BadParameter: Error {
    var name: String
    var reason: String
}

extension Site {
    private static func device(_ name: String?) throws(BadParameter) -> DeviceID? {
        try self.label(name, "device").map { DeviceID($0) }
    }

    private static func label(_ text: String?, _ name: String) throws(BadParameter) -> String? {
        guard let text else { return nil }
        guard text.utf8.count <= 128,
            text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.value >= 0x20 })
        else { throw BadParameter(name: name, reason: "not 1 to 128 printable characters") }
        return text
    }

    private static func catchUpLimit(_ text: String?) throws(BadParameter) -> Int? {
        guard let text else { return nil }
        guard let limit = Int(text), (0...10_000).contains(limit) else {
            throw BadParameter(name: "catchup", reason: "not a number from 0 to 10000")
        }
        return limit
    }
}

extension WireResponse {
    static func json(_ text: String, status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:]) -> WireResponse {
        WireResponse(status: status, headers: headers, body: Array(text.utf8))
    }

    static let notFound = WireResponse.json(
        #"{"error":"no such path: not Parley's own, and no vendor's API has it"}"#, status: .notFound)
}

extension TransportFault {
    var plainResponse: WireResponse {
        switch self {
        case .bodyTooLarge(let limit): .json(#"{"error":"the body is over \#(limit) bytes"}"#, status: .payloadTooLarge)
        case .timedOut: .json(#"{"error":"the request took too long to arrive"}"#, status: .requestTimeout)
        case .unreadable: .json(#"{"error":"not HTTP, or its headers are too many or too long"}"#, status: .badRequest)
        case .overloaded: .json(#"{"error":"too busy: try again"}"#, status: .serviceUnavailable)
        }
    }
}

extension String {
    /// Of an `Authorization` header.
    var bearerToken: String? {
        guard self.lowercased().hasPrefix("bearer ") else { return nil }
        return String(self.dropFirst(7)).trimmingSpaces()
    }
}

/// RFC 6455, section 4.2.
enum WebSocketHandshake {
    /// The client's key, if the request is a WebSocket handshake.
    static func key(of request: WireRequest) -> String? {
        guard request.header("Upgrade")?.lowercased() == "websocket",
            request.headers[canonicalForm: "Connection"].contains(where: { $0.lowercased() == "upgrade" }),
            request.header("Sec-WebSocket-Version") == "13",
            let key = request.header("Sec-WebSocket-Key"), Data(base64Encoded: key)?.count == 16
        else { return nil }
        return key
    }

    static func answer(to key: String) -> HTTPHeaders {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return [
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Accept": Data(digest).base64EncodedString(),
        ]
    }
}

/// Requests counted and timed, by dialect and status.
final class RequestMeter: Sendable {
    private struct Key: Hashable {
        var dialect: DialectName
        var status: UInt
    }

    private let counters = Mutex<[Key: Counter]>([:])
    private let timers = Mutex<[DialectName: Metrics.Timer]>([:])

    func answered(_ dialect: DialectName, _ status: HTTPResponseStatus, in duration: Duration) {
        let counter = self.counters.withLock { counters in
            let key = Key(dialect: dialect, status: status.code)
            if let known = counters[key] { return known }
            let made = Counter(
                label: "parley_http_requests_total",
                dimensions: [("dialect", dialect.rawValue), ("status", String(status.code))])
            counters[key] = made
            return made
        }
        counter.increment()
        let timer = self.timers.withLock { timers in
            if let known = timers[dialect] { return known }
            let made = Metrics.Timer(label: "parley_http_request_seconds", dimensions: [("dialect", dialect.rawValue)])
            timers[dialect] = made
            return made
        }
        timer.recordNanoseconds(duration.nanoseconds)
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
