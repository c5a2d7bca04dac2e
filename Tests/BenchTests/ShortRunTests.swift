import Foundation
import Testing

@testable import parley

/// The load generator against the real server, as small as it can be.
@Suite struct ShortRunTests {
    private static let executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("parley").path

    @Test(arguments: Clients.allCases, [nil, 200.0])
    func everythingThatIsTakenArrivesEverywhereOnceAndInOrder(_ clients: Clients, _ rate: Double?) async throws {
        let server = try await LocalServer(executable: Self.executable)
        defer { server.stop() }
        let stage = try await Stage.connect(port: server.port)
        let groups = try await stage.makeGroups("g", 2, of: 5)
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make("tencent", host: stage.host, port: server.port)
        let requests = BenchRequests.sends(
            groups.map { .group($0.id, from: $0.members[0]) }, with: credentials, host: stage.host, port: server.port,
            size: 200)
        let outcome = try self.run(requests, groups.map { $0.members.map { Login($0, by: clients) } }, rate, server)
        #expect(outcome.isComplete)
        #expect(outcome.totalTaken > 0)
        #expect(outcome.serverCPU > 0)
    }

    private func run(
        _ requests: BenchRequests, _ logins: [[Login]], _ rate: Double?, _ server: LocalServer
    ) throws -> LoadRun.Outcome {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        for (room, logins) in logins.enumerated() { try crowd.connect(logins, room: room) }
        // The first are slow, and would be all that there is time for.
        let warmUp = try SendLoad(requests, senders: 4, limit: 8, port: server.port, on: poller)
        warmUp.start()
        #expect(poller.run(until: Monotonic.now + Monotonic.seconds(30)) { warmUp.isQuiet })
        let load = try SendLoad(requests, senders: 4, rate: rate, port: server.port, on: poller)
        var taken: [UInt64] { zip(warmUp.taken, load.taken).map { $0 + $1 } }
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [crowd])
        run.warmUp = 0.05
        run.seconds = 0.5
        let outcome = try run.perform { crowd.all(have: taken) }
        #expect(load.tally.refused == 0, "\(load.unexpected ?? "")")
        #expect(load.tally.latencies.count > 0)
        #expect(crowd.latencies.count > 0)
        let verdict = crowd.verdict(of: taken)
        #expect(verdict.isClean, "\(verdict)")
        #expect(crowd.deliveries == Int(taken.reduce(0, +)) * 5)
        return outcome
    }

    /// More than a page of any protocol, and after it what is said then.
    @Test(arguments: Clients.allCases) func whoComesBackGetsWhatHeMissedOnceAndInOrder(_ clients: Clients) async throws
    {
        let server = try await LocalServer(executable: Self.executable)
        defer { server.stop() }
        let stage = try await Stage.connect(port: server.port)
        let group = try await stage.makeGroups("g", 1, of: 3)[0]
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make("rongcloud", host: stage.host, port: server.port)
        let requests = BenchRequests.sends(
            [.group(group.id, from: group.members[0])], with: credentials, host: stage.host, port: server.port,
            size: 64)
        try self.comeBack(group.members.map { Login($0, by: clients, device: "phone") }, requests, port: server.port)
    }

    private func comeBack(_ logins: [Login], _ requests: BenchRequests, port: Int) throws {
        let poller = Poller()
        let first = Crowd(port: port, on: poller)
        try first.connect(logins)
        let back = first.members.map(\.login)
        first.closeAll()
        try self.send(250, requests, port: port, poller)
        let crowd = Crowd(port: port, on: poller)
        try crowd.connect(back)
        try self.send(5, requests, port: port, poller)
        #expect(poller.run(until: Monotonic.now + Monotonic.seconds(20)) { crowd.all(have: [255]) })
        #expect(crowd.verdict(of: [255]).isClean, "\(crowd.verdict(of: [255]))")
    }

    private func send(_ count: Int, _ requests: BenchRequests, port: Int, _ poller: Poller) throws {
        let load = try SendLoad(requests, senders: 16, limit: count, port: port, on: poller)
        load.start()
        #expect(poller.run(until: Monotonic.now + Monotonic.seconds(30)) { load.isQuiet })
        #expect(load.taken == [UInt64(count)])
    }
}
