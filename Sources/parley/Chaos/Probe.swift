import Foundation

/// Those who behave, while others do not: a group of twenty, a hundred messages a second, and how long each takes to be answered and to arrive.
struct Probe: Sendable {
    struct Reading: Sendable {
        var answered99: Double
        var arrived99: Double
        var isWhole: Bool
    }

    let port: Int

    /// A group of its own each time, on a thread of its own: the load generator waits on its sockets and on nothing else.
    func measure(seconds: Int) async throws -> Reading {
        let name = "probe\(UInt32.random(in: 0...UInt32.max))"
        let users = (0..<20).map { "\(name)-\($0)" }
        // Connected anew: the servers here do not keep a connection that says nothing for long.
        let stage = try await Stage.connect(port: self.port)
        try await stage.makeUsers("\(name)-", users.count)
        try await stage.makeGroup(name, members: users)
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make("tencent", host: "127.0.0.1", port: self.port)
        let requests = BenchRequests.sends(
            [.group(name, from: users[0])], with: credentials, host: "127.0.0.1", port: self.port, size: 200)
        let logins = users.map { Login($0) }
        let port = self.port
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try Self.measure(requests, logins, seconds: Double(seconds), port: port) })
            }
        }
    }

    private static func measure(
        _ requests: BenchRequests, _ logins: [Login], seconds: Double, port: Int
    ) throws -> Reading {
        let poller = Poller()
        let crowd = Crowd(port: port, on: poller)
        defer { crowd.closeAll() }
        try crowd.connect(logins)
        // One connection: of several, those that are not needed would be closed here for being idle.
        let load = try SendLoad(requests, senders: 1, rate: 100, port: port, on: poller)
        defer { load.close() }
        var run = LoadRun(poller: poller, process: nil, loads: [load], crowds: [crowd])
        run.warmUp = 0
        run.seconds = seconds
        let outcome = try run.perform { crowd.all(have: load.taken) }
        return Reading(
            answered99: load.tally.latencies.milliseconds(at: 0.99),
            arrived99: crowd.latencies.milliseconds(at: 0.99),
            isWhole: outcome.isComplete && crowd.verdict(of: load.taken).isClean && load.tally.refused == 0)
    }
}
