import ArgumentParser
import CoreMetrics
import Logging
import ParleyCore
import ParleyServer
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the server.")

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let configuration = try ServerConfiguration(settings: try await self.options.settings())
        try await configuration.serve(prepare: { core in
            try await Demo.refuseOnNetwork(core, host: configuration.http.host)
        }) { server in
            say("parley: listening on http://\(configuration.http.host):\(server.port)")
            if try await server.core.directory.apps().isEmpty {
                say("parley: there is no app yet; make one with `parley app create NAME`")
            }
        }
    }
}

extension ServerConfiguration {
    /// Starts, says so, and serves until SIGTERM or SIGINT.
    func serve(
        prepare: (Core) async throws -> Void = { _ in }, started: @escaping @Sendable (Server) async throws -> Void
    ) async throws {
        let logger = self.makeLogger()
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let server = try await Server.start(self, logger: logger, metrics: metrics, prepare: prepare)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: ServerService(server: server, logger: logger, started: started))
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
