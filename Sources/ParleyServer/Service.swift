package import Logging
import ServiceLifecycle

/// A running ``Server`` in a service group: SIGTERM and SIGINT drain it.
package struct ServerService: Service {
    let server: Server
    let logger: Logger

    package init(server: Server, logger: Logger) {
        self.server = server
        self.logger = logger
    }

    package func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(3600)) } catch { return }
                    await self.server.maintain()
                }
            }
            if let seconds = self.server.certificates?.checkSeconds {
                group.addTask {
                    while !Task.isCancelled {
                        do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
                        self.server.reloadCertificates()
                    }
                }
            }
            try? await gracefulShutdown()
            self.logger.notice("stopping")
            group.cancelAll()
        }
        await self.server.stop()
    }
}
