import ArgumentParser
import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer
import ParleyStore

struct BenchHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract:
            "How long a server takes to start on a large store, and to show the newest 50 of any conversation in it.",
        discussion: """
            Fills a folder of its own (20,000,000 messages: five minutes, 6 GB), starts a demo server on it, and asks for conversations at \
            random, one after the other: through a vendor's API, and as their members on ParleySocket. A folder that was filled before is used as it is.
            """)

    @Option(help: "The folder; kept, so that it can be used again. Without it, one that is removed at the end.")
    var data: String?

    @Option(help: "Conversations in the store.")
    var conversations = 1_000_000

    @Option(help: "Messages in the store.")
    var messages = 20_000_000

    @Option(help: "Requests of each kind.")
    var requests = 2000

    @Flag(
        help: "Drop the kernel's memory of the file first (posix_fadvise): the first requests then read from the disk.")
    var cold = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...10_000_000).contains(self.conversations), (1...100_000_000).contains(self.messages),
            (1...100_000).contains(self.requests)
        else { throw ValidationError("--conversations, --messages or --requests: out of range") }
    }

    private var filling: StoreFilling {
        StoreFilling(
            app: Demo.appID, conversations: self.conversations, messages: self.messages, until: SystemClock().now())
    }

    func run() async throws {
        let folder = self.data ?? NSTemporaryDirectory() + "parley-history-\(UInt32.random(in: 0...UInt32.max))"
        defer { if self.data == nil { try? FileManager.default.removeItem(atPath: folder) } }
        let marker = folder + "/filled"
        let size = "\(self.conversations) \(self.messages)"
        if (try? String(contentsOfFile: marker, encoding: .utf8)) != size {
            guard !FileManager.default.fileExists(atPath: folder + "/parley.sqlite") else {
                throw ValidationError("\(folder) holds a store of another size")
            }
            try self.filling.fill(folder)
            try size.write(toFile: marker, atomically: true, encoding: .utf8)
        }
        if self.cold { Self.forget(folder + "/parley.sqlite") }
        try await self.measure(folder)
    }

    private func measure(_ folder: String) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let began = NIODeadline.now()
        let server = try await LocalServer(data: folder)
        defer { server.stop() }
        let asker = try await HistoryAsker.connect(port: server.port, group: group)
        try await asker.ask(of: self.filling.pair(of: 0))
        let start = Double((NIODeadline.now() - began).nanoseconds) / 1e6
        let first = try await self.ask(self.requests / 10, asker)
        let vendor = try await self.ask(self.requests, asker)
        let socket = try await self.askOnSockets(port: server.port, group)
        let memory = server.process.residentBytes >> 20
        await asker.close()
        try await group.shutdownGracefully()
        print(self.text(start, first, vendor, socket, memory))
    }

    private func ask(_ count: Int, _ asker: HistoryAsker) async throws -> Histogram {
        var times = Histogram()
        for _ in 0..<count {
            let pair = self.filling.pair(of: Int.random(in: 0..<self.conversations))
            let began = NIODeadline.now()
            try await asker.ask(of: pair)
            times.record((NIODeadline.now() - began).nanoseconds)
        }
        return times
    }

    /// Ten conversations of each of as many users as it takes.
    private func askOnSockets(port: Int, _ group: MultiThreadedEventLoopGroup) async throws -> Histogram {
        var times = Histogram()
        for _ in 0..<(self.requests / 10) {
            let user = Int.random(in: 0..<self.filling.users)
            let own = stride(from: user, to: self.conversations, by: self.filling.users).map {
                self.filling.pair(of: $0)
            }
            guard let first = own.first else { continue }
            let target = "/v1/connect?begin=manual&token=\(Demo.signature(of: first.0, now: SystemClock().now()))"
            let socket = try await SocketClient.connect(host: "127.0.0.1", port: port, target: target, group: group)
            var frames = socket.frames.makeAsyncIterator()
            _ = await frames.next()
            for pair in own.prefix(10) {
                let began = NIODeadline.now()
                socket.send(#"{"type":"history","conversation":"direct:\#(pair.1)","limit":50}"#)
                guard let answer = await frames.next(),
                    try JSON(parsing: Array(answer.readableBytesView))["type"]?.string == "history"
                else { throw ValidationError("no history on ParleySocket") }
                times.record((NIODeadline.now() - began).nanoseconds)
            }
            await socket.close()
        }
        return times
    }

    private func text(
        _ start: Double, _ first: Histogram, _ vendor: Histogram, _ socket: Histogram, _ memory: Int
    ) -> String {
        func line(_ times: Histogram) -> String {
            String(
                format: "p50 %.2f  p99 %.2f  max %.1f ms", times.milliseconds(at: 0.5), times.milliseconds(at: 0.99),
                times.milliseconds(at: 1))
        }
        func fields(_ name: String, _ times: Histogram) -> String {
            String(
                format: #""\#(name)P50":%.3f,"\#(name)P99":%.3f,"\#(name)Max":%.3f"#, times.milliseconds(at: 0.5),
                times.milliseconds(at: 0.99), times.milliseconds(at: 1))
        }
        if self.json {
            return """
                {"scenario":"history","conversations":\(self.conversations),"messages":\(self.messages),\
                "cold":\(self.cold),"startMilliseconds":\(Int(start)),\(fields("first", first)),\
                \(fields("vendor", vendor)),\(fields("socket", socket)),"residentMegabytes":\(memory)}
                """
        }
        return """
            \(self.messages) messages in \(self.conversations) conversations\(self.cold ? ", nothing in memory" : "")
              start to first answer    \(Int(start)) ms
              first \(self.requests / 10) requests      \(line(first))
              vendor's API             \(line(vendor))
              ParleySocket             \(line(socket))
              server memory            \(memory) MB
            """
    }

    /// What is written to the disk already is dropped from the page cache.
    private static func forget(_ path: String) {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return }
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
        close(file)
    }
}

/// Asks one vendor's API for the newest messages of two users.
struct HistoryAsker: Sendable {
    private let client: HTTPClient
    private let signature: String

    static func connect(port: Int, group: MultiThreadedEventLoopGroup) async throws -> HistoryAsker {
        HistoryAsker(
            client: try await HTTPClient.connect(host: "127.0.0.1", port: port, group: group),
            signature: Demo.signature(now: SystemClock().now()))
    }

    func ask(of pair: (String, String)) async throws {
        let body =
            #"{"Operator_Account":"\#(pair.0)","Peer_Account":"\#(pair.1)","MaxCnt":50,"MinTime":0,"MaxTime":4000000000}"#
        let answer = try await self.client.send(
            .POST,
            "/v4/openim/admin_getroammsg?sdkappid=1400000000&identifier=administrator&usersig=\(self.signature)"
                + "&random=1&contenttype=json",
            body: Array(body.utf8))
        let json = try JSON(parsing: answer.body)
        guard json["ErrorCode"]?.int == 0, json["MsgCnt"]?.int ?? 0 > 0 else {
            throw ValidationError("admin_getroammsg: \(answer.text.prefix(300))")
        }
    }

    func close() async { await self.client.close() }
}
