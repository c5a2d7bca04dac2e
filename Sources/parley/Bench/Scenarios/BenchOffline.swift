import ArgumentParser

struct BenchOffline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "offline",
        abstract:
            "What a send to a group costs the server when none of its members is online, by the size of the group.",
        discussion:
            "The groups take turns, several times each, so that what else the machine does meets all of them alike.")

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "Sizes of the groups, comma-separated, 1 to 100000 each.")
    var sizes = "10,1000,100000"

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    @Option(help: "Connections that send, 1 to 1000.")
    var senders = 16

    @Option(help: "Turns of each group, 1 to 20.")
    var turns = 5

    private var counts: [Int] { self.sizes.split(separator: ",").map { Int($0) ?? 0 } }

    func validate() throws {
        guard self.counts.allSatisfy({ (1...100_000).contains($0) }), !self.counts.isEmpty,
            (1...1000).contains(self.senders), (1...20).contains(self.turns)
        else { throw ValidationError("--sizes 1 to 100000 each, --senders 1 to 1000, --turns 1 to 20") }
    }

    func run() async throws {
        try await self.server.withServer { server in
            let stage = try await Stage.connect(port: server.port)
            let name = "off\(UInt32.random(in: 0...UInt32.max))"
            let users = (0..<(self.counts.max() ?? 1)).map { "\(name)-\($0)" }
            try await stage.makeUsers("\(name)-", users.count)
            for count in self.counts { try await stage.makeGroup("\(name)-\(count)", members: Array(users[..<count])) }
            await stage.close()
            let credentials = try await BenchRequests.Credentials.make(
                self.dialect, host: self.server.host, port: server.port)
            let requests = self.counts.map { count in
                BenchRequests.sends(
                    [.group("\(name)-\(count)", from: users[0])], with: credentials, host: self.server.host,
                    port: server.port, size: self.times.size)
            }
            self.server.show(try self.measure(server, requests))
        }
    }

    private func measure(_ server: RunningServer, _ requests: [BenchRequests]) throws -> Finding {
        var cpu = [Double](repeating: 0, count: requests.count)
        var sends = cpu
        var seconds = cpu
        for turn in 0...self.turns {
            for (index, requests) in requests.enumerated() {
                let poller = Poller()
                let load = try SendLoad(requests, senders: self.senders, port: server.port, on: poller)
                var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [])
                run.warmUp = 0.1
                run.seconds = self.times.seconds / Double(self.turns * requests.requests.count) / 3
                let outcome = try run.perform()
                guard load.tally.refused == 0 else { throw BenchFailure("refused: \(load.unexpected ?? "")") }
                // The first turn warms everything up.
                guard turn > 0 else { continue }
                cpu[index] += outcome.serverCPU
                sends[index] += outcome.totalTaken
                seconds[index] += outcome.seconds
            }
        }
        var finding = Finding("offline")
        finding.add("dialect", self.dialect)
        finding.add("senders", self.senders)
        let costs = zip(cpu, sends).map { $0 * 1e6 / max(1, $1) }
        for (index, count) in self.counts.enumerated() {
            finding.add("microsecondsPerSend\(count)", costs[index])
            finding.add("sendsPerSecond\(count)", sends[index] / max(0.001, seconds[index]), digits: 0)
        }
        finding.add("mostToLeast", (costs.max() ?? 0) / max(0.001, costs.min() ?? 0), digits: 3)
        return finding
    }
}
