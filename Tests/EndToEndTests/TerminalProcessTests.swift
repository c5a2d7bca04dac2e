import Foundation
import Testing

/// The terminal as a process on pipes, against the real server.
@Suite(.timeLimit(minutes: 3))
struct TerminalProcessTests {
    private static func token(_ user: String, _ folder: TemporaryFolder) async throws -> String {
        try await ParleyProcess.run(["token", "--app", "demo", "--user", user, "--data", folder.url.path])
            .output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func terminal(_ user: String, _ folder: TemporaryFolder, port: Int) async throws -> RunningProcess {
        let token = try await Self.token(user, folder)
        return try RunningProcess(
            ["connect", "--port", String(port), "--token", token, "--to", "group:demo-group"], environment: [:])
    }

    @Test func twoTerminalsTalkAndNothingIsLostOrDoubledWhenTheServerRestarts() async throws {
        let folder = try TemporaryFolder()
        let first = try await ParleyProcess.demo(folder: folder.url)
        let alice = try await Self.terminal("alice", folder, port: first.port)
        let bob = try await Self.terminal("bob", folder, port: first.port)
        var (aliceSaw, bobSaw) = (await alice.lines(until: "up to date"), await bob.lines(until: "up to date"))
        alice.type("one")
        aliceSaw += await alice.lines(until: "alice: one")
        bobSaw += await bob.lines(until: "alice: one")

        #expect(await first.terminate() == 0)
        aliceSaw += await alice.lines(until: "not connected")
        bobSaw += await bob.lines(until: "not connected")
        for text in ["two", "three"] { alice.type(text) }
        bob.type("four")
        let second = try await ParleyProcess.demo(folder: folder.url, port: first.port)
        bobSaw += await bob.lines(until: "alice: three")
        alice.type("five")
        bobSaw += await bob.lines(until: "alice: five")
        bob.type("six")
        aliceSaw += await alice.lines(until: "bob: six")
        bobSaw += await bob.lines(until: "bob: six")

        let said = { (lines: [String]) in lines.filter { $0.hasPrefix("[group:demo-group #") } }
        #expect(said(aliceSaw) == said(bobSaw))
        #expect(said(aliceSaw).count == 6)
        for text in ["alice: one", "alice: two", "alice: three", "bob: four", "alice: five", "bob: six"] {
            #expect(said(bobSaw).filter { $0.contains("\(text)  (text, parley)") }.count == 1)
        }
        for terminal in [alice, bob] {
            terminal.type("/quit")
            #expect(await terminal.status == 0)
        }
        #expect(await second.terminate() == 0)
    }

    @Test func whatIsPipedInIsSentBeforeItLeaves() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(folder: folder.url)
        let alice = try await Self.terminal("alice", folder, port: server.port)
        for number in 1...40 { alice.type("line \(number)") }
        let file = folder.url.appendingPathComponent("note.txt")
        try Data("a file".utf8).write(to: file)
        alice.type("/file \(file.path)")
        alice.type("/quit")
        #expect(await alice.status == 0)
        let bob = try await Self.terminal("bob", folder, port: server.port)
        let lines = await bob.lines(until: "up to date").filter { $0.hasPrefix("[group:demo-group #") }
        #expect(lines.count == 41)
        #expect(lines.dropLast().last?.hasPrefix("[group:demo-group #40] alice: line 40") == true)
        #expect(lines.last?.contains("note.txt") == true)
        #expect(await server.terminate() == 0)
    }

    @Test func aTokenThatIsNotGoodEndsItWithOne() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(folder: folder.url)
        let result = try await ParleyProcess.run(["connect", "--port", String(server.port), "--token", "nonsense"])
        #expect(result.status == 1)
        #expect(result.output.contains("refused"))
        #expect(await server.terminate() == 0)
    }
}
