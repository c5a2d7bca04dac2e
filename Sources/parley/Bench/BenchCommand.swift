import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure sends a second through each vendor's API, against a running demo server.",
        discussion: """
            A closed loop: each sender sends, waits for the answer, and sends again, to demo-group. An answer counts when it says \
            that the message was taken. Start the server with PARLEY_LIMITS_RATES=off, or the vendors' limits are what is measured.
            """)

    @Option(help: "The server's address: loopback only.")
    var host = "127.0.0.1"

    @Option(help: "The server's port.")
    var port = 8080

    @Option(help: "rongcloud, easemob, tencent; comma-separated.")
    var dialects = "rongcloud,easemob,tencent"

    @Option(help: "How many senders at once; comma-separated.")
    var senders = "1,16,64"

    @Option(help: "Seconds for each measurement, 1 to 60.")
    var seconds = 5

    @Option(help: "Bytes of text in a message.")
    var size = 200

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard ["127.0.0.1", "::1", "localhost"].contains(self.host) else {
            throw ValidationError("load goes to loopback only")
        }
        guard (1...60).contains(self.seconds), (1...4000).contains(self.size) else {
            throw ValidationError("--seconds is 1 to 60, --size 1 to 4000")
        }
        guard self.counts.allSatisfy({ (1...1000).contains($0) }), !self.counts.isEmpty else {
            throw ValidationError("--senders takes numbers from 1 to 1000")
        }
    }

    private var counts: [Int] { self.senders.split(separator: ",").map { Int($0) ?? 0 } }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        if !self.json { print("dialect     senders   sends/s   p50 ms   p99 ms   refused") }
        for name in self.dialects.split(separator: ",").map(String.init) {
            let requests = try await BenchRequests.make(
                name, host: self.host, port: self.port, size: self.size, group: group)
            for count in self.counts {
                let run = BenchRun(
                    host: self.host, port: self.port, senders: count, seconds: self.seconds, requests: requests)
                let result = try await run.measure(group: group)
                print(self.json ? result.json(name, count) : result.row(name, count))
            }
        }
        try await group.shutdownGracefully()
    }
}
