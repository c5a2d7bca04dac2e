import Foundation
import Testing

@testable import parley

/// The load generator against the real server, as small as it can be.
@Suite struct ShortRunTests {
    private static let executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("parley").path

    @Test(arguments: [nil, 200.0]) func everythingThatIsTakenArrivesEverywhereOnceAndInOrder(_ rate: Double?)
        async throws
    {
        let server = try await LocalServer(executable: Self.executable)
        defer { server.stop() }
        let stage = try await Stage.connect(port: server.port)
        let groups = try await stage.makeGroups("g", 2, of: 5)
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make("tencent", host: stage.host, port: server.port)
        let requests = BenchRequests.sends(
            groups.map { .group($0.id, from: $0.members[0]) }, with: credentials, host: stage.host, port: server.port,
            size: 200)
        let outcome = try self.run(requests, groups.map { $0.members.map { Stage.target($0) } }, rate, server)
        #expect(outcome.isComplete)
        #expect(outcome.totalTaken > 0)
        #expect(outcome.serverCPU > 0)
    }

    private func run(
        _ requests: BenchRequests, _ targets: [[String]], _ rate: Double?, _ server: LocalServer
    ) throws -> LoadRun.Outcome {
        let poller = Poller()
        let crowd = Crowd(port: server.port, on: poller)
        for (room, targets) in targets.enumerated() { try crowd.connect(targets, room: room) }
        let load = try SendLoad(requests, senders: 4, rate: rate, port: server.port, on: poller)
        var run = LoadRun(poller: poller, process: server.process, loads: [load], crowds: [crowd])
        run.warmUp = 0.05
        run.seconds = 0.2
        let outcome = try run.perform { crowd.all(have: load.taken) }
        #expect(load.tally.refused == 0, "\(load.unexpected ?? "")")
        #expect(load.tally.latencies.count > 0)
        #expect(crowd.latencies.count > 0)
        #expect(crowd.verdict.isClean, "\(crowd.verdict)")
        #expect(crowd.deliveries == Int(load.taken.reduce(0, +)) * 5)
        return outcome
    }
}
