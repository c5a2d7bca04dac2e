package import Logging
import NIOCore
import ParleySocket
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
                do { try await Task.sleep(for: Self.roomGrace) } catch { return }
                await self.server.sweepRooms()
            }
            group.addTask { await Self.every(.seconds(3600)) { await self.server.maintain() } }
            group.addTask { await Self.every(.seconds(60)) { await self.server.endRooms() } }
            group.addTask {
                let memory = MemoryReturn()
                await Self.every(.seconds(10)) { memory.look(connections: self.server.openConnections) }
            }
            if let seconds = self.server.certificates?.checkSeconds {
                group.addTask { await Self.every(.seconds(seconds)) { self.server.reloadCertificates() } }
            }
            try? await gracefulShutdown()
            self.logger.notice("stopping")
            group.cancelAll()
        }
        await self.server.stop()
    }
    private static let roomGrace = Duration.nanoseconds(RoomAttendance.usualGrace.nanoseconds)

    private static func every(_ time: Duration, _ work: () async -> Void) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: time) } catch { return }
            await work()
        }
    }
}
