import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// Passwords, the one thing that can be guessed.
struct GuessingTests {
    private static func login(_ calls: Calls, _ password: String, as user: String = "alice") async -> Int {
        let body = #"{"grant_type":"password","username":"\#(user)","password":"\#(password)"}"#
        return Int(await calls.call(.POST, "/token", headers: [("Authorization", "")], body).status.code)
    }

    @Test func afterTenWrongPasswordsAnAccountTakesNoneForAMinute() async throws {
        let calls = try await Calls.make()
        for _ in 0..<10 { #expect(await Self.login(calls, "wrong") == 400) }
        #expect(await Self.login(calls, "alice") == 429, "not even the right one: a guesser would see it")
        #expect(await Self.login(calls, "bob", as: "bob") == 200, "nobody else is hindered")
        calls.bench.clock.advance(seconds: 60)
        #expect(await Self.login(calls, "alice") == 200)
    }

    @Test func manyGuessesAtOnceAreNoMoreGuesses() async throws {
        let calls = try await Calls.make()
        let statuses = await withTaskGroup(of: Int.self) { group in
            for number in 0..<100 { group.addTask { await Self.login(calls, "wrong\(number)") } }
            return await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
        // One more for each thread that was between looking and counting.
        #expect((10...40).contains(statuses[400, default: 0]), "\(statuses)")
        #expect(statuses[400, default: 0] + statuses[429, default: 0] == 100)
    }

    @Test func theRightPasswordIsNotCounted() async throws {
        let calls = try await Calls.make()
        for _ in 0..<50 { #expect(await Self.login(calls, "alice") == 200) }
    }

    @Test func whoIsNotThereHasNothingToGuess() async throws {
        let calls = try await Calls.make()
        for _ in 0..<20 { #expect(await Self.login(calls, "x", as: "nobody") == 404) }
    }
}
