import Foundation
import NIOCore
import NIOPosix

/// Those who behave, while others do not: a group of twenty, a hundred messages a second, and how long each takes to be answered and to arrive.
struct Probe: Sendable {
    struct Reading: Sendable {
        var answered99: Double
        var arrived99: Double
        var isWhole: Bool
    }

    private let port: Int
    private let group: MultiThreadedEventLoopGroup
    private let requests: BenchRequests
    private let crowd: CrowdHandle

    static func begin(_ stage: Stage, port: Int, group: MultiThreadedEventLoopGroup) async throws -> Probe {
        let users = (0..<20).map { "probe-\($0)" }
        try await stage.makeUsers("probe-", users.count)
        try await stage.makeGroup("probe", members: users)
        let requests = try await BenchRequests.make(
            "tencent", host: "127.0.0.1", port: port, to: ["probe"], from: users[0], group: group)
        let crowd = try await CrowdHandle.connect(
            host: "127.0.0.1", port: port, targets: users.map { stage.target($0) }, loop: group.next())
        return Probe(port: port, group: group, requests: requests, crowd: crowd)
    }

    func measure(seconds: Int) async throws -> Reading {
        let crowd = self.crowd
        var load = SendLoad(
            host: "127.0.0.1", port: self.port, requests: self.requests, senders: 8, rate: 100, warmUp: .zero,
            duration: .seconds(Int64(seconds)), size: 200)
        load.measurementBegins = { crowd.beginMeasuring() }
        let before = try await crowd.report().greatest
        let sent = try await load.run(on: crowd.loop)
        let last = before + UInt64(sent.takenInAll)
        let isComplete = try await crowd.wait(seconds: 30) { $0.all(have: last) }
        let report = try await crowd.report()
        return Reading(
            answered99: sent.latencies.milliseconds(at: 0.99), arrived99: report.latencies.milliseconds(at: 0.99),
            isWhole: isComplete && report.missing == 0 && report.repeated == 0 && sent.refused == 0)
    }
}
