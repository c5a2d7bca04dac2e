import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import Synchronization

struct BenchFanOut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fanout",
        abstract: "Messages to a group whose members are all online: what is sent, what arrives, and what it costs.",
        discussion: """
            Members listen on ParleySocket, senders use one vendor's API over HTTP. Every delivery is counted: missing, repeated or out \
            of order shows. With --rate the loop is open, and latencies count from the moment a message was due.
            """)

    @OptionGroup var server: BenchServer

    @Option(help: "Members of the group, all online.")
    var members = 100

    @Option(help: "rongcloud, easemob or tencent.")
    var dialect = "tencent"

    @Option(help: "Connections that send.")
    var senders = 64

    @Option(help: "Messages a second; without it, as many as are answered.")
    var rate: Double?

    @Option(help: "Seconds before measuring, 0 to 30.")
    var warmUp = 2

    @Option(help: "Seconds of measuring, 1 to 120.")
    var seconds = 10

    @Option(help: "Bytes of text in a message.")
    var size = 200

    func validate() throws {
        guard (1...120).contains(self.seconds), (0...30).contains(self.warmUp), (16...4000).contains(self.size),
            (1...15_000).contains(self.members), (1...1000).contains(self.senders), self.rate ?? 1 > 0
        else {
            throw ValidationError(
                "--seconds 1 to 120, --warm-up 0 to 30, --size 16 to 4000, --members 1 to 15000, --senders 1 to 1000")
        }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (host, port) = (self.server.host, self.server.port)
        let stage = try await Stage.connect(host: host, port: port, group: group)
        let name = "fan\(UInt32.random(in: 0...UInt32.max))"
        let users = (0..<self.members).map { "\(name)-\($0)" }
        try await stage.makeUsers("\(name)-", self.members)
        try await stage.makeGroup(name, members: users)
        let requests = try await BenchRequests.make(
            self.dialect, host: host, port: port, to: [name], from: users[0], group: group)
        let crowd = try await CrowdHandle.connect(
            host: host, port: port, targets: users.map { stage.target($0) }, loop: group.next())
        await stage.close()

        let process = self.server.process
        let cpu = Mutex(0.0)
        var load = SendLoad(
            host: host, port: port, requests: requests, senders: self.senders, rate: self.rate,
            warmUp: .seconds(Int64(self.warmUp)), duration: .seconds(Int64(self.seconds)), size: self.size)
        load.measurementBegins = {
            crowd.beginMeasuring()
            cpu.withLock { $0 = process?.cpuSeconds ?? 0 }
        }
        let sent = try await load.run(on: crowd.loop)
        let last = UInt64(sent.takenInAll)
        let isComplete = try await crowd.wait(seconds: 20) { $0.all(have: last) }
        let used = (process?.cpuSeconds ?? 0) - cpu.withLock { $0 }
        let report = try await crowd.report()
        let outcome = FanOutOutcome(
            command: self, sent: sent, report: report, cpuSeconds: used, isComplete: isComplete,
            residentBytes: process?.residentBytes ?? 0)
        print(self.server.json ? outcome.json : outcome.text)
        guard isComplete, report.missing == 0, report.repeated == 0 else { throw ExitCode(1) }
        try await group.shutdownGracefully()
    }
}

struct FanOutOutcome {
    let command: BenchFanOut
    let sent: SendLoad.Result
    let report: Crowd.Report
    let cpuSeconds: Double
    let isComplete: Bool
    let residentBytes: Int

    private var deliveriesPerSecond: Double { Double(self.report.deliveries) / max(self.sent.seconds, 0.001) }
    private var microsecondsPerDelivery: Double { self.cpuSeconds * 1e6 / Double(max(1, self.report.deliveries)) }

    var text: String {
        let all = self.isComplete ? "all" : "NOT ALL: \(self.report.least) of \(self.sent.takenInAll)"
        return String(
            format: """
                %@, %d members, %d senders%@
                  sent        %8.0f /s    answered p50 %.2f  p99 %.2f ms   refused %d
                  delivered   %8.0f /s    arrived  p50 %.2f  p99 %.2f  max %.1f ms
                  server CPU  %8.2f µs a delivery   memory %d MB
                  reached %@, missing %d, repeated %d
                """,
            self.command.dialect, self.command.members, self.command.senders,
            self.command.rate.map { ", \(Int($0)) a second" } ?? "", self.sent.rate,
            self.sent.latencies.milliseconds(at: 0.5), self.sent.latencies.milliseconds(at: 0.99), self.sent.refused,
            self.deliveriesPerSecond, self.report.latencies.milliseconds(at: 0.5),
            self.report.latencies.milliseconds(at: 0.99), self.report.latencies.milliseconds(at: 1),
            self.microsecondsPerDelivery, self.residentBytes >> 20, all, self.report.missing, self.report.repeated)
    }

    var json: String {
        String(
            format: """
                {"scenario":"fanout","dialect":"%@","members":%d,"senders":%d,"rate":%@,"sendsPerSecond":%.1f,\
                "answerP50":%.3f,"answerP99":%.3f,"refused":%d,"deliveriesPerSecond":%.0f,"deliveryP50":%.3f,\
                "deliveryP99":%.3f,"cpuMicrosecondsPerDelivery":%.3f,"residentBytes":%d,"complete":%@,"missing":%d,\
                "repeated":%d}
                """,
            self.command.dialect, self.command.members, self.command.senders,
            self.command.rate.map { String($0) } ?? "null", self.sent.rate, self.sent.latencies.milliseconds(at: 0.5),
            self.sent.latencies.milliseconds(at: 0.99), self.sent.refused, self.deliveriesPerSecond,
            self.report.latencies.milliseconds(at: 0.5), self.report.latencies.milliseconds(at: 0.99),
            self.microsecondsPerDelivery, self.residentBytes, self.isComplete ? "true" : "false", self.report.missing,
            self.report.repeated)
    }
}
