import Foundation
import Logging
import ParleyConsole
import ParleyCore
import ParleyDialectKit
import ParleyEasemob
import ParleyHub
import ParleySocket
import ParleyStore

/// How the console is used by whoever starts the server.
package struct ConsoleStage: Sendable {
    /// Calls are recorded also while nobody looks.
    package var isAlwaysRecording: Bool
    /// Where a push simulator runs, and what is in its inbox: JSON.
    package var simulator: (@Sendable () -> (url: String, notices: [UInt8]))?

    package init(
        isAlwaysRecording: Bool = false, simulator: (@Sendable () -> (url: String, notices: [UInt8]))? = nil
    ) {
        self.isAlwaysRecording = isAlwaysRecording
        self.simulator = simulator
    }
}

/// The hash of the console's password: the same as users' have.
package enum ConsolePasswordHash {
    package static func make(_ password: String) -> String { Password.hash(password) }

    static func isOne(_ text: String) -> Bool {
        let parts = text.split(separator: "$")
        return parts.count == 4 && parts[0] == "scrypt" && Int(parts[1]) != nil
    }
}

extension ConsoleContext {
    init(
        _ configuration: ServerConfiguration, core: Core, dialects: [any Dialect], store: Store, hub: Hub,
        guesses: Guesses, logger: Logger, stage: ConsoleStage
    ) {
        let file = configuration.dataFolder + "/parley.sqlite"
        self.init(
            core: core, dialects: dialects, callbacks: store, pushes: store, guesses: guesses, logger: logger,
            version: Version.text,
            previews: [
                ClientPreview(dialect: .parley, title: "ParleySocket") { entry, _, user in
                    ParleySocket.preview(of: entry, for: user)
                }
            ],
            health: {
                HealthReading(
                    connections: hub.connectionCount, entries: store.counters.entries,
                    deliveries: hub.deliveries.total, deliveryMilliseconds: hub.deliveries.times,
                    storeBytes: Self.size(of: file), walBytes: Self.size(of: file + "-wal"),
                    residentBytes: Self.residentBytes)
            },
            simulator: stage.simulator, publicSecrets: [Demo.secret],
            password: configuration.console.passwordHash.map { hash in
                ConsolePassword(hash: hash) { await Password.matching($0, hash: $1) }
            }, publicURL: configuration.http.publicURL)
    }

    private static func size(of file: String) -> Int64 {
        var status = stat()
        return stat(file, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Memory of this process that is in use.
    private static var residentBytes: Int64 {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
