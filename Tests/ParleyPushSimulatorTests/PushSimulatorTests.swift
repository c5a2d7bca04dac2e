import ParleyCore
import ParleyJSON
import ParleyPushSimulator
import ParleyTesting
import Testing

@Suite struct PushSimulatorTests {
    private func push(_ stage: Stage, to token: String) async throws -> Int {
        try await stage.postJSON("/webhook", #"{"token":"\#(token)","title":"t","text":"x"}"#).status
    }

    @Test func aFlakyTokenFailsSoOftenAndIsTakenThen() async throws {
        try await Stage.run { stage async throws in
            var statuses: [Int] = []
            for _ in 0..<4 { statuses.append(try await self.push(stage, to: "phone-flaky-2")) }
            #expect(statuses == [500, 500, 200, 200])
        }
    }

    @Test func aSlowTokenIsAnsweredLaterAndOthersAreNot() async throws {
        try await Stage.run { stage async throws in
            let began = ContinuousClock.now
            #expect(try await self.push(stage, to: "slow-40-unregistered") == 410)
            #expect(ContinuousClock.now - began >= .milliseconds(40))
        }
    }

    @Test func theNextNoticesFailAsATestWants() async throws {
        try await Stage.run { stage async throws in
            stage.simulator.fail(.webhook, next: 2, status: 503)
            #expect(try await self.push(stage, to: "a") == 503)
            #expect(try await self.push(stage, to: "b") == 503)
            #expect(try await self.push(stage, to: "c") == 200)
            stage.simulator.fail(.webhook, next: 1, as: .unregistered)
            #expect(try await self.push(stage, to: "d") == 410)
            #expect(stage.simulator.inbox().map(\.verdict) == [.broken, .broken, .accepted, .unregistered])
        }
    }

    @Test func whoWaitsForNoticesIsToldWhenTheyCame() async throws {
        try await Stage.run { stage async throws in
            async let waited = stage.simulator.notices(2, of: .webhook)
            _ = try await self.push(stage, to: "a")
            _ = try await self.push(stage, to: "b")
            #expect(try await waited.map(\.token) == ["a", "b"])
            let patience = Task { try await stage.simulator.notices(3) }
            patience.cancel()
            await #expect(throws: CancellationError.self) { try await patience.value }
        }
    }

    @Test func theListHasTheNewestFirstAndCanBeNarrowedAndForgotten() async throws {
        try await Stage.run { stage async throws in
            for token in ["a", "b", "a"] { _ = try await self.push(stage, to: token) }
            let all = try await stage.send("GET", "/notices")
            let list = try JSON(parsing: all.text).array ?? []
            #expect(list.map { $0["token"]?.string } == ["a", "b", "a"])
            #expect(list.first?["number"]?.int ?? 0 > list.last?["number"]?.int ?? 0)
            #expect(list.first?["payload"]?["title"]?.string == "t")
            let some = try await stage.send("GET", "/notices?provider=webhook&token=a&limit=1")
            #expect(try JSON(parsing: some.text).array?.count == 1)
            let none = try await stage.send("GET", "/notices?provider=apns")
            #expect(try JSON(parsing: none.text).array?.count == 0)
            #expect(try await stage.send("DELETE", "/notices").status == 204)
            #expect(stage.simulator.inbox().isEmpty)
        }
    }

    @Test func onlySoManyAreKept() async throws {
        try await Stage.run {
            $0.limit = 2
        } _: { stage async throws in
            for token in ["a", "b", "c", "d"] { _ = try await self.push(stage, to: token) }
            #expect(stage.simulator.inbox().map(\.token) == ["c", "d"])
        }
    }

    @Test func theFirstPageSaysWhatToSet() async throws {
        try await Stage.run { stage async throws in
            let page = try await stage.send("GET", "/").text
            for kind in PushProvider.Kind.allCases {
                #expect(page.contains("push.\(kind.rawValue).url=\(stage.simulator.url(of: kind))"))
            }
            #expect(try await stage.send("GET", "/elsewhere").status == 404)
        }
    }

    @Test func theSecurePortSpeaksBothVersions() async throws {
        try await Stage.run { stage async throws in
            for http2 in [true, false] {
                let answer = try await stage.send(
                    "POST", "/webhook", secure: true, http2: http2, ["Content-Type": "application/json"], "{}")
                #expect(answer.status == 200)
            }
            #expect(stage.simulator.inbox(.webhook).map(\.version) == ["HTTP/2", "HTTP/1.1"])
        }
    }

    @Test func aBodyThatIsTooLongIsNotRead() async throws {
        try await Stage.run { stage async throws in
            let long = String(repeating: "x", count: 1024 * 1024 + 1)
            #expect(try await stage.postJSON("/webhook", long).status == 413)
            #expect(stage.simulator.inbox().isEmpty)
        }
    }

    @Test func credentialsAreNotShownInFull() async throws {
        try await Stage.run { stage async throws in
            let secret = "key=" + String(repeating: "s", count: 40)
            _ = try await stage.postForm(
                "/xiaomi/v3/message/regid", ["Authorization": secret], ["registration_id": "a"])
            #expect(stage.simulator.inbox(.xiaomi)[0].headers["authorization"]?.count == 21)
        }
    }

    @Test func aKeyThatIsNoneIsRefused() {
        var configuration = PushSimulator.Configuration()
        configuration.keys[.apns] = "not a key"
        #expect(throws: (any Error).self) { try PushSimulator(configuration) }
    }
}
