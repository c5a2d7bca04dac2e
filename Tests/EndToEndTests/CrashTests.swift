import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import Synchronization
import Testing

/// What got its answer before the kill.
private final class Acknowledged: Sendable {
    private let state = Mutex<[String]>([])
    var texts: [String] { self.state.withLock { $0 } }

    func add(_ text: String) -> Int {
        self.state.withLock {
            $0.append(text)
            return $0.count
        }
    }
}

@Suite(.timeLimit(minutes: 3))
struct CrashTests {
    @Test func whatWasAcknowledgedBeforeAKillIsThereOnceAfterIt() async throws {
        let folder = try TemporaryFolder()
        let off = ["PARLEY_LIMITS_RATES": "off"]
        let first = try await ParleyProcess.demo(folder: folder.url, environment: off)
        let userSig = try await ParleyProcess.run(
            ["token", "--app", "demo", "--user", "administrator", "--dialect", "tencent", "--data", folder.url.path]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)

        let acknowledged = Acknowledged()
        // All of them before the first sends: who comes late would find nobody there.
        var backends: [Backend] = []
        for _ in 0..<9 { backends.append(try await Backend.connect(port: first.port, userSig: userSig)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (sender, backend) in backends.enumerated() {
                group.addTask {
                    let dialect = ["rongcloud", "easemob", "tencent"][sender % 3]
                    for number in 0..<2000 {
                        let text = "s\(sender)n\(number)"
                        // The server is killed under us: a send without an answer is not an acknowledged one.
                        guard (try? await backend.say(text, through: dialect)) == true else { return }
                        if acknowledged.add(text) == 600 { first.kill() }
                    }
                }
            }
            try await group.waitForAll()
        }
        let taken = acknowledged.texts
        #expect(taken.count >= 600)

        let second = try await ParleyProcess.demo(folder: folder.url, environment: off)
        let token = try await ParleyProcess.run(
            ["token", "--app", "demo", "--user", "dave", "--dialect", "easemob", "--data", folder.url.path]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let dave = try await Listener.connect(port: second.port, token: token)
        let messages = try await dave.missed()
        #expect(messages.compactMap { $0["seq"]?.int } == messages.indices.map { Int64($0) + 1 })
        var seen: [String: Int] = [:]
        for message in messages { seen[message.text ?? "", default: 0] += 1 }
        #expect(taken.filter { seen[$0] != 1 }.isEmpty)
        #expect(await second.terminate() == 0)
    }

    @Test func sigtermDrainsAndTellsClientsToConnectAgain() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(folder: folder.url)
        let token = try await ParleyProcess.run(
            ["token", "--app", "demo", "--user", "alice", "--data", folder.url.path]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let alice = try await Listener.connect(port: server.port, token: token)
        _ = try await alice.missed()
        let client = try await HTTPClient.connect(host: "127.0.0.1", port: server.port, group: .singleton)
        #expect(try await client.send(.GET, "/metrics").text.contains("# TYPE parley_"))
        #expect(try await client.send(.GET, "/health/ready").status == 200)
        #expect(await server.terminate() == 0)
        let frames = try await alice.frames { _ in false }
        #expect(frames.last?["type"]?.string == "closing")
        #expect(frames.last?["reason"]?.string == "goingAway")
    }

    @Test func aFolderHasOneServer() async throws {
        let folder = try TemporaryFolder()
        let first = try await ParleyProcess.demo(folder: folder.url)
        let second = try await ParleyProcess.run(["demo", "--port", "0", "--data", folder.url.path])
        #expect(second.status == 78)
        #expect(second.output.contains("data.folder"))
        #expect(await first.terminate() == 0)
        let exposed = try await ParleyProcess.run([
            "serve", "--host", "0.0.0.0", "--port", "0", "--data", folder.url.path,
        ])
        #expect(exposed.status == 78)
        #expect(exposed.output.contains("http.host"))
    }

    @Test func aDamagedDatabaseIsRefusedByNameAndLeftAsItIs() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("parley.sqlite")
        try Data("not a database\n".utf8).write(to: file)
        let result = try await ParleyProcess.run(["serve", "--port", "0", "--data", folder.url.path])
        #expect(result.status == 1)
        #expect(result.output.contains("\(file.path) cannot be used"))
        #expect(try Data(contentsOf: file) == Data("not a database\n".utf8))
    }

    @Test(arguments: [
        (["serve"], ["PARLEY_HTTP_PORT": "many"], Int32(78), "http.port"),
        (["demo", "--host", "0.0.0.0"], [:], 78, "http.host"),
        (["serve", "--config", "/nowhere.yaml"], [:], 78, "--config"),
        (["serve", "--nonsense"], [:], 64, "nonsense"),
        (["config", "--set", "http.prot=1"], [:], 78, "http.prot"),
        (["serve", "--data", "/proc/nope"], [:], 78, "data.folder"),
        (["config"], [:], 0, "limits.rates"),
        (["compatibility", "tencent"], [:], 0, "send_group_msg"),
    ])
    func exitStatusesAreThoseOfTheContract(
        _ arguments: [String], _ environment: [String: String], _ status: Int32, _ mention: String
    ) async throws {
        let result = try await ParleyProcess.run(arguments, environment: environment)
        #expect(result.status == status)
        #expect(result.output.contains(mention))
    }
}
