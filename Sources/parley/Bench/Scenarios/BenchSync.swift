import ArgumentParser
import Foundation
import NIOCore
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
        try await self.server.withServer { try await self.measure($0) }
    }

    private func measure(_ server: RunningServer) async throws {
        let stage = try await Stage.connect(port: server.port)
        let name = "sync\(UInt32.random(in: 0...UInt32.max))"
        try await stage.makeUsers("\(name)-", 3)
        let users = (0..<3).map { "\(name)-\($0)" }
        let groups = (0..<self.conversations).map { "\(name)-g\($0)" }
        for id in groups { try await stage.makeGroup(id, members: users) }
        await stage.close()
        let credentials = try await BenchRequests.Credentials.make(
            "rongcloud", host: self.server.host, port: server.port)
        let requests = BenchRequests.sends(
            groups.map { .group($0, from: users[0]) }, with: credentials, host: self.server.host, port: server.port,
            size: self.size)
        try self.send(requests, port: server.port)
        let app = try await self.app(stage, user: users[1])
        let (counted, raw) = try self.frames(Login(users[2]), port: server.port)
        var finding = Finding("sync")
        finding.add("conversations", self.conversations)
        finding.add("messages", self.messages)
        finding.add("screen", self.screen)
        finding.add("firstScreenMilliseconds", app.firstScreen, digits: 1)
        finding.add("allMilliseconds", app.all, digits: 1)
        finding.add("framesAloneMilliseconds", raw, digits: 1)
        self.server.show(finding)
        guard app.messages == self.messages, counted == self.messages else { throw ExitCode(1) }
    }

    private func send(_ requests: BenchRequests, port: Int) throws {
        let poller = Poller()
        let load = try SendLoad(requests, senders: 16, limit: self.messages, port: port, on: poller)
        load.start()
        guard poller.run(until: Monotonic.now + Monotonic.seconds(300), { load.isQuiet }), load.unexpected == nil else {
            throw BenchFailure("what is to be missed was not taken: \(load.unexpected ?? "too slow")")
        }
    }

    /// A reader that only counts.
    private func frames(_ login: Login, port: Int) throws -> (count: Int, milliseconds: Double) {
        let poller = Poller()
        let crowd = Crowd(port: port, on: poller)
        let began = NIODeadline.now()
        try crowd.connect([login])
        return (crowd.deliveries, milliseconds(since: began))
    }

    private struct Arrival {
        var firstScreen = 0.0
        var all = 0.0
        var messages = 0
    }

    /// From before the TCP connect.
    private func app(_ stage: Stage, user: String) async throws -> Arrival {
        let token = Stage.token(of: user)
        var arrival = Arrival()
        let began = NIODeadline.now()
        let chat = try Chat(
            Chat.Configuration(
                server: URL(string: "http://\(stage.host):\(stage.port)")!, device: "app"
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
