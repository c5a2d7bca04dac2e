import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import ParleyClient

struct BenchSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "How long a client that was away takes to its first screen, and to all that it missed.",
        discussion: """
            The first screen is the list of the newest conversations, with names, last messages and unread counts. It is measured with \
            ParleyClient, as an app would have it, and with a reader that only counts frames, for what of it is the server's.
            """)

    @OptionGroup var server: BenchServer

    @Option(help: "Groups in which something was missed, 1 to 1000.")
    var conversations = 200

    @Option(help: "Messages missed in all, 1 to 100000.")
    var messages = 10_000

    @Option(help: "Conversations on the first screen, 1 to 100.")
    var screen = 20

    @Option(help: "Bytes of text in a message.")
    var size = 200

    func validate() throws {
        guard (1...1000).contains(self.conversations), (1...100_000).contains(self.messages),
            (1...100).contains(self.screen), (16...4000).contains(self.size)
        else {
            throw ValidationError(
                "--conversations 1 to 1000, --messages 1 to 100000, --screen 1 to 100, --size 16 to 4000")
        }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (host, port) = (self.server.host, self.server.port)
        let stage = try await Stage.connect(host: host, port: port, group: group)
        let name = "sync\(UInt32.random(in: 0...UInt32.max))"
        try await stage.makeUsers("\(name)-", 3)
        let groups = (0..<self.conversations).map { "\(name)-g\($0)" }
        for id in groups { try await stage.makeGroup(id, members: (0..<3).map { "\(name)-\($0)" }) }
        let requests = try await BenchRequests.make(
            "rongcloud", host: host, port: port, to: groups, from: "\(name)-0", group: group)
        var load = SendLoad(
            host: host, port: port, requests: requests, senders: 16, rate: nil, warmUp: .zero, duration: .seconds(300),
            size: self.size)
        load.count = self.messages
        let sent = try await load.run(on: group.next())
        guard sent.takenInAll == self.messages else {
            throw ValidationError(
                "\(sent.takenInAll) of \(self.messages) messages were taken: are the rate limits off?")
        }
        let app = try await self.app(stage, user: "\(name)-1")
        let began = NIODeadline.now()
        let crowd = try await CrowdHandle.connect(
            host: host, port: port, targets: [stage.target("\(name)-2")], loop: group.next())
        let counted = try await crowd.report().deliveries
        let raw = milliseconds(since: began)
        await stage.close()
        print(
            self.server.json
                ? String(
                    format: """
                        {"scenario":"sync","conversations":%d,"messages":%d,"firstScreenMilliseconds":%.1f,\
                        "allMilliseconds":%.1f,"allCountedMilliseconds":%.1f}
                        """, self.conversations, self.messages, app.firstScreen, app.all, raw)
                : String(
                    format: """
                        %d messages in %d conversations
                          ParleyClient   first screen (%d conversations) %.1f ms, all %d messages %.0f ms
                          frames alone   all %d messages %.0f ms
                        """, self.messages, self.conversations, self.screen, app.firstScreen, app.messages, app.all,
                    counted, raw))
        guard app.messages == self.messages, counted == self.messages else { throw ExitCode(1) }
        try await group.shutdownGracefully()
    }

    private struct Arrival {
        var firstScreen = 0.0
        var all = 0.0
        var messages = 0
    }

    /// From before the TCP connect.
    private func app(_ stage: Stage, user: String) async throws -> Arrival {
        let token = stage.token(of: user)
        var arrival = Arrival()
        let began = NIODeadline.now()
        let chat = try Chat(
            Chat.Configuration(
                server: URL(string: "http://\(self.server.host):\(self.server.port)")!, device: "app"
            ) { token })
        let firstScreen = Task {
            let list = try await chat.conversations(limit: self.screen)
            return (list.conversations.count, milliseconds(since: began))
        }
        for await event in chat.events {
            if case .message = event { arrival.messages += 1 }
            if case .ready = event { break }
        }
        arrival.all = milliseconds(since: began)
        let (count, time) = try await firstScreen.value
        guard count == min(self.screen, self.conversations) else {
            throw ValidationError("the first screen has \(count) conversations")
        }
        arrival.firstScreen = time
        await chat.close()
        return arrival
    }
}

private func milliseconds(since began: NIODeadline) -> Double { Double((NIODeadline.now() - began).nanoseconds) / 1e6 }
