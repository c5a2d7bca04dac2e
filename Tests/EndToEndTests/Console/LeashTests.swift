import Foundation
import Testing

/// What a browser is started by.
@Suite(.timeLimit(.minutes(1)))
struct LeashTests {
    @Test func whatItRunsEndsWithWhoeverStartedIt() async throws {
        let process = try RunningProcess(
            ["-c", Browser.leash, "/bin/sh", "-c", "echo $$; exec sleep 600"], environment: [:],
            executable: URL(fileURLWithPath: "/bin/sh"))
        var lines = process.lines.makeAsyncIterator()
        let line = await lines.next()
        let identifier = try #require(line.flatMap { Int32($0) })
        #expect(kill(identifier, 0) == 0)
        process.endInput()
        _ = await process.status
        #expect(kill(identifier, 0) == -1)
    }
}
