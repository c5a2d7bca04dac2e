import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

struct BenchIdle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Memory of connections that do nothing, of users who are in no conversation.")

    @OptionGroup var server: BenchServer

    @Option(help: "Connections, 1 to 15000.")
    var connections = 10_000

    func validate() throws {
        guard (1...15_000).contains(self.connections) else { throw ValidationError("--connections is 1 to 15000") }
        guard self.server.serverPID != nil else { throw ValidationError("--server-pid is needed") }
    }

    func run() async throws {
        guard let process = self.server.process else { return }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (host, port) = (self.server.host, self.server.port)
        let stage = try await Stage.connect(host: host, port: port, group: group)
        let name = "idle\(UInt32.random(in: 0...UInt32.max))"
        try await stage.makeUsers("\(name)-", self.connections)
        let before = process.residentBytes
        let began = NIODeadline.now()
        let crowd = try await CrowdHandle.connect(
            host: host, port: port, targets: (0..<self.connections).map { stage.target("\(name)-\($0)") },
            loop: group.next())
        let seconds = Double((NIODeadline.now() - began).nanoseconds) / 1e9
        let after = process.residentBytes
        let open = try await crowd.report().open
        let each = Double(after - before) / Double(max(1, open))
        if self.server.json {
            print(
                String(
                    format: #"{"scenario":"idle","connections":%d,"bytesEach":%.0f,"connectSeconds":%.2f}"#, open, each,
                    seconds))
        } else {
            print(
                String(
                    format: "%d connections in %.1f s: %.1f KB each (%d MB before, %d MB after)", open, seconds,
                    each / 1024, before >> 20, after >> 20))
        }
        await stage.close()
        try await group.shutdownGracefully()
    }
}
