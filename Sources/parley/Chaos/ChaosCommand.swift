import ArgumentParser
import Foundation
import ParleyJSON

struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Do to servers of its own what happens to servers, and look whether anything is lost.",
        discussion: """
            Each scenario starts servers on free loopback ports, in folders of its own that are gone afterwards. \
            kill: SIGKILL at random under load. torn: the same, and the end of the write-ahead log damaged as a torn write does; a damaged database file. \
            disk: a disk that fills up and empties again (needs root or user namespaces: a small tmpfs). clients: slow, stuck and vanishing clients, \
            half-finished requests. clock: the clock jumps. stop: SIGTERM under load, two servers on one folder. soak: mixed traffic for --minutes; \
            only when named. Exit status: 0 everything held, 1 something did not.
            """)

    @Argument(help: "\(Arena.scenarioNames); none: all but soak.")
    var scenarios: [String] = []

    @OptionGroup var options: ChaosOptions

    func validate() throws {
        for name in self.scenarios where !Arena.scenarios.contains(where: { type(of: $0).name == name }) {
            throw ValidationError("there is no scenario '\(name)': \(Arena.scenarioNames)")
        }
    }

    func run() async throws {
        let arena = try Arena(self.options.short ? self.options.shortened : self.options)
        defer { arena.clear() }
        let chosen = Arena.scenarios.filter {
            let name = type(of: $0).name
            return self.scenarios.isEmpty ? name != "soak" : self.scenarios.contains(name)
        }
        if !self.options.json { say("seed \(arena.dice.seed), in \(arena.folder)") }
        var all: [Findings] = []
        for scenario in chosen {
            let findings = await arena.run(scenario)
            if !self.options.json { say(findings.text) }
            all.append(findings)
        }
        if self.options.json { say(Self.json(all, seed: arena.dice.seed)) }
        if all.contains(where: { $0.violationCount > 0 }) { throw ExitCode(1) }
    }

    private static func json(_ all: [Findings], seed: UInt64) -> String {
        let bytes = JSONWriter.object {
            $0.field("seed", seed)
            $0.field("scenarios") { json in
                json.array(all) { json, findings in findings.write(to: &json) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

struct ChaosOptions: ParsableArguments {
    @Option(help: "What chance begins with; without it, another one each time.")
    var seed: UInt64?

    @Flag(
        help:
            "A few of everything: the counts are as --kills 12 --tears 8 --stops 3 --half-requests 2000 --connections 1000 --jumps 60."
    )
    var short = false

    @Option(help: "kill: how often, 1 to 10000.")
    var kills = 200

    @Option(help: "torn: how often, 1 to 10000.")
    var tears = 50

    @Option(help: "stop: how often, 1 to 1000.")
    var stops = 10

    @Option(help: "clients: half-finished requests, 100 to 1000000.")
    var halfRequests = 50_000

    @Option(help: "clients: connections at once, 100 to 15000: this process and the server need a descriptor each.")
    var connections = 10_000

    @Option(help: "clock: jumps, 1 to 10000.")
    var jumps = 200

    @Option(help: "soak: minutes, 1 to 10000.")
    var minutes = 60

    @Option(help: "Of each scenario: minutes after which it is a failure; soak's own come on top.")
    var limit = 20

    @Option(help: "Where folders are made; else the system's temporary folder.")
    var folder: String?

    @Option(help: "The server's program; else this one.")
    var program: String?

    @Flag(help: "Print JSON; what is said on the way goes to standard error.")
    var json = false

    var shortened: ChaosOptions {
        var options = self
        (options.kills, options.tears, options.stops) = (12, 8, 3)
        (options.halfRequests, options.connections, options.jumps) = (2000, 1000, 60)
        return options
    }

    func validate() throws {
        guard (1...10_000).contains(self.kills), (1...10_000).contains(self.tears), (1...1000).contains(self.stops),
            (100...1_000_000).contains(self.halfRequests), (100...15_000).contains(self.connections),
            (1...10_000).contains(self.jumps), (1...10_000).contains(self.minutes), self.limit > 0
        else { throw ValidationError("a count is out of its range; --help has the ranges") }
    }
}
