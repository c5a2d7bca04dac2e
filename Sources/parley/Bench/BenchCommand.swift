import ArgumentParser
import Foundation

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Load for a demo server, and what it makes of it.",
        discussion: """
            Each measurement starts a server of its own on a free port and a temporary folder, with the vendors' limits off, and ends it. With \
            --port it loads a demo server that runs already: start that with PARLEY_LIMITS_RATES=off, or the limits are what is measured.
            Members of fanout, idle, storm, large, direct and flush are connected over ParleySocket, or as the client SDKs of RongCloud or Easemob \
            are: --clients parley, rongcloud or easemob.
            `parley bench all` is the standard run: what docs/benchmarks.md shows.
            """,
        subcommands: [
            BenchAll.self, BenchSend.self, BenchFanOut.self, BenchFlush.self, BenchDirect.self, BenchOffline.self,
            BenchLarge.self, BenchRefused.self, BenchIdle.self, BenchStorm.self, BenchSync.self, BenchHistory.self,
            BenchCallbacks.self, BenchLimits.self,
        ])
}

/// Where the server is, for every measurement.
struct BenchServer: ParsableArguments {
    @Option(help: "The port of a demo server on this machine; without it, one is started.")
    var port: Int?

    @Option(help: "That server's process, for its CPU time and memory.")
    var serverPID: Int32?

    @Option(help: "The parley that is started to serve; this one, unless told.")
    var parley = "/proc/self/exe"

    @Flag(help: "Print JSON.")
    var json = false

    var host: String { "127.0.0.1" }

    func validate() throws {
        guard self.serverPID == nil || self.serverPID.flatMap(ServerProcess.init(id:)) != nil else {
            throw ValidationError("--server-pid: no such process")
        }
        guard self.serverPID == nil || self.port != nil else { throw ValidationError("--server-pid goes with --port") }
    }

    /// A server for one measurement, which is ended afterwards if it was started for it.
    func withServer<T>(_ body: (RunningServer) async throws -> T) async throws -> T {
        if let port = self.port {
            let process = self.serverPID.flatMap(ServerProcess.init(id:))
            return try await body(RunningServer(port: port, process: process, folder: nil))
        }
        let server = try await LocalServer(executable: self.parley)
        defer { server.stop() }
        return try await body(RunningServer(port: server.port, process: server.process, folder: server.folder.path))
    }

    func show(_ finding: Finding) { print(self.json ? finding.json : finding.text) }
}

struct RunningServer: Sendable {
    let port: Int
    /// Nil: not told.
    let process: ServerProcess?
    /// Of a server that was started for the measurement.
    let folder: String?
}

/// How long, how large, how many: what most measurements can be told.
struct BenchTimes: ParsableArguments {
    @Option(help: "Seconds before measuring, 0 to 30.")
    var warmUp = 2.0

    @Option(help: "Seconds of measuring, up to 120.")
    var seconds = 8.0

    @Option(help: "Bytes of text in a message, 16 to 4000.")
    var size = 200

    func validate() throws {
        guard (0.1...120).contains(self.seconds), (0...30).contains(self.warmUp), (16...4000).contains(self.size) else {
            throw ValidationError("--seconds 0.1 to 120, --warm-up 0 to 30, --size 16 to 4000")
        }
    }
}
