import ArgumentParser

struct BenchRefused: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refused",
        abstract:
            "Sends whose signature is wrong: what HTTP alone costs, beside nginx answering a fixed reply to the same bytes.",
        discussion: "nginx is measured when it is installed: one worker, no access log, on a free port of loopback.")

    @OptionGroup var server: BenchServer
    @OptionGroup var times: BenchTimes

    @Option(help: "rongcloud, easemob, tencent; comma-separated.")
    var dialects = "rongcloud,easemob,tencent"

    @Option(help: "Connections that send, 1 to 1000.")
    var senders = 64

    func validate() throws {
        guard (1...1000).contains(self.senders) else { throw ValidationError("--senders 1 to 1000") }
    }

    func run() async throws {
        try await self.server.withServer { server in
            for dialect in self.dialects.split(separator: ",").map(String.init) {
                let nginx = try await Nginx.start()
                defer { nginx?.stop() }
                self.server.show(try self.measure(server, dialect, nginx))
            }
        }
    }

    private func measure(_ server: RunningServer, _ dialect: String, _ nginx: Nginx?) throws -> Finding {
        var requests = BenchRequests.sends(
            [.group("demo-group", from: "bob")], with: try .bad(dialect), host: self.server.host, port: server.port,
            size: self.times.size)
        requests.expected = Self.refusal[dialect] ?? ""
        let (outcome, load) = try self.load(requests, port: server.port, server.process)
        guard load.tally.refused == 0 else { throw BenchFailure("not refused: \(load.unexpected ?? "")") }
        var finding = Finding("refused")
        finding.add("dialect", dialect)
        finding.add("senders", self.senders)
        finding.add("requestsPerSecond", outcome.totalTaken / outcome.seconds, digits: 0)
        finding.add("answer", load.tally.latencies)
        finding.add("serverCores", outcome.serverCPU / outcome.seconds)
        finding.add("generatorCores", outcome.generatorCPU / outcome.seconds)
        let cost = outcome.serverCPU * 1e6 / max(1, outcome.totalTaken)
        finding.add("serverMicroseconds", cost)
        finding.add("generatorMicroseconds", outcome.generatorCPU * 1e6 / max(1, outcome.totalTaken))
        guard let nginx else { return finding }
        requests.expected = "HTTP/1.1 200"
        let (other, _) = try self.load(requests, port: nginx.port, nginx.worker)
        let otherCost = other.serverCPU * 1e6 / max(1, other.totalTaken)
        finding.add("nginxRequestsPerSecond", other.totalTaken / other.seconds, digits: 0)
        finding.add("nginxMicroseconds", otherCost)
        finding.add("timesNginx", cost / max(0.001, otherCost))
        return finding
    }

    private func load(
        _ requests: BenchRequests, port: Int, _ process: ServerProcess?
    ) throws -> (LoadRun.Outcome, SendLoad) {
        let poller = Poller()
        let load = try SendLoad(requests, senders: self.senders, port: port, on: poller)
        var run = LoadRun(poller: poller, process: process, loads: [load], crowds: [])
        run.warmUp = min(1, self.times.warmUp)
        run.seconds = self.times.seconds
        return (try run.perform(), load)
    }

    /// By which an answer is known as the refusal of a signature.
    private static let refusal = [
        "rongcloud": "\"code\":1004", "easemob": "HTTP/1.1 401", "tencent": "\"ActionStatus\":\"FAIL\"",
    ]
}
