import ArgumentParser

struct BenchLarge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "large",
        abstract: "A very large group, saturated, of which some members are online; and what other groups feel of it.",
        discussion:
            "The other groups' messages are due at a steady rate, and their latencies count from the moment they were due."
    )

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "Members of the large group, 100 to 100000.")
    var members = 100_000

    @Option(help: "How many of them are online, up to 15000.")
    var online = 10_000

    @Option(help: "Connections that send to the large group, 1 to 1000.")
    var senders = 16

    @Option(help: "Other groups of 100, all online, 1 to 20.")
    var others = 5

    @Option(help: "Messages a second to all the others together.")
    var rate = 100.0

    @Option(help: Clients.help)
    var clients = Clients.parley

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    private static let otherMembers = 100

    func validate() throws {
        guard (100...100_000).contains(self.members), (1...min(15_000, self.members)).contains(self.online),
            (1...20).contains(self.others), (1...1000).contains(self.senders), self.rate > 0
        else {
            throw ValidationError(
                "--members 100 to 100000, --online up to 15000 of them, --others 1 to 20, --senders 1 to 1000")
        }
    }

    func run() async throws {
        try await self.server.withServer { server in
            let stage = try await Stage.connect(port: server.port)
            let name = "big\(UInt32.random(in: 0...UInt32.max))"
            let others = try await stage.makeGroups("\(name)-s", self.others, of: Self.otherMembers)
            try await stage.makeUsers("\(name)-", self.members)
            try await stage.makeGroup(name, members: (0..<self.members).map { "\(name)-\($0)" })
            await stage.close()
            let credentials = try await BenchRequests.Credentials.make(
                self.dialect, host: self.server.host, port: server.port)
            let large = BenchRequests.sends(
                [.group(name, from: "\(name)-0")], with: credentials, host: self.server.host, port: server.port,
                size: self.times.size)
            let small = BenchRequests.sends(
                others.map { .group($0.id, from: $0.members[0]) }, with: credentials, host: self.server.host,
                port: server.port, size: self.times.size)
            try self.measure(
                server, large, logins: (0..<self.online).map { Login("\(name)-\($0)", by: self.clients) }, small,
                others: others.map { $0.members.map { Login($0, by: self.clients) } })
        }
    }

    private func measure(
        _ server: RunningServer, _ large: BenchRequests, logins: [Login], _ small: BenchRequests, others: [[Login]]
    ) throws {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        try crowd.connect(logins)
        let neighbours = Crowd(port: server.port, on: poller, isUrgent: true)
        for (room, logins) in others.enumerated() { try neighbours.connect(logins, room: room) }
        let load = try SendLoad(large, senders: self.senders, port: server.port, on: poller)
        let talk = try SendLoad(small, senders: 32, rate: self.rate, isUrgent: true, port: server.port, on: poller)

        var alone = LoadRun(poller: poller, process: server.process, loads: [talk], crowds: [neighbours])
        alone.warmUp = 0.5
        alone.seconds = 3
        _ = try alone.perform { neighbours.all(have: talk.taken) }
        let before = neighbours.latencies

        var run = LoadRun(poller: poller, process: server.process, loads: [load, talk], crowds: [crowd, neighbours])
        run.warmUp = self.times.warmUp
        run.seconds = self.times.seconds
        let outcome = try run.perform { crowd.all(have: load.taken) && neighbours.all(have: talk.taken) }
        var finding = Finding("large")
        finding.add("clients", self.clients.rawValue)
        finding.add("dialect", self.dialect)
        finding.add("members", self.members)
        finding.add("online", self.online)
        finding.add(outcome, load.tally)
        finding.add("deliveriesPerSecond", outcome.totalDeliveries / outcome.seconds, digits: 0)
        finding.add(
            "cpuMicrosecondsPerDelivery", outcome.serverCPU * 1e6 / max(1, outcome.totalDeliveries), digits: 3)
        finding.add("delivery", crowd.latencies)
        finding.add("othersAlone", before)
        finding.add("others", neighbours.latencies)
        finding.add("othersAnswer", talk.tally.latencies)
        let verdict = crowd.verdict(of: load.taken) + neighbours.verdict(of: talk.taken)
        finding.add(verdict, isComplete: outcome.isComplete)
        self.server.show(finding)
        guard outcome.isComplete, verdict.isClean else { throw ExitCode(1) }
    }
}
