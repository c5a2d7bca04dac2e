package import Logging
import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

/// The web console: the page at `/console`, and the API behind it.
///
/// It knows no vendor: what there is to call, to see and to explain, it has from the dialects' own descriptions.
package final class Console: Sendable {
    let context: ConsoleContext
    package let journal: Journal
    let doorkeeper: Doorkeeper
    let pulse: Pulse

    package init(_ context: ConsoleContext, journal: Journal) {
        self.context = context
        self.journal = journal
        self.doorkeeper = Doorkeeper(context)
        self.pulse = Pulse()
    }

    package static let path = "/console"
    /// Of a request's body, in bytes: a message of 128 KB, in JSON, in JSON.
    package static let bodyLimit = 2 << 20

    package static func claims(_ path: String) -> Bool { path == Self.path || path.hasPrefix(Self.path + "/") }

    /// Whoever waits for news is answered: the server is stopping.
    package func stop() { self.journal.close() }

    package func answer(_ request: WireRequest) async -> WireResponse {
        let rest = request.path.dropFirst(Self.path.count)
        guard rest.hasPrefix("/api/") || rest == "/api" else { return Page.answer(request) }
        do {
            return Self.secured(try await self.reply(to: request))
        } catch let refusal as Refusal {
            return Self.secured(refusal.response(to: request))
        } catch let rejection as Rejection {
            return Self.secured(Refusal(.conflict, .refused, Explanation(rejection).reason).response(to: request))
        } catch {
            self.context.logger.error(
                "console failed",
                metadata: ["request": "\(request.requestID)", "path": "\(request.path)", "error": "\(error)"])
            return Self.secured(Refusal.fault.response(to: request))
        }
    }

    private func reply(to request: WireRequest) async throws -> WireResponse {
        var path: [String] = []
        for segment in request.path.pathSegments.dropFirst(2) {
            guard let text = Form.decoded(path: segment) else { throw Refusal.notFound }
            path.append(text)
        }
        try self.doorkeeper.admitPage(of: request)
        let (route, parameters) = try Route.find(request.method, path)
        if !route.isOpen, !self.doorkeeper.knows(request) { throw Refusal.signedOut }
        var reply = try await route.perform(try Visit(request, path: parameters, to: self))
        if !route.isOpen, let cookie = self.doorkeeper.renewal(of: request) {
            reply.headers.add(name: "Set-Cookie", value: cookie)
        }
        return WireResponse(headers: reply.headers, body: reply.body)
    }

    /// What is said to browsers about every answer of the API: nothing of it is kept, guessed at or shown elsewhere.
    private static func secured(_ response: WireResponse) -> WireResponse {
        var response = response
        response.headers.add(name: "Cache-Control", value: "no-store")
        response.headers.add(contentsOf: Page.guards)
        return response
    }
}

extension Refusal {
    fileprivate func response(to request: WireRequest) -> WireResponse {
        WireResponse(status: self.status, body: self.body(in: Wording.Language(of: request)))
    }
}

/// What the console works with.
package struct ConsoleContext: Sendable {
    package var core: Core
    package var dialects: [any Dialect]
    package var callbacks: any CallbackBook
    package var pushes: any PushBook
    package var guesses: Guesses
    package var logger: Logger
    package var version: String
    package var startedAt: Timestamp
    /// Clients that no dialect stands for: what they get of an entry.
    package var previews: [ClientPreview]
    package var health: @Sendable () -> HealthReading
    /// Where a push simulator runs, and what is in its inbox: JSON.
    package var simulator: (@Sendable () -> (url: String, notices: [UInt8]))?
    /// Secrets that everybody knows: calls that are copied may carry what they prove.
    package var publicSecrets: Set<String>
    /// Nil: there is no password, and who is on this machine is let in.
    package var password: ConsolePassword?
    /// How the outside reaches this server, where it is told.
    package var publicURL: String?

    package init(
        core: Core, dialects: [any Dialect], callbacks: any CallbackBook, pushes: any PushBook, guesses: Guesses,
        logger: Logger, version: String, previews: [ClientPreview], health: @escaping @Sendable () -> HealthReading,
        simulator: (@Sendable () -> (url: String, notices: [UInt8]))? = nil, publicSecrets: Set<String> = [],
        password: ConsolePassword? = nil, publicURL: String? = nil
    ) {
        self.core = core
        self.dialects = dialects
        self.callbacks = callbacks
        self.pushes = pushes
        self.guesses = guesses
        self.logger = logger
        self.version = version
        self.startedAt = core.clock.now()
        self.previews = previews
        self.health = health
        self.simulator = simulator
        self.publicSecrets = publicSecrets
        self.password = password
        self.publicURL = publicURL
    }

    func dialect(_ name: some StringProtocol) throws(Refusal) -> any Dialect {
        guard let dialect = self.dialects.first(where: { type(of: $0).name.rawValue == name }) else {
            throw Refusal(.notFound, .unknownDialect, Wording("No dialect is called '\(name)'.", "没有名为“\(name)”的协议。"))
        }
        return dialect
    }
}

/// The administrator's password: its hash, and what compares.
package struct ConsolePassword: Sendable {
    package var hash: String
    package var matches: @Sendable (_ password: String, _ hash: String) async -> Bool

    package init(hash: String, matches: @escaping @Sendable (_ password: String, _ hash: String) async -> Bool) {
        self.hash = hash
        self.matches = matches
    }
}

/// Clients beside the vendors' own.
package struct ClientPreview: Sendable {
    package var dialect: DialectName
    package var title: String
    /// A JSON text.
    package var json: @Sendable (Entry, App, UserID) -> [UInt8]?

    package init(
        dialect: DialectName, title: String, json: @escaping @Sendable (Entry, App, UserID) -> [UInt8]?
    ) {
        self.dialect = dialect
        self.title = title
        self.json = json
    }
}

/// What the server's counters say just now.
package struct HealthReading: Sendable {
    package var connections: Int
    /// Since the start.
    package var entries: Int
    package var deliveries: Int
    /// Of the last deliveries, from being given its place in the log to being handed to sockets. Nil: there were none.
    package var deliveryMilliseconds: (median: Int, p99: Int)?
    package var storeBytes: Int64
    package var walBytes: Int64
    package var residentBytes: Int64

    package init(
        connections: Int, entries: Int, deliveries: Int, deliveryMilliseconds: (median: Int, p99: Int)?,
        storeBytes: Int64, walBytes: Int64, residentBytes: Int64
    ) {
        self.connections = connections
        self.entries = entries
        self.deliveries = deliveries
        self.deliveryMilliseconds = deliveryMilliseconds
        self.storeBytes = storeBytes
        self.walBytes = walBytes
        self.residentBytes = residentBytes
    }
}
