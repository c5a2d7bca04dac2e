import ArgumentParser
import CoreMetrics
import Logging
import NIOSSL
import ParleyCore
import ParleyServer
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the server.",
        discussion: """
            The web console is at /console: for this machine alone, or for those who know console.password (`parley password`); \
            console=off turns it off.
            """)

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try ServerConfiguration(settings: try await self.options.settings())
        try await configuration.serve(prepare: { core in
            try await Demo.refuseOnNetwork(core, host: configuration.http.host)
        }) { server in
            say("parley: listening on \(server.scheme)://\(configuration.http.host):\(server.port)")
            if server.hasConsole {
                let whom =
                    configuration.console.passwordHash == nil
                    ? " (for this machine alone; behind a proxy it needs console.password: `parley password`)" : ""
                say("parley: console on \(server.scheme)://\(configuration.http.host):\(server.port)/console\(whom)")
            }
            if let port = server.tlsPort { say("parley: listening on https://\(configuration.http.host):\(port)") }
            if try await server.core.directory.apps().isEmpty {
                say("parley: there is no app yet; make one with `parley app create NAME`")
            }
        }
    }
}

extension ServerConfiguration {
    /// Starts, says so, and serves until SIGTERM or SIGINT.
    func serve(
        trusting roots: [NIOSSLCertificate] = [], console: ConsoleStage = ConsoleStage(),
        prepare: (Core) async throws -> Void = { _ in }, started: @escaping @Sendable (Server) async throws -> Void
    ) async throws {
        ProcessSafety.enter()
        let logger = self.makeLogger()
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let server = try await Server.start(
            self, logger: logger, metrics: metrics, trusting: roots, console: console, prepare: prepare)
        var services: [any Service] = [ServerService(server: server, logger: logger, started: started)]
        // Trapped before anybody is told that the server runs; without a certificate a hang-up ends it, as it ends any program.
        if server.certificates != nil {
            services.append(HangUps(signals: await UnixSignalsSequence(trapping: .sighup), server: server))
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

/// SIGHUP: the certificate's files are looked at now.
private struct HangUps: Service {
    let signals: UnixSignalsSequence
    let server: Server

    func run() async throws {
        for await _ in self.signals.cancelOnGracefulShutdown() { self.server.reloadCertificates() }
    }
}
