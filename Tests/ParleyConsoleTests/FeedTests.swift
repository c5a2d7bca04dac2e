import Logging
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTencent
import ParleyTesting
import Testing

@testable import ParleyConsole

/// What happens is seen.
@Suite(.timeLimit(.minutes(isSanitized ? 20 : 2)))
struct FeedTests {
    private static let group = "/v4/group_open_http_svc/send_group_msg"
    private static func say(_ text: String) -> String {
        #"{"GroupId":"demo-group","From_Account":"bob","Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
    }

    private static func items(_ piece: JSON, _ kind: String) -> [JSON] {
        (piece["items"]?.array ?? []).filter { $0["kind"]?.string == kind }
    }

    @Test func aCallAndItsMessageAreSeen() async throws {
        try await withConsole { console in
            let answer = try await console.call("tencent", "POST", Self.group, Self.say("hello"))
            #expect(answer["status"]?.int == 200)
            let piece = try await console.get("apps/demo/feed?after=0")
            let call = try #require(Self.items(piece, "call").first)
            #expect(call["n"]?.int == answer["n"]?.int)
            #expect(call["dialect"]?.string == "tencent")
            #expect(call["path"]?.string == Self.group)
            #expect(call["endpoint"]?.string?.isEmpty == false)
            #expect(call["code"]?.string == "0")
            #expect(call["from"]?.string == "bob")
            #expect(call["to"]?.string == "group:demo-group")
            #expect(call["refusal"] == nil)
            let message = try #require(Self.items(piece, "message").first)
            #expect(message["conversation"]?.string == "group:demo-group")
            #expect(message["text"]?.string == "hello")
            #expect(message["from"]?.string == "bob")
            #expect(message["origin"]?.string == "tencent")
            let id = try #require(message["id"]?.string)
            #expect(call["messages"]?.array?.compactMap(\.string) == [id])

            let shown = try await console.get("apps/demo/messages/\(id)")
            #expect(shown.get("stored", "content", "text")?.string == "hello")
            let previews = try #require(shown["previews"]?.array)
            #expect(previews.compactMap { $0["dialect"]?.string } == ["rongcloud", "tencent", "easemob", "parley"])
            for preview in previews { #expect(preview["json"]?.text.contains("hello") == true) }
            let recipients = try #require(shown["recipients"]?.array)
            #expect(recipients.compactMap { $0["user"]?.string } == ["alice", "carol", "dave"])
            #expect(recipients.allSatisfy { $0["state"]?.string == "offline" })
            try await console.server.core.log.confirm([
                Cursor(
                    conversation: ConversationID(app: Demo.appID, .group(Demo.group)), user: UserID("carol"),
                    device: DeviceID("phone"), sequence: 1)
            ])
            let later = try await console.get("apps/demo/messages/\(id)")["recipients"]?.array ?? []
            #expect(later.compactMap { $0["state"]?.string } == ["offline", "delivered", "offline"])
            #expect(shown.get("names", "rongcloud", "messageUID")?.string?.count == 19)
        }
    }

    @Test func callsFromOutsideAreSeenToo() async throws {
        try await withConsole { console in
            let outside = try await HTTPClient.connect(host: "127.0.0.1", port: console.server.port, group: .singleton)
            _ = try await outside.send(
                .POST, "/user/info.json", headers: [("App-Key", "parley-demo")], body: Array("userId=x".utf8))
            let call = try #require(Self.items(try await console.get("apps/demo/feed?after=0"), "call").first)
            #expect(call["dialect"]?.string == "rongcloud")
            #expect(call["status"]?.int == 401)
            #expect(call["refusal"]?.string?.contains("Nonce") == true)
            // Whose App-Key is wrong is seen in every App.
            _ = try await outside.send(
                .POST, "/user/info.json", headers: [("App-Key", "wrong")], body: Array("userId=x".utf8))
            let calls = Self.items(try await console.get("apps/demo/feed?after=0"), "call")
            #expect(calls.count == 2)
            #expect(calls.last?["refusal"]?.string == "No App has this App-Key.")
            await outside.close()
        }
    }

    @Test func whatWasNotReadToItsEndIsThereWithTheReason() async throws {
        try await withConsole { console in
            func outside(_ path: String, _ headers: [(String, String)], bytes: Int) async throws -> Int {
                let client = try await HTTPClient.connect(
                    host: "127.0.0.1", port: console.server.port, group: .singleton)
                let answer = try await client.send(
                    .POST, path, headers: headers, body: [UInt8](repeating: UInt8(ascii: "a"), count: bytes))
                await client.close()
                return answer.status
            }
            let limit = Tencent.bodyLimit(path: "/v4/openim/sendmsg")
            #expect(try await outside("/v4/openim/sendmsg", [], bytes: limit + 1) == 200)
            let headers = (0..<200).map { ("X-Header-\($0)", "x") }
            #expect(try await outside("/user/info.json", headers, bytes: 1) == 400)
            // The console's own are not among them.
            #expect(try await outside("/console/api/login", [], bytes: Console.bodyLimit + 1) == 413)

            let calls = Self.items(try await console.get("apps/demo/feed?after=0"), "call")
            #expect(calls.compactMap { $0["dialect"]?.string } == ["tencent", "rongcloud"])
            let large = try await console.get("apps/demo/calls/\(calls[0]["n"]?.int ?? 0)")
            #expect(large.get("explanation", "check")?.string == "request")
            #expect(large.get("explanation", "reason")?.string?.contains("longer than \(limit) bytes") == true)
            #expect(large.get("response", "body")?.string?.contains("ErrorCode") == true)
            #expect(large.get("request", "line")?.string == "POST /v4/openim/sendmsg")
            #expect(large["milliseconds"] == nil)
            #expect(calls[1]["refusal"]?.string?.contains("headers") == true)
            #expect(calls[1]["status"]?.int == 400)
        }
    }

    @Test func whatIsNoHTTPIsThereToo() async throws {
        let house = try await House.make()
        house.console.journal.refused(
            .timedOut, HTTPRequestHead(version: .http1_1, method: .POST, uri: "/user/info.json"), from: "10.0.0.7",
            by: house.dialects.first, WireResponse(status: .requestTimeout, body: []))
        house.console.journal.refused(
            .unreadable, nil, from: "10.0.0.8", by: nil, WireResponse(status: .badRequest, body: []))
        let calls = Self.items(try await house.get("apps/demo/feed?after=0"), "call")
        #expect(calls.compactMap { $0["status"]?.int } == [408, 400])
        #expect(calls[0]["refusal"]?.string?.contains("in time") == true)
        #expect(calls[1]["dialect"] == nil)
        let garbage = try await house.get("apps/demo/calls/\(calls[1]["n"]?.int ?? 0)")
        #expect(garbage["address"]?.string == "10.0.0.8")
        #expect(garbage.get("explanation", "reason")?.string?.contains("not HTTP") == true)
    }

    @Test func whoWaitsIsToldAtOnceAndOnlyOnce() async throws {
        try await withConsole { console in
            let first = try await console.get("apps/demo/feed?after=0")
            let next = try #require(first["next"]?.int)
            async let waiting = {
                let other = try await HTTPClient.connect(
                    host: "127.0.0.1", port: console.server.port, group: .singleton)
                let answer = try await other.send(.GET, "/console/api/apps/demo/feed?after=\(next)&wait=25")
                await other.close()
                return try JSON(parsing: answer.body)
            }()
            try await console.call("tencent", "POST", Self.group, Self.say("news"))
            let piece = try await waiting
            #expect(piece["items"]?.array?.isEmpty == false)
            let last = try #require(piece["next"]?.int)
            let rest = try await console.get("apps/demo/feed?after=\(last)")
            let seen = (piece["items"]?.array ?? []) + (rest["items"]?.array ?? [])
            #expect(seen.count == 2)
            #expect(Set(seen.compactMap { $0["n"]?.int }).count == 2)
        }
    }

    @Test func aStoppingServerLetsThoseGoWhoWait() async throws {
        let console = try await ConsoleServer.start()
        let next = try #require(try await console.get("apps/demo/feed?after=0")["next"]?.int)
        let waiting = Task { try await console.get("apps/demo/feed?after=\(next)&wait=25") }
        let other = try await HTTPClient.connect(host: "127.0.0.1", port: console.server.port, group: .singleton)
        var isWaiting = false
        while !isWaiting {
            let health = try await other.send(.GET, "/console/api/health")
            isWaiting = try JSON(parsing: health.body).get("journal", "waiting")?.int == 1
        }
        await other.close()
        let began = ContinuousClock.now
        await console.stop()
        #expect(ContinuousClock.now - began < .seconds(9), "it waited for those who wait")
        #expect((try? await waiting.value)?["items"]?.array?.count ?? 0 == 0)
    }

    @Test func whatIsTooMuchIsLeftOutAndSaidSo() async throws {
        try await withConsole { console in
            let start = try #require(try await console.get("apps/demo/feed?after=0")["next"]?.int)
            try await console.server.core.sendMany(300)
            let piece = try await console.get("apps/demo/feed?after=\(start)&limit=10")
            #expect(piece["items"]?.array?.count == 10)
            #expect(piece["skipped"]?.int == 290)
            let texts = (piece["items"]?.array ?? []).compactMap { $0["text"]?.string }
            #expect(texts.last == "message 299")
            #expect(texts.first == "message 290")
        }
    }

    @Test func memoryIsBounded() async throws {
        try await withConsole { console in
            let long = String(repeating: "x", count: 60_000)
            // From now on somebody looks.
            _ = try await console.get("apps/demo/feed?after=0")
            try await console.server.core.sendMany(300, text: long)
            let health = try await console.get("health")
            #expect(try #require(health.get("journal", "bytes")?.int) <= Int64(Journal.byteLimit))
            try await console.server.core.sendMany(Journal.itemLimit + 100)
            let after = try await console.get("health")
            let kept = try #require(after.get("journal", "messages")?.int) + (after.get("journal", "calls")?.int ?? 0)
            #expect(kept <= Int64(Journal.itemLimit))
            let piece = try await console.get("apps/demo/feed?after=1&limit=500")
            #expect(piece["items"]?.array?.count == 500)
            #expect(try #require(piece["skipped"]?.int) > Int64(Journal.itemLimit - 500))
        }
    }

    @Test func aLongBodyIsCutAndSaidSo() async throws {
        try await withConsole { console in
            let long = String(repeating: "x", count: 100_000)
            let answer = try await console.call("tencent", "POST", Self.group, Self.say(long))
            let call = try await console.get("apps/demo/calls/\(try #require(answer["n"]?.int))")
            #expect(call.get("request", "isCut")?.bool == true)
            #expect(call.get("request", "body")?.string?.utf8.count == Journal.bodyLimit)
        }
    }

    @Test func recallsAndNewsOfGroupsAreEvents() async throws {
        try await withConsole { console in
            try await console.call("tencent", "POST", Self.group, Self.say("oops"))
            try await console.call(
                "tencent", "POST", "/v4/group_open_http_svc/group_msg_recall",
                #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":"{{#group.MsgSeq}}"}]}"#)
            try await console.post(
                "apps/demo/groups/demo-group/members", #"{"remove":["dave"],"add":["administrator"]}"#)
            let events = Self.items(try await console.get("apps/demo/feed?after=0"), "event")
            #expect(events.compactMap { $0["name"]?.string } == ["recall", "joined", "left"])
            #expect(events.last?["text"]?.string == "dave")
        }
    }

    @Test func nobodyIsRecordedUntilSomebodyLooks() async throws {
        try await withConsole(stage: ConsoleStage()) { console in
            #expect(try await console.get("session")["isRecording"]?.bool == false)
            let outside = try await HTTPClient.connect(host: "127.0.0.1", port: console.server.port, group: .singleton)
            _ = try await outside.send(.POST, "/user/info.json", headers: [("App-Key", "parley-demo")])
            #expect(try await console.get("apps/demo/feed?after=0")["items"]?.array?.isEmpty == true)
            #expect(try await console.get("session")["isRecording"]?.bool == true)
            _ = try await outside.send(.POST, "/user/info.json", headers: [("App-Key", "parley-demo")])
            #expect(try await console.get("apps/demo/feed?after=0")["items"]?.array?.count == 1)
            await outside.close()
        }
    }

    @Test func afterFiveMinutesAloneItStops() async throws {
        let bench = try await Bench.make()
        let journal = Journal(clock: bench.clock, isAlwaysOn: false)
        let call = journal.caller(on: bench)
        await call()
        #expect(journal.size.calls == 0)
        _ = journal.look(after: 0, in: bench.app.id, limit: 1)
        await call()
        #expect(journal.size.calls == 1)
        bench.clock.advance(seconds: Journal.patienceSeconds + 1)
        await call()
        #expect(!journal.isRecording)
        // What was kept is gone, and with it what is secret in it.
        #expect(journal.size.calls == 0)
        await call()
        #expect(journal.size.calls == 0)
    }

    @Test func loadThatNobodyLooksAtIsRecordedInPart() async throws {
        let bench = try await Bench.make()
        let journal = Journal(clock: bench.clock, isAlwaysOn: true)
        let call = journal.caller(on: bench)
        for _ in 0..<Journal.unseenPerSecond + 10 { await call() }
        #expect(journal.size.calls == Journal.unseenPerSecond)
        bench.clock.advance(seconds: 1)
        await call()
        #expect(journal.size.calls == Journal.unseenPerSecond + 1)
        _ = journal.look(after: 0, in: bench.app.id, limit: 1)
        for _ in 0..<Journal.unseenPerSecond { await call() }
        #expect(journal.size.calls == Journal.unseenPerSecond * 2 + 1)
        bench.clock.advance(seconds: Journal.patienceSeconds + 1)
        for _ in 0..<Journal.unseenPerSecond + 10 { await call() }
        #expect(journal.size.calls == Journal.unseenPerSecond * 3 + 1)
    }

    @Test func soIsWhatIsSaidMeanwhile() async throws {
        let bench = try await Bench.make()
        let journal = Journal(clock: bench.clock, isAlwaysOn: true)
        bench.signals.relay(to: Tap(journal: journal))
        try await bench.core.sendMany(Journal.unseenPerSecond + 10)
        #expect(journal.size.messages == Journal.unseenPerSecond)
    }

    /// Clients alone say something: no call comes.
    @Test func withoutCallsItStopsToo() async throws {
        let bench = try await Bench.make()
        let journal = Journal(clock: bench.clock, isAlwaysOn: false)
        bench.signals.relay(to: Tap(journal: journal))
        _ = journal.look(after: 0, in: bench.app.id, limit: 1)
        try await bench.core.sendMany(1)
        #expect(journal.size.messages == 1)
        bench.clock.advance(seconds: Journal.patienceSeconds + 1)
        try await bench.core.sendMany(1)
        #expect(!journal.isRecording)
        #expect(journal.size.messages == 0)
    }

    @Test func whoFindsNoRoomToWaitIsNotAnsweredAsIfThereWereNoNews() async throws {
        let house = try await House.make()
        let path = "apps/demo/feed?after=0&wait=25"
        await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<Journal.waiterLimit {
                group.addTask { (try? await house.get(path))?["items"]?.array?.count }
            }
            while house.console.journal.size.waiting < Journal.waiterLimit { await Task.yield() }
            let refused = try? await house.send(.GET, path)
            #expect(refused?.status == .serviceUnavailable)
            #expect((try? await house.get("apps/demo/feed?after=0"))?["items"]?.array?.isEmpty == true)
            house.console.stop()
            for await count in group { #expect(count == 0) }
        }
    }
}

extension Journal {
    /// A call that is refused.
    fileprivate func caller(on bench: Bench) -> () async -> Void {
        let dialect = Dialects.all[0].init(
            DialectContext(
                core: bench.core, rates: RateLimiter(clock: bench.clock), logger: Logger(label: "test")))
        return {
            _ = await self.answer(
                WireRequest(
                    method: .POST, target: "/user/info.json", headers: [:], body: [], receivedAt: bench.clock.now()),
                by: dialect)
        }
    }
}

extension Core {
    /// `message 0`, `message 1`, …, from bob to the demo group.
    fileprivate func sendMany(_ count: Int, text: String? = nil) async throws {
        let sends = (0..<count).map { number in
            let text = text ?? "message \(number)"
            let payload = JSONWriter.object { $0.field("text", text) }
            return Send(
                app: Demo.appID, conversation: .group(Demo.group),
                message: Message(
                    sender: Demo.users[1], content: .text(text), native: Native(dialect: .parley, payload: payload)))
        }
        _ = try await self.send(sends)
    }
}
