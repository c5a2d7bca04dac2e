import ArgumentParser

struct BenchDirect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "direct",
        abstract: "Messages from one user to another, in many conversations at once; some of the recipients are online."
    )

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "Conversations, each of two users of its own, 1 to 10000.")
    var conversations = 1000

    @Option(help: "In how many of them the recipient is online.")
    var online = 100

    @Option(help: Clients.help)
    var clients = Clients.parley

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    @Option(help: "Connections that send, 1 to 1000.")
    var senders = 64

    @Option(help: "Messages a second; without it, as many as are answered.")
    var rate: Double?

    func validate() throws {
        guard (1...10_000).contains(self.conversations), (0...self.conversations).contains(self.online),
            (1...1000).contains(self.senders), self.rate ?? 1 > 0
        else {
            throw ValidationError("--conversations 1 to 10000, --online no more than these, --senders 1 to 1000")
        }
    }

    func run() async throws {
        try await self.server.withServer { server in
            let stage = try await Stage.connect(port: server.port)
            let name = "dir\(UInt32.random(in: 0...UInt32.max))"
            try await stage.makeUsers("\(name)-from-", self.conversations)
            try await stage.makeUsers("\(name)-to-", self.conversations)
            await stage.close()
            let credentials = try await BenchRequests.Credentials.make(
                self.dialect, host: self.server.host, port: server.port)
            let requests = BenchRequests.sends(
                (0..<self.conversations).map { .user("\(name)-to-\($0)", from: "\(name)-from-\($0)") },
                with: credentials, host: self.server.host, port: server.port, size: self.times.size)
            let logins = (0..<self.online).map { Login("\(name)-to-\($0)", by: self.clients) }
            try self.measure(server, requests, logins: logins)
        }
    }

    private func measure(_ server: RunningServer, _ requests: BenchRequests, logins: [Login]) throws {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        for (room, login) in logins.enumerated() { try crowd.add([login], room: room) }
        try crowd.waitUntilReady()
        let load = try SendLoad(requests, senders: self.senders, rate: self.rate, port: server.port, on: poller)
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [crowd])
        run.warmUp = self.times.warmUp
        run.seconds = self.times.seconds
        let outcome = try run.perform { crowd.all(have: load.taken) }
        var finding = Finding("direct")
        finding.add("clients", self.clients.rawValue)
        finding.add("dialect", self.dialect)
        finding.add("conversations", self.conversations)
        finding.add("online", self.online)
        finding.add("senders", self.senders)
        finding.add(outcome, load.tally)
        finding.add("deliveriesPerSecond", outcome.totalDeliveries / outcome.seconds, digits: 0)
        finding.add("delivery", crowd.latencies)
        let verdict = crowd.verdict(of: load.taken)
        finding.add(verdict, isComplete: outcome.isComplete)
        self.server.show(finding)
        guard outcome.isComplete, verdict.isClean else { throw ExitCode(1) }
    }
}
