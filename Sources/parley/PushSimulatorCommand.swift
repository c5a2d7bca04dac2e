import ArgumentParser
import ParleyCore
import ParleyPushSimulator
import UnixSignals

struct PushSimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push-simulator",
        abstract: "Stand in for every push provider: speak their APIs, check what they check, and list what came.",
        discussion: """
            Point an app at it with `parley app set APP push.NAME.kind=KIND push.NAME.url=URL/KIND` (docs/push.md). GET /notices lists what \
            came, DELETE /notices forgets it. It listens on this machine only, and takes any credential that is well formed.
            """)

    @Option(help: "The port of plain HTTP; 0 for any.")
    var port = PushSimulator.usualPort

    @Option(help: "The port of HTTPS with HTTP/2, with a certificate made at start; 0 for any.")
    var securePort = 0

    @Flag(help: "Refuse also what a provider would take, but does not document.")
    var strict = false

    func validate() throws {
        for port in [self.port, self.securePort] where !(0...65_535).contains(port) {
            throw ValidationError("a port is 0 to 65535, not \(port)")
        }
    }

    func run() async throws {
        var configuration = PushSimulator.Configuration()
        configuration.port = self.port
        configuration.securePort = self.securePort
        configuration.isStrict = self.strict
        let simulator = try PushSimulator(configuration)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await simulator.start()
        say(
            """
            The push simulator is running.   \(simulator.url)   \(simulator.secureURL) (HTTP/2)
              what came                      \(simulator.url)/notices
            """)
        for await _ in signals { break }
        await simulator.shutDown()
    }
}

extension PushSimulator {
    static let usualPort = 8091
}
