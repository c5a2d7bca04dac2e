import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyTesting
import Testing

@testable import ParleyRongCloud

struct UsedSignatureTests {
    private static let start = Timestamp(seconds: 1_700_000_000)

    private static func use(
        _ memory: inout UsedSignatures.Memory, _ fingerprint: Int, sent: Int64, now: Int64, limit: Int = 1000
    ) -> Bool {
        memory.use(
            fingerprint, sentAt: Self.start.adding(seconds: sent), at: Self.start.adding(seconds: now),
            toleranceSeconds: 300, limit: limit)
    }

    @Test func aSignatureIsGoodOnce() {
        var memory = UsedSignatures.Memory(startedAt: Self.start)
        #expect(Self.use(&memory, 1, sent: 10, now: 10))
        #expect(!Self.use(&memory, 1, sent: 10, now: 11))
        #expect(Self.use(&memory, 2, sent: 10, now: 11))
        // Also when the generations have turned, for as long as it is timely.
        #expect(Self.use(&memory, 3, sent: 700, now: 700))
        #expect(!Self.use(&memory, 2, sent: 10, now: 701))
    }

    @Test func whatMayHaveBeenUsedBeforeTheStartIsRefused() {
        var memory = UsedSignatures.Memory(startedAt: Self.start)
        #expect(!Self.use(&memory, 1, sent: -1, now: 1))
        #expect(!Self.use(&memory, 2, sent: 0, now: 1))
        #expect(Self.use(&memory, 3, sent: 1, now: 1))
    }

    @Test func ofMoreThanIsRememberedNothingIsAcceptedTwiceAndWhatIsNewIs() {
        var memory = UsedSignatures.Memory(startedAt: Self.start)
        for number in 1...5000 {
            let second = Int64(1 + number / 100)
            #expect(Self.use(&memory, number, sent: second, now: second, limit: 1000))
        }
        let replayed = (1...5000).filter { Self.use(&memory, $0, sent: Int64(1 + $0 / 100), now: 60, limit: 1000) }
        #expect(replayed.isEmpty)
        #expect(Self.use(&memory, 9999, sent: 60, now: 60, limit: 1000))
    }

    @Test func aReplayedRequestIsAWrongSignatureWhereTheAppWantsItSo() async throws {
        let backend = try await Backend()
        var app = backend.bench.app
        try app.settingUp { $0["signatureToleranceSeconds"] = "300" }
        try await backend.bench.core.directory.save(app)
        backend.bench.clock.advance(seconds: 1)
        #expect(await Self.call(backend, "1") == 200)
        #expect(await Self.call(backend, "1") == 200, "the vendor's own Node SDK signs once")
        try app.settingUp { $0["singleUseNonces"] = "on" }
        try await backend.bench.core.directory.save(app)
        #expect(await Self.call(backend, "2") == 200)
        #expect(await Self.call(backend, "2") == 1004)
        #expect(await Self.call(backend, "3") == 200)
        backend.bench.clock.advance(seconds: 301)
        #expect(await Self.call(backend, "2", at: -301) == 1004, "too old")
    }

    private static func call(_ backend: Backend, _ nonce: String, at offset: Int64 = 0) async -> Int64? {
        let timestamp = String(backend.bench.clock.now().seconds + offset)
        let signature = Signature.value(secret: "parley-demo-secret", nonce: nonce, timestamp: timestamp)
        let request = WireRequest(
            method: .POST, target: "/user/checkOnline.json",
            headers: ["App-Key": "parley-demo", "Nonce": nonce, "Timestamp": timestamp, "Signature": signature],
            body: Array("userId=alice".utf8), receivedAt: backend.bench.clock.now())
        return Answer(await backend.dialect.answer(request)).code
    }
}

extension App {
    fileprivate mutating func settingUp(_ change: (inout [String: String]) -> Void) throws {
        let index = try #require(self.credentials.firstIndex { $0.dialect == RongCloud.name })
        change(&self.credentials[index].details)
    }
}
