import ArgumentParser

struct BenchIdle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Memory of connections that do nothing, of users who are in no conversation.")

    @OptionGroup var server: BenchServer

    @Option(help: "Connections, 1 to 15000.")
    var connections = 15_000

    func validate() throws {
        guard (1...15_000).contains(self.connections) else { throw ValidationError("--connections is 1 to 15000") }
    }

    func run() async throws {
        try await self.server.withServer { server in
            guard let process = server.process else { throw ValidationError("--server-pid is needed") }
            let stage = try await Stage.connect(port: server.port)
            let name = "idle\(UInt32.random(in: 0...UInt32.max))"
            try await stage.makeUsers("\(name)-", self.connections)
            await stage.close()
            self.server.show(
                try self.measure(
                    server, process, targets: (0..<self.connections).map { Stage.target("\(name)-\($0)") }))
        }
    }

    private func measure(_ server: RunningServer, _ process: ServerProcess, targets: [String]) throws -> Finding {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        let memory = process.residentBytes
        let (began, cpu) = (Monotonic.now, process.cpuSeconds)
        try crowd.connect(targets)
        let seconds = Double(Monotonic.now - began) / 1e9
        let connecting = process.cpuSeconds - cpu
        // The server's second thoughts (timers, pings) happen in this time too; pings are answered.
        poller.run(until: Monotonic.now + Monotonic.seconds(3))
        let after = process.residentBytes
        let idleCPU = process.cpuSeconds
        poller.run(until: Monotonic.now + Monotonic.seconds(2))
        var finding = Finding("idle")
        finding.add("connections", crowd.readyCount)
        finding.add("bytesEach", Double(after - memory) / Double(targets.count), digits: 0)
        finding.add("megabytesBefore", memory >> 20)
        finding.add("megabytesAfter", after >> 20)
        finding.add("connectSeconds", seconds)
        finding.add("connectMicrosecondsEach", connecting * 1e6 / Double(targets.count), digits: 1)
        finding.add("serverCoresWhenIdle", (process.cpuSeconds - idleCPU) / 2, digits: 4)
        finding.add("lostConnections", crowd.losses.count)
        return finding
    }
}
