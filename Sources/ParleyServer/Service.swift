package import Logging
import ServiceLifecycle

/// A running ``Server`` in a service group: SIGTERM and SIGINT drain it. Who is told by `started` that it runs may end it at once: signals are waited
/// for by then.
package struct ServerService: Service {
    let server: Server
    let logger: Logger
    let started: @Sendable (Server) async throws -> Void

    package init(server: Server, logger: Logger, started: @escaping @Sendable (Server) async throws -> Void) {
        self.server = server
        self.logger = logger
        self.started = started
    }

    package func run() async throws {
        do { try await self.started(self.server) } catch {
            await self.server.stop()
            throw error
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(3600)) } catch { return }
                    await self.server.maintain()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(60)) } catch { return }
                    await self.server.endRooms()
                }
            }
            group.addTask {
                let memory = MemoryReturn()
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(10)) } catch { return }
                    memory.look(connections: self.server.openConnections)
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
