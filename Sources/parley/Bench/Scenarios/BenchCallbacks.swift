import ArgumentParser
import Logging
import ParleyCore
import ParleyServer

struct BenchCallbacks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "callbacks",
        abstract: "Sending while a backend that is called is down, and the calls a second when it is back.",
        discussion: """
            Sends at a steady rate, first with nobody to call, then with a backend that is down. Then sending ends, the backend comes back, and is told of \
            what was said meanwhile; each call is counted. Ten minutes at 500 messages a second: --seconds 600.
            """)

    @Option(help: "The parley that is started to serve; this one, unless told.")
    var parley = "/proc/self/exe"

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "Messages a second, 1 to 20000.")
    var rate = 500.0

    @Option(help: "Seconds of sending with nobody to call, and again with a backend that is down, 1 to 3600.")
    var seconds = 30.0

    @Option(help: "Groups that take turns, 1 to 1000. Calls about one group come one after the other.")
    var groups = 16

    @Option(help: "Through whose API is sent, and in whose form called: rongcloud, easemob or tencent.")
    var dialect = "tencent"

    @Option(help: "Connections that send, 1 to 1000.")
    var senders = 16

    func validate() throws {
        guard (1...20_000).contains(self.rate), (1...3600).contains(self.seconds), (1...1000).contains(self.groups),
            (1...1000).contains(self.senders), BenchRequests.dialects.contains(self.dialect)
        else { throw ValidationError("--rate, --seconds, --groups, --dialect or --senders: out of range") }
    }

    func run() async throws {
        let server = try await LocalServer(executable: self.parley)
        defer { server.stop() }
        let settings = try await Settings(commandLine: ["data.folder": server.data], environment: [:], file: nil)
        let office = try Office(try ServerConfiguration(settings: settings), logger: Logger(label: "bench"))
        defer { office.close() }
        let requests = try await self.requests(server)

        let alone = try self.send(requests, server)
        let port = try FreePort.find()
        try await self.call(port, office)
        let down = try self.send(requests, server)
        let receiver = try await CallReceiver.listen(port: port)
        let told = try await self.wait(for: Int(down.taken), receiver, office)
        await receiver.close()
        self.show(alone, down, told)
        guard told.missing == 0, alone.tally.refused + down.tally.refused == 0 else { throw ExitCode(1) }
    }

    private func requests(_ server: LocalServer) async throws -> BenchRequests {
        let stage = try await Stage.connect(port: server.port)
        let name = "cb\(UInt32.random(in: 0...UInt32.max))"
        let groups = try await stage.makeGroups(name, self.groups, of: 2)
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make(self.dialect, host: stage.host, port: server.port)
        return BenchRequests.sends(
            groups.map { .group($0.id, from: $0.members[0]) }, with: credentials, host: stage.host, port: server.port,
            size: 200)
    }

    // MARK: Sending

    private struct Sent {
        var tally: SendLoad.Tally
        /// In all, those before measuring too.
        var taken: UInt64
        var outcome: LoadRun.Outcome
    }

    private func send(_ requests: BenchRequests, _ server: LocalServer) throws -> Sent {
        let poller = Poller()
        let load = try SendLoad(requests, senders: self.senders, rate: self.rate, port: server.port, on: poller)
        defer { load.close() }
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [])
        run.warmUp = min(2, self.seconds / 4)
        run.seconds = self.seconds
        let outcome = try run.perform()
        return Sent(tally: load.tally, taken: load.taken.reduce(0, +), outcome: outcome)
    }

    // MARK: Calling

    private static let rule = "bench"

    /// From when this returns, everything that is said is told.
    private func call(_ port: Int, _ office: Office) async throws {
        let settings = [
            "dialect=\(self.dialect)", "url=http://127.0.0.1:\(port)/", "topics=message", "origins=client,server",
        ]
        _ = try await office.change(Demo.appID, settings.map { "callback.\(Self.rule).\($0)" })
        try await self.until(30) { try await office.callbacks.progress(of: Self.rule, in: Demo.appID) != nil }
    }

    private struct Told {
        var calls: CallReceiver.Tally
        var givenUp: Int
        var missing: Int
    }

    /// A backend that was down for long is asked again only when a pause of the vendor's has passed: at most 25 minutes.
    private func wait(for count: Int, _ receiver: CallReceiver, _ office: Office) async throws -> Told {
        var last = -1
        var givenUp = 0
        try await self.until(26 * 60) {
            givenUp = try await office.callbacks.records(
                in: Demo.appID, rule: Self.rule, outcome: .givenUp, before: nil, limit: 1000
            ).count
            let calls = receiver.tally.count
            // Nothing comes any more although something did: what is missing then is missing.
            defer { last = calls }
            return calls + givenUp >= count || (calls > 0 && calls == last && Self.isQuiet(receiver))
        }
        let calls = receiver.tally
        return Told(calls: calls, givenUp: givenUp, missing: count - calls.count - givenUp)
    }

    private static func isQuiet(_ receiver: CallReceiver) -> Bool {
        Monotonic.now - receiver.tally.lastAt > Monotonic.seconds(10)
    }

    private func until(_ seconds: Double, _ isDone: () async throws -> Bool) async throws {
        let deadline = Monotonic.now + Monotonic.seconds(seconds)
        while try await !isDone() {
            guard Monotonic.now < deadline else { throw BenchFailure("nothing comes of it") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: What was found

    private func show(_ alone: Sent, _ down: Sent, _ told: Told) {
        var finding = Finding("callbacks")
        finding.add("dialect", self.dialect)
        finding.add("groups", self.groups)
        finding.add("rate", self.rate, "/s", digits: 0)
        for (name, sent) in [("alone", alone), ("down", down)] {
            finding.add("\(name)SendsPerSecond", sent.outcome.totalTaken / sent.outcome.seconds, digits: 0)
            finding.add("\(name)Answer", sent.tally.latencies)
            finding.add("\(name)Refused", sent.tally.refused)
            finding.add("\(name)ServerCores", sent.outcome.serverCPU / sent.outcome.seconds)
            finding.add("\(name)ServerMegabytes", sent.outcome.residentBytes >> 20)
        }
        let p99 = [alone, down].map { $0.tally.latencies.milliseconds(at: 0.99) }
        finding.add("p99DownToAlone", p99[1] / max(p99[0], 0.001))
        let span = Double(max(1, told.calls.lastAt - told.calls.firstAt)) / 1e9
        finding.add("calls", told.calls.count)
        finding.add("callsPerSecond", Double(told.calls.count) / span, digits: 0)
        finding.add("givenUp", told.givenUp)
        finding.add("missing", told.missing)
        print(self.json ? finding.json : finding.text)
    }
}
