import Foundation
package import Logging
import Metrics
import NIOCore
import NIOPosix
package import NIOSSL
package import ParleyCallbacks
import ParleyConsole
package import ParleyCore
package import ParleyDialectKit
import ParleyEasemobSocket
package import ParleyHub
import ParleyImages
import ParleyOutbound
import ParleyPush
import ParleyRongSocket
package import ParleySocket
package import ParleyStore
import Synchronization

/// The whole of Parley, wired: the only place that knows every module.
package final class Server: Sendable {
    package let core: Core
    package let hub: Hub
    package let store: Store
    package let dialects: [any Dialect]
    package let site: Site
    /// The port that everything is on.
    package let port: Int
    /// The port for TLS, where it is beside the other.
    package let tlsPort: Int?
    package let certificates: Certificates?
    package let callbacks: Callbacks
    package let attendance: RoomAttendance
    private let comet: Comet
    private let pushes: Pushes
    private let callers: [HTTPCaller]
    /// What goes on beside requests and connections.
    private let background: Task<Void, Never>
    private let group: MultiThreadedEventLoopGroup
    private let load: HTTPLoad
    private let channels: [any Channel]
    private let logger: Logger
    private let lock: Mutex<FolderLock?>

    /// Opens the store and listens. On return the server answers.
    ///
    /// - Parameters:
    ///   - roots: certificates that push providers may show beside those that the system trusts (the simulator's).
    ///   - console: how the console is used by whoever starts the server.
    ///   - prepare: runs when the core is there and nobody can connect yet (the demo's seed).
    package static func start(
        _ configuration: ServerConfiguration, clock: any WallClock = SystemClock(), logger: Logger,
        metrics: PrometheusMetrics = PrometheusMetrics(), trusting roots: [NIOSSLCertificate] = [],
        console: ConsoleStage = ConsoleStage(), prepare: (Core) async throws -> Void = { _ in }
    ) async throws -> Server {
        let certificates = try configuration.http.tls.map { try Certificates($0) }
        certificates?.warn(logger, at: clock.now())
        let lock = try FolderLock(configuration.dataFolder)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.http.loops)
        let doorbell = Doorbell()
        let identifiers = MessageIDSource(clock: clock)
        let store = try Store(
            configuration.store, clock: clock, identifiers: identifiers, signals: doorbell,
            thumbnailer: PixbufThumbnailer())
        let hub = Hub(
            loops: Array(group.makeIterator()), log: store, directory: store, clock: clock,
            configuration: configuration.hub, chronicle: store.chronicle)
        doorbell.connect(to: hub)
        let caller = HTTPCaller(group: group)
        let asking = HTTPCaller(group: group)
        let callbacks = Callbacks(
            transport: caller, asking: asking, forms: Dialects.all.reduce(into: [:]) { $0[$1.name] = $1.callbacks },
            clock: clock)
        let pushing = HTTPCaller(group: group, and: roots)
        let pushes = Pushes(
            transport: pushing, forms: Dialects.pushForms, clock: clock)
        let journal =
            configuration.console.isOn ? Journal(clock: clock, isAlwaysOn: console.isAlwaysRecording) : nil
        doorbell.onCommit { commit in
            callbacks.rang()
            pushes.rang()
            journal?.committed(commit.entries)
        }
        let core = Core(
            directory: store, log: store, places: store, files: store, signals: doorbell, presence: doorbell,
            push: store, callbacks: store, clock: clock,
            identifiers: identifiers, limits: configuration.core, gate: callbacks.gate, chronicle: store.chronicle)
        do {
            try await prepare(core)
            return try await Server(
                configuration, lock: lock, group: group, store: store, hub: hub, core: core, callbacks: callbacks,
                pushes: pushes, callers: [caller, asking, pushing], logger: logger, metrics: metrics,
                certificates: certificates, journal: journal, stage: console)
        } catch {
            await callbacks.stop()
            await pushes.stop()
            for caller in [caller, asking, pushing] { await caller.shutDown() }
            store.close()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        _ configuration: ServerConfiguration, lock: FolderLock, group: MultiThreadedEventLoopGroup, store: Store,
        hub: Hub, core: Core, callbacks: Callbacks, pushes: Pushes,
        callers: [HTTPCaller], logger: Logger, metrics: PrometheusMetrics,
        certificates: Certificates?, journal: Journal?, stage: ConsoleStage
    ) async throws {
        let rates = RateLimiter(clock: core.clock, isOn: configuration.limitsRates)
        let guesses = Guesses(
            clock: core.clock, perAccount: configuration.wrongPasswords.perAccount,
            perAddress: configuration.wrongPasswords.perAddress)
        let context = DialectContext(core: core, rates: rates, guesses: guesses, logger: logger)
        let dialects = Dialects.all.map { $0.init(context) }
        let load = HTTPLoad(
            maximumConnections: configuration.http.maximumConnections,
            maximumBodyBytes: configuration.http.maximumBodyBytes)
        let gauges = Gauges(store: store, load: load, certificates: certificates, callbacks: callbacks, pushes: pushes)
        let report: @Sendable (any Error, Client) -> Void = { fault, client in
            logger.error(
                "command failed",
                metadata: ["app": "\(client.app)", "user": "\(client.user)", "error": "\(fault)"])
        }
        let socket = SocketContext(core: core, hub: hub, rates: rates, report: report)
        let attendance = RoomAttendance(in: core)
        let rongSocket = RongSocketContext(
            core: core, mailbox: store, hub: hub, rates: rates, attendance: attendance, report: report)
        let comet = Comet(rongSocket)
        let admittance = Admittance(dialects: dialects, core: core, origins: configuration.socketOrigins)
        let easemobSocket = EasemobSocketContext(
            core: core, hub: hub, rates: rates, attendance: attendance, admit: admittance.easemobGuest(_:from:)
        ) { fault, client in
            if let client { return report(fault, client) }
            logger.error("client not let in", metadata: ["error": "\(fault)"])
        }
        let doors: [any ClientDoor] = [
            RongCloudDoor(admittance: admittance, load: load, socket: rongSocket, comet: comet),
            EasemobDoor(admittance: admittance, socket: easemobSocket),
        ]
        let console = journal.map { journal in
            Console(
                ConsoleContext(
                    configuration, core: core, dialects: dialects, store: store, hub: hub, guesses: guesses,
                    logger: logger, stage: stage), journal: journal)
        }
        func site(only: DialectName? = nil) -> Site {
            Site(
                dialects: dialects, doors: doors, core: core, metrics: metrics, load: load, socket: socket,
                admittance: admittance, logger: logger, only: only,
                hosts: configuration.http.dialectHosts.mapValues { DialectName($0) },
                console: only == nil ? console : nil, journal: journal, readGauges: gauges.read)
        }
        let listener = HTTPListener(
            group: group, load: load, clock: core.clock, timeouts: configuration.http.timeouts,
            publicURL: configuration.http.publicURL)
        let main = site()
        // Before anybody can send: who wants to be asked is asked about the first message too.
        await callbacks.look(core, store, logger: logger)
        let http = configuration.http
        let onMain = http.tls?.port == nil ? certificates : nil
        var channels = [
            try await listener.bind(host: http.host, port: http.port, site: main, certificates: onMain)
        ]
        for (dialect, port) in http.dialectPorts {
            let only = site(only: DialectName(dialect))
            channels.append(
                try await listener.bind(host: http.host, port: port, site: only, certificates: onMain))
        }
        if let port = http.tls?.port {
            channels.append(
                try await listener.bind(host: http.host, port: port, site: main, certificates: certificates))
        }
        self.core = core
        self.hub = hub
        self.store = store
        self.dialects = dialects
        self.site = main
        self.port = channels[0].localAddress?.port ?? http.port
        self.tlsPort = http.tls?.port
        self.certificates = certificates
        self.callbacks = callbacks
        self.attendance = attendance
        self.comet = comet
        self.pushes = pushes
        self.callers = callers
        self.background = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await callbacks.run(core, store, logger: logger) }
                group.addTask { await pushes.run(core, store, logger: logger) }
            }
        }
        self.group = group
        self.load = load
        self.channels = channels
        self.logger = logger
        self.lock = Mutex(lock)
    }

    /// Stops taking connections, lets what is under way finish, tells clients to connect again, and closes the store. Nothing acknowledged is lost.
    package func stop() async {
        self.load.drain()
        self.site.console?.stop()
        self.comet.stop()
        self.attendance.close()
        for channel in self.channels { try? await channel.close().get() }
        let deadline = ContinuousClock.now + .seconds(10)
        while self.load.requestsInFlight > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        // While it is still known who is connected.
        self.background.cancel()
        await self.background.value
        await self.core.threadTeller.stop()
        await self.hub.shutDown()
        for caller in self.callers { await caller.shutDown() }
        self.store.close()
        try? await self.group.shutdownGracefully()
        self.lock.withLock { $0 = nil }
    }

    var openConnections: Int { self.load.openConnections }

    /// Once, when whoever was connected to the process before this one has had the time to come back.
    func sweepRooms() async {
        do { try await RoomSweep(core: self.core).run() } catch is CancellationError {
            // Stopping: the next start sweeps.
        } catch {
            self.logger.error("chat rooms not swept", metadata: ["error": "\(error)"])
        }
    }

    /// Hourly: what is past its time is purged.
    package func maintain() async {
        do {
            try await self.store.maintain()
        } catch is CancellationError {
            // Stopping: the rest is for the next start.
        } catch {
            self.logger.error("maintenance failed", metadata: ["error": "\(error)"])
        }
    }

    /// Each minute: chat rooms whose time is over are ended.
    func endRooms() async {
        do { try await self.core.endRooms() } catch is CancellationError {} catch {
            self.logger.error("chat rooms not ended", metadata: ["error": "\(error)"])
        }
    }

    package var hasConsole: Bool { self.site.console != nil }

    /// `https` where the port that everything is on is encrypted.
    package var scheme: String { self.certificates != nil && self.tlsPort == nil ? "https" : "http" }

    /// Looks at the certificate's files, and takes them up when they have changed and can be used.
    package func reloadCertificates() {
        switch self.certificates?.reload() {
        case .reloaded(let expiresAt):
            self.logger.notice("certificate reloaded", metadata: ["expires": "\(expiresAt.seconds)"])
        case .kept(let reason):
            self.logger.error("certificate not reloaded: the old one is kept", metadata: ["reason": "\(reason)"])
        case .unchanged, nil: break
        }
    }

    /// A client's token in a dialect, for `parley token` and the demo.
    package func token(for user: UserID, in app: App, dialect: DialectName, lifetimeSeconds: Int64) throws -> String {
        guard let speaker = self.dialects.first(where: { type(of: $0).name == dialect }) else {
            throw ConfigurationError(key: "--dialect", reason: "no dialect is called \(dialect)")
        }
        return try speaker.token(for: user, in: app, lifetimeSeconds: lifetimeSeconds)
    }
}
