import ArgumentParser

struct BenchSend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends a second through each vendor's API, to demo-group, with nobody listening.",
        discussion:
            "A closed loop: each sender sends, waits for the answer, and sends again. An answer counts when it says that the message was taken."
    )

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "rongcloud, easemob, tencent; comma-separated.")
    var dialects = "rongcloud,easemob,tencent"

    @Option(help: "How many senders at once; comma-separated.")
    var senders = "1,16,64"

    func validate() throws {
        guard self.counts.allSatisfy({ (1...1000).contains($0) }), !self.counts.isEmpty else {
            throw ValidationError("--senders takes numbers from 1 to 1000")
        }
    }

    private var counts: [Int] { self.senders.split(separator: ",").map { Int($0) ?? 0 } }

    func run() async throws {
        try await self.server.withServer { server in
            for dialect in self.dialects.split(separator: ",").map(String.init) {
                let credentials = try await BenchRequests.Credentials.make(
                    dialect, host: self.server.host, port: server.port)
                for count in self.counts { try self.measure(server, credentials, senders: count) }
            }
        }
    }

    private func measure(_ server: RunningServer, _ credentials: BenchRequests.Credentials, senders: Int) throws {
        let requests = BenchRequests.sends(
            [.group("demo-group", from: "bob")], with: credentials, host: self.server.host, port: server.port,
            size: self.times.size)
        let poller = Poller()
        let load = try SendLoad(requests, senders: senders, port: server.port, on: poller)
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [])
        run.warmUp = min(self.times.warmUp, 0.5)
        run.seconds = self.times.seconds
        let outcome = try run.perform()
        var finding = Finding("send")
        finding.add("dialect", credentials.dialect)
        finding.add("senders", senders)
        finding.add(outcome, load.tally)
        self.server.show(finding)
    }
}
