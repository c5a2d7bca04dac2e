import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

struct BenchSend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends a second through each vendor's API, to demo-group, with nobody listening.",
        discussion:
            "A closed loop: each sender sends, waits for the answer, and sends again. An answer counts when it says that the message was taken."
    )

    @OptionGroup var server: BenchServer

    @Option(help: "rongcloud, easemob, tencent; comma-separated.")
    var dialects = "rongcloud,easemob,tencent"

    @Option(help: "How many senders at once; comma-separated.")
    var senders = "1,16,64"

    @Option(help: "Seconds for each measurement, 1 to 60.")
    var seconds = 5

    @Option(help: "Bytes of text in a message.")
    var size = 200

    func validate() throws {
        guard (1...60).contains(self.seconds), (16...4000).contains(self.size) else {
            throw ValidationError("--seconds is 1 to 60, --size 16 to 4000")
        }
        guard self.counts.allSatisfy({ (1...1000).contains($0) }), !self.counts.isEmpty else {
            throw ValidationError("--senders takes numbers from 1 to 1000")
        }
    }

    private var counts: [Int] { self.senders.split(separator: ",").map { Int($0) ?? 0 } }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        if !self.server.json { print("dialect     senders   sends/s   p50 ms   p99 ms   refused") }
        for name in self.dialects.split(separator: ",").map(String.init) {
            let requests = try await BenchRequests.make(
                name, host: self.server.host, port: self.server.port, to: ["demo-group"], from: "bob", group: group)
            for count in self.counts {
                let load = SendLoad(
                    host: self.server.host, port: self.server.port, requests: requests, senders: count, rate: nil,
                    warmUp: .milliseconds(500), duration: .seconds(Int64(self.seconds)), size: self.size)
                let result = try await load.run(on: group.next())
                print(self.server.json ? result.json(name, count) : result.row(name, count))
            }
        }
        try await group.shutdownGracefully()
    }
}

extension SendLoad.Result {
    fileprivate func row(_ dialect: String, _ senders: Int) -> String {
        String(
            format: "%@ %8d %9.0f %8.2f %8.2f %9d", dialect.padding(toLength: 10, withPad: " ", startingAt: 0), senders,
            self.rate, self.latencies.milliseconds(at: 0.5), self.latencies.milliseconds(at: 0.99), self.refused)
    }

    fileprivate func json(_ dialect: String, _ senders: Int) -> String {
        String(
            format: #"{"dialect":"%@","senders":%d,"sendsPerSecond":%.1f,"p50":%.3f,"p99":%.3f,"refused":%d}"#, dialect,
            senders, self.rate, self.latencies.milliseconds(at: 0.5), self.latencies.milliseconds(at: 0.99),
            self.refused)
    }
}
