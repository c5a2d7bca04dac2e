import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyRongSocket
import ParleySocket
import ParleyTesting
import Synchronization

@testable import ParleyEasemob
@testable import ParleyRongCloud
@testable import ParleyServer
@testable import ParleyTencent

/// The whole site over a store in memory: what stands behind the server's port, without the port.
final class Stand: Sendable {
    let bench: Bench
    let site: Site
    private let loops: MultiThreadedEventLoopGroup
    private let faults: Faults
    private let query: String
    private let bearer: String
    /// A token of alice's in each dialect.
    let tokens: [String]

    private static let current = Mutex<(stand: Stand, uses: Int)?>(nil)
    /// Inputs leave messages and groups behind. After so many the next begins from nothing.
    private static let lifetime = 20_000

    static func shared() throws -> Stand {
        try self.current.withLock { current in
            if let known = current, known.uses < self.lifetime {
                current!.uses += 1
                return known.stand
            }
            let stand = try blocking { try await Stand() }
            current = (stand, 1)
            return stand
        }
    }

    init() async throws {
        let bench = try await Bench.make()
        try await bench.core.createGroup(
            ParleyCore.CreateGroup(
                app: bench.app.id,
                group: Group(
                    id: GroupID("group"), type: .public, name: "Group", owner: UserID("alice"),
                    createdAt: bench.clock.now()),
                members: [Member(user: UserID("bob"), joinedAt: bench.clock.now(), delivery: .notify)]))
        let faults = Faults()
        let logger = Logger(label: "fuzz") { _ in FaultCatcher(faults: faults) }
        let rates = RateLimiter(clock: bench.clock, isOn: false)
        let dialects = Dialects.all.map { $0.init(DialectContext(core: bench.core, rates: rates, logger: logger)) }
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = Hub(loops: [loops.any()], log: bench.store, directory: bench.store, clock: bench.clock)
        let load = HTTPLoad(maximumConnections: 1, maximumBodyBytes: 1 << 30)
        let admittance = Admittance(dialects: dialects, core: bench.core, origins: nil)
        let rongSocket = RongSocketContext(
            core: bench.core, mailbox: bench.store, hub: hub, rates: rates, attendance: RoomAttendance(in: bench.core)
        ) { _, _ in }
        let door = RongCloudDoor(admittance: admittance, load: load, socket: rongSocket, comet: Comet(rongSocket))
        self.site = Site(
            dialects: dialects, doors: [door], core: bench.core, metrics: PrometheusMetrics(), load: load,
            socket: SocketContext(core: bench.core, hub: hub, rates: rates) { _, _ in }, admittance: admittance,
            logger: logger, readGauges: {})
        self.tokens = try dialects.map { try $0.token(for: UserID("alice"), in: bench.app, lifetimeSeconds: 86_400) }
        self.query =
            "sdkappid=1400000000&identifier=administrator&usersig=\(Demo.signature(now: bench.clock.now()))"
        self.bearer = try Easemob(DialectContext(core: bench.core, rates: rates, logger: logger))
            .appToken(for: bench.app, lifetimeSeconds: 86_400)
        self.bench = bench
        self.loops = loops
        self.faults = faults
    }

    deinit { self.loops.shutdownGracefully { _ in } }

    /// As the dialect's own backend would send it, where it brings no signature itself.
    private func signed(_ request: WireRequest) -> WireRequest {
        var request = request
        if RongCloud.claims(path: request.path) {
            request.signForRongCloud()
        } else if Tencent.claims(path: request.path) {
            if !request.query.contains("usersig") { request.query = self.query + "&" + request.query }
        } else if Easemob.claims(path: request.path) {
            switch request.headers.first(name: "Authorization") {
            case nil, "<app>": request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(self.bearer)")
            case "none": request.headers.remove(name: "Authorization")
            default: break
            }
        }
        return request
    }

    /// - Throws: ``Broken`` when an answer is none, or a fault came of it.
    func answer(_ text: RequestText) throws {
        let request = self.signed(text.wire(now: self.bench.clock.now()))
        let head = HTTPRequestHead(version: .http1_1, method: text.method, uri: text.target, headers: request.headers)
        guard request.body.count <= self.site.bodyLimit(of: head) else {
            return try Self.check(self.site.answer(.bodyTooLarge(limitBytes: 1), to: head, from: "127.0.0.1"))
        }
        let site = self.site
        let answer = try blocking { await site.answer(request) }
        if let fault = self.faults.take() { throw Broken("a fault: \(fault)") }
        switch answer {
        case .response(let response): try Self.check(response)
        case .upgrade(let headers, _): try Self.check(headers)
        }
    }

    private static func check(_ response: WireResponse) throws {
        try self.check(response.headers)
        try require(Self.isHeader(response.contentType), "the content type cannot stand in a header")
        try require(response.status != .internalServerError, "internal error")
        if response.contentType.hasPrefix("application/json"), !response.body.isEmpty {
            try Structure.check(response.body)
        }
    }

    private static func check(_ headers: HTTPHeaders) throws {
        for (name, value) in headers {
            try require(Self.isHeader(name) && Self.isHeader(value), "header \(name) has a line's end in it")
        }
    }

    private static func isHeader(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 || $0 == 9 } }
}

extension WireRequest {
    fileprivate mutating func signForRongCloud() {
        guard !self.headers.contains(name: "App-Key"), !self.headers.contains(name: "RC-App-Key") else { return }
        self.headers.add(name: "App-Key", value: "parley-demo")
        self.headers.add(name: "Nonce", value: "14314")
        self.headers.add(name: "Timestamp", value: "1585127132438")
        self.headers.add(
            name: "Signature",
            value: Signature.value(secret: Demo.secret, nonce: "14314", timestamp: "1585127132438"))
    }
}

/// What was logged as an error: what a request from outside must not be able to cause.
final class Faults: Sendable {
    private let first = Mutex<String?>(nil)

    func add(_ fault: String) { self.first.withLock { $0 = $0 ?? fault } }

    func take() -> String? {
        self.first.withLock { first in
            defer { first = nil }
            return first
        }
    }
}

private struct FaultCatcher: LogHandler {
    let faults: Faults
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.error

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    init(faults: Faults) { self.faults = faults }

    func log(event: LogEvent) {
        self.faults.add("\(event.message) \(event.metadata ?? [:])")
    }
}
