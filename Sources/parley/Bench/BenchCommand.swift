import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Load for a running demo server, and what it makes of it.",
        discussion: """
            Start the server with PARLEY_LIMITS_RATES=off, or the vendors' limits are what is measured: \
            `scripts/bench .build/release/parley …` does all of it, on a folder of its own.
            """,
        subcommands: [BenchSend.self, BenchFanOut.self, BenchIdle.self, BenchSync.self, BenchHistory.self],
        defaultSubcommand: BenchSend.self)
}

/// Where the server is, for every measurement.
struct BenchServer: ParsableArguments {
    @Option(help: "The server's address: loopback only.")
    var host = "127.0.0.1"

    @Option(help: "The server's port.")
    var port = 8080

    @Option(help: "The server's process, for its CPU time and memory.")
    var serverPID: Int32?

    @Flag(help: "Print JSON.")
    var json = false

    var process: ServerProcess? { self.serverPID.flatMap(ServerProcess.init(id:)) }

    func validate() throws {
        guard ["127.0.0.1", "::1", "localhost"].contains(self.host) else {
            throw ValidationError("load goes to loopback only")
        }
        guard self.serverPID == nil || self.process != nil else {
            throw ValidationError("--server-pid: no such process")
        }
    }
}
