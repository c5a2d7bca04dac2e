import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct OverloadTests {
    @Test func whatIsTooMuchIsRefusedAndTheRestIsDone() async throws {
        let scene = try Scene(.folder) { $0.waitingJobLimit = 4 }
        let jobs = ["0", "1", "2", "3", "one too many"].map { text -> @Sendable () async throws -> Bool in
            { try await scene.attempt(text) }
        }
        let outcomes = try await scene.inOneBatch(jobs)
        #expect(outcomes == [true, true, true, true, false])
        #expect(try await scene.texts().count == 4)
        #expect(try await scene.attempt("later"))
    }

    @Test func bytesCountToo() async throws {
        let scene = try Scene(.folder) { $0.waitingByteLimit = 50_000 }
        let large = String(repeating: "x", count: 20_000)
        let outcomes = try await scene.inOneBatch((0..<3).map { _ in { try await scene.attempt(large) } })
        #expect(outcomes == [true, true, false])
        // What is larger than all that may wait is not refused for ever.
        #expect(try await scene.attempt(String(repeating: "x", count: 60_000)))
    }
}

extension Scene {
    fileprivate func attempt(_ text: String) async throws -> Bool {
        do {
            _ = try await self.store.append(self.draft(text))
            return true
        } catch Rejection.overloaded {
            return false
        }
    }
}
