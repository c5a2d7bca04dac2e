import ArgumentParser

struct BenchStorm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storm",
        abstract: "Everybody comes back at once, each some messages behind, while others go on talking.",
        discussion: """
            All connect once, so that the server knows their devices, and vanish. Messages are sent to their groups. Then all connect at the same \
            moment, and each is caught up when he has the last message of his group. Meanwhile messages to another group, all online, are due at a \
            steady rate.
            """)

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "Clients that come back, 100 to 15000.")
    var returning = 10_000

    @Option(help: "Messages that each has missed, 0 to 1000.")
    var behind = 50

    @Option(help: "Members of each of their groups, 10 to 1000.")
    var members = 100

    @Option(help: "Messages a second to the group of 100 that is online all the time.")
    var rate = 100.0

    @Option(help: Clients.help)
    var clients = Clients.parley

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    private static let liveMembers = 100

    func validate() throws {
        guard (100...15_000).contains(self.returning), (0...1000).contains(self.behind),
            (10...1000).contains(self.members), self.rate > 0
        else { throw ValidationError("--returning 100 to 15000, --behind 0 to 1000, --members 10 to 1000") }
    }

    func run() async throws {
        try await self.server.withServer { server in
            let stage = try await Stage.connect(port: server.port)
            let name = "storm\(UInt32.random(in: 0...UInt32.max))"
            let groups = try await stage.makeGroups("\(name)-g", self.returning / self.members, of: self.members)
            let live = try await stage.makeGroups("\(name)-l", 1, of: Self.liveMembers)
            await stage.close()
            let credentials = try await BenchRequests.Credentials.make(
                self.dialect, host: self.server.host, port: server.port)
            func sends(_ groups: [Stage.MadeGroup]) -> BenchRequests {
                BenchRequests.sends(
                    groups.map { .group($0.id, from: $0.members[0]) }, with: credentials, host: self.server.host,
                    port: server.port, size: self.times.size)
            }
            let logins = groups.map { $0.members.map { Login($0, by: self.clients, device: "phone") } }
            try self.measure(
                server, missed: sends(groups), logins, live: sends(live),
                live[0].members.map { Login($0, by: self.clients) })
        }
    }

    private func measure(
        _ server: RunningServer, missed: BenchRequests, _ logins: [[Login]], live: BenchRequests, _ talkers: [Login]
    ) throws {
        let poller = Poller()
        let first = Crowd(port: server.port, on: poller)
        for (room, logins) in logins.enumerated() { try first.connect(logins, room: room) }
        // With what they have learned.
        let back = logins.indices.map { room in first.members.filter { $0.room == room }.map(\.login) }
        first.closeAll(abruptly: true)
        poller.run(until: Monotonic.now + Monotonic.seconds(1))

        let missing = try SendLoad(
            missed, senders: 64, limit: self.behind * logins.count, port: server.port, on: poller)
        missing.start()
        guard poller.run(until: Monotonic.now + Monotonic.seconds(60), { missing.isQuiet }), missing.unexpected == nil
        else { throw BenchFailure("what is to be missed was not taken: \(missing.unexpected ?? "too slow")") }
        missing.close()

        let listeners = Crowd(port: server.port, on: poller, isUrgent: true)
        try listeners.connect(talkers)
        let talk = try SendLoad(live, senders: 32, rate: self.rate, isUrgent: true, port: server.port, on: poller)
        talk.start()
        poller.run(until: Monotonic.now + Monotonic.seconds(max(1, self.times.warmUp)))
        let before = Monotonic.now
        talk.beginMeasuring(at: before)
        listeners.beginMeasuring(at: before)
        poller.run(until: before + Monotonic.seconds(3))
        let calm = listeners.latencies

        let crowd = Crowd(port: server.port, on: poller)
        let cpu = server.process?.cpuSeconds ?? 0
        let own = ServerProcess.own.cpuSeconds
        let began = Monotonic.now
        talk.beginMeasuring(at: began)
        listeners.beginMeasuring(at: began)
        try crowd.addAll(back)
        let isBack = poller.run(until: began + Monotonic.seconds(60)) {
            crowd.readyCount == crowd.members.count || !crowd.losses.isEmpty
        }
        let goal = [UInt64](repeating: UInt64(self.behind), count: logins.count)
        let isCaughtUp = poller.run(until: began + Monotonic.seconds(60)) { crowd.all(have: goal) }
        let seconds = Double(Monotonic.now - began) / 1e9
        let used = (server.process?.cpuSeconds ?? 0) - cpu
        let generator = ServerProcess.own.cpuSeconds - own
        talk.stop()
        poller.run(until: Monotonic.now + Monotonic.seconds(10)) { talk.isQuiet && listeners.all(have: talk.taken) }

        var finding = Finding("storm")
        finding.add("clients", self.clients.rawValue)
        finding.add("returning", crowd.members.count)
        finding.add("behind", self.behind)
        finding.add("seconds", seconds)
        finding.add("readySeconds", Double(crowd.readyAt - began) / 1e9)
        finding.add("serverMicrosecondsPerClient", used * 1e6 / Double(crowd.members.count), digits: 1)
        finding.add("generatorMicrosecondsPerClient", generator * 1e6 / Double(crowd.members.count), digits: 1)
        finding.add("missedMessages", crowd.deliveries)
        finding.add("liveBefore", calm)
        finding.add("live", listeners.latencies)
        finding.add("liveAnswer", talk.tally.latencies)
        finding.add("serverMegabytes", (server.process?.residentBytes ?? 0) >> 20)
        let verdict = crowd.verdict(of: goal) + listeners.verdict(of: talk.taken)
        let isComplete = isBack && isCaughtUp && listeners.all(have: talk.taken)
        finding.add(verdict, isComplete: isComplete)
        self.server.show(finding)
        guard isComplete, verdict.isClean else { throw ExitCode(1) }
    }
}
