import ArgumentParser

struct BenchFlush: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "One sender, one message at a time, beside what the same disk's flush alone allows.",
        discussion: """
            Before and after, on the server's own disk: appends of one SQLite page and fdatasync, and SQLite commits (FULL, WAL) of one row. A send \
            does what such a commit does, and besides comes in over HTTP and goes out to the members.
            """)

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "Members of the group who are online, 0 to 1000.")
    var members = 0

    @Option(help: Clients.help)
    var clients = Clients.parley

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    func validate() throws {
        guard (0...1000).contains(self.members) else { throw ValidationError("--members 0 to 1000") }
    }

    func run() async throws {
        try await self.server.withServer { server in
            let stage = try await Stage.connect(port: server.port)
            let name = "flush\(UInt32.random(in: 0...UInt32.max))"
            let users = (0..<max(2, self.members)).map { "\(name)-\($0)" }
            try await stage.makeUsers("\(name)-", users.count)
            try await stage.makeGroup(name, members: users)
            await stage.close()
            let credentials = try await BenchRequests.Credentials.make(
                self.dialect, host: self.server.host, port: server.port)
            let requests = BenchRequests.sends(
                [.group(name, from: users[0])], with: credentials, host: self.server.host, port: server.port,
                size: self.times.size)
            try self.measure(server, requests, logins: users.prefix(self.members).map { Login($0, by: self.clients) })
        }
    }

    private func measure(_ server: RunningServer, _ requests: BenchRequests, logins: [Login]) throws {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        try crowd.connect(logins)
        let load = try SendLoad(requests, senders: 1, port: server.port, on: poller)
        var disk = [try DiskProbe.measure(seconds: 1)]
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [crowd])
        run.warmUp = min(1, self.times.warmUp)
        run.seconds = self.times.seconds
        let outcome = try run.perform { crowd.all(have: load.taken) }
        disk.append(try DiskProbe.measure(seconds: 1))
        let flushes = disk.map(\.flushesPerSecond).reduce(0, +) / 2
        let commits = disk.map(\.commitsPerSecond).reduce(0, +) / 2
        let sends = outcome.totalTaken / outcome.seconds
        var finding = Finding("flush")
        finding.add("clients", self.clients.rawValue)
        finding.add("dialect", self.dialect)
        finding.add("members", self.members)
        finding.add(outcome, load.tally)
        finding.add("delivery", crowd.latencies)
        finding.add("flushesPerSecond", flushes, digits: 0)
        finding.add("commitsPerSecond", commits, digits: 0)
        finding.add("partOfFlushes", sends / flushes, digits: 3)
        finding.add("partOfCommits", sends / commits, digits: 3)
        let verdict = crowd.verdict(of: load.taken)
        finding.add(verdict, isComplete: outcome.isComplete)
        self.server.show(finding)
        guard outcome.isComplete, verdict.isClean else { throw ExitCode(1) }
    }
}
