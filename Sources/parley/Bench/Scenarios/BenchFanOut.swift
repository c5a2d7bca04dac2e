import ArgumentParser

struct BenchFanOut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "Messages to a group whose members are all online: what is sent, what arrives, and what it costs.",
        discussion: """
            Members listen on ParleySocket, or as the client SDKs of RongCloud or Easemob do it (--clients); senders use one vendor's API \
            over HTTP. Every delivery is counted: missing, repeated or out of order shows, and whether all members were given the same. \
            With --rate the loop is open, and latencies count from the moment a message was due.
            """)

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "Members of the group, all online, 1 to 15000.")
    var members = 100

    @Option(help: Clients.help)
    var clients = Clients.parley

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    @Option(help: "Connections that send, 1 to 1000.")
    var senders = 64

    @Option(help: "Messages a second; without it, as many as are answered.")
    var rate: Double?

    @Flag(help: "The generator does not sleep while nothing comes: nobody has to wake it, and it takes a core.")
    var sleepless = false

    func validate() throws {
        guard (1...15_000).contains(self.members), (1...1000).contains(self.senders), self.rate ?? 1 > 0 else {
            throw ValidationError("--members 1 to 15000, --senders 1 to 1000, --rate above 0")
        }
    }

    func run() async throws {
        try await self.server.withServer { try await self.measure($0) }
    }

    private func measure(_ server: RunningServer) async throws {
        let stage = try await Stage.connect(port: server.port)
        let name = "fan\(UInt32.random(in: 0...UInt32.max))"
        let users = (0..<self.members).map { "\(name)-\($0)" }
        try await stage.makeUsers("\(name)-", self.members)
        try await stage.makeGroup(name, members: users)
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make(
            self.dialect, host: self.server.host, port: server.port)
        let requests = BenchRequests.sends(
            [.group(name, from: users[0])], with: credentials, host: self.server.host, port: server.port,
            size: self.times.size)
        try self.measure(server, requests, logins: users.map { Login($0, by: self.clients) })
    }

    private func measure(_ server: RunningServer, _ requests: BenchRequests, logins: [Login]) throws {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        try crowd.connect(logins)
        poller.isSleepless = self.sleepless
        let load = try SendLoad(requests, senders: self.senders, rate: self.rate, port: server.port, on: poller)
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [crowd])
        run.warmUp = self.times.warmUp
        run.seconds = self.times.seconds
        let outcome = try run.perform { crowd.all(have: load.taken) }
        let verdict = crowd.verdict(of: load.taken)
        self.server.show(self.finding(outcome, load, crowd, verdict))
        guard outcome.isComplete, verdict.isClean else { throw ExitCode(1) }
    }

    private func finding(
        _ outcome: LoadRun.Outcome, _ load: SendLoad, _ crowd: Crowd, _ verdict: Crowd.Verdict
    ) -> Finding {
        var finding = Finding("fanout")
        finding.add("clients", self.clients.rawValue)
        finding.add("dialect", self.dialect)
        finding.add("members", self.members)
        finding.add("senders", self.senders)
        finding.add("sleepless", self.sleepless ? 1 : 0)
        if let rate = self.rate { finding.add("rate", rate, digits: 0) }
        finding.add(outcome, load.tally)
        finding.add("deliveriesPerSecond", outcome.totalDeliveries / outcome.seconds, digits: 0)
        finding.add("delivery", crowd.latencies)
        finding.add("cpuMicrosecondsPerDelivery", outcome.serverCPU * 1e6 / max(1, outcome.totalDeliveries), digits: 3)
        finding.add(verdict, isComplete: outcome.isComplete)
        return finding
    }
}
