import ArgumentParser

struct BenchIdle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Memory of connections that do nothing, of users who are in no conversation.")

    @OptionGroup var server: BenchServer

    @Option(help: Clients.help)
    var clients = Clients.parley

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
            let logins = (0..<self.connections).map { Login("\(name)-\($0)", by: self.clients) }
            self.server.show(try self.measure(server, process, logins))
        }
    }

    private func measure(_ server: RunningServer, _ process: ServerProcess, _ logins: [Login]) throws -> Finding {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        let memory = process.residentBytes
        let (began, cpu) = (Monotonic.now, process.cpuSeconds)
        try crowd.connect(logins)
        let seconds = Double(Monotonic.now - began) / 1e9
        let connecting = process.cpuSeconds - cpu
        // The server's second thoughts (timers, pings) happen in this time too; pings are answered, and clients show that they are alive.
        poller.run(until: Monotonic.now + Monotonic.seconds(3))
        let after = process.residentBytes
        let idleCPU = process.cpuSeconds
        poller.run(until: Monotonic.now + Monotonic.seconds(2))
        var finding = Finding("idle")
        finding.add("clients", self.clients.rawValue)
        finding.add("connections", crowd.readyCount)
        finding.add("bytesEach", Double(after - memory) / Double(logins.count), digits: 0)
        finding.add("megabytesBefore", memory >> 20)
        finding.add("megabytesAfter", after >> 20)
        finding.add("connectSeconds", seconds)
        finding.add("connectMicrosecondsEach", connecting * 1e6 / Double(logins.count), digits: 1)
        finding.add("serverCoresWhenIdle", (process.cpuSeconds - idleCPU) / 2, digits: 4)
        finding.add("lostConnections", crowd.losses.count)
        return finding
    }
}
