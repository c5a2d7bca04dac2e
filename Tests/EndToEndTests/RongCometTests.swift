import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyJSON
import ParleyRongCloud
import ParleyRongSocket
import ParleyServer
import ParleyTesting
import Testing

/// RongCloud's client SDKs without WebSockets, on the real server (facts/rongcloud-client.md, 8).
@Suite(.timeLimit(minutes: 2))
struct RongCometTests {
    @Test(arguments: RongClient.Generation.allCases)
    func whatIsSaidArrivesAndIsAcknowledged(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice", generation, query: "&pid=a1")
            #expect(alice.welcome["status"]?.int == 0 && alice.welcome["headerCode"]?.int == 32)
            #expect(alice.welcome["userId"]?.string == "alice" && alice.welcome["messageId"]?.int == 0)
            #expect(try #require(alice.welcome["timestamp"]?.int) > 1_700_000_000_000)
            let bob = try await CometClient.connect(live, "bob", generation)
            #expect(try await bob.pull(id: 1)["finished"]?.bool == true)
            async let heard = bob.frames { $0["topic"]?.string == "s_msg" }
            try await alice.say("hello", id: 1, to: "bob")
            let acknowledged = try await alice.frames { $0.answers(1) }
            let acknowledgement = try #require(acknowledged.first { $0.answers(1) })
            #expect(acknowledgement["status"]?.int == 0 && acknowledgement["headerCode"]?.int == 64)
            let pushed = try #require(try await heard.last)
            #expect(pushed["headerCode"]?.int == 50)
            #expect(try #require(pushed["messageId"]?.int) >= 0x8001)
            let message = try pushed.data
            #expect(message.saidText == "hello" && message["fromUserId"]?.string == "alice")
            #expect(message["msgId"]?.string == acknowledgement["messageUId"]?.string)
            #expect(message["dataTime"]?.int == acknowledgement["timestamp"]?.int)
        }
    }

    @Test(arguments: RongClient.Generation.allCases)
    func whoWasAwayPullsAndAsksForHistory(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let backend = try await live.backend()
            for text in ["one", "two", "three"] { #expect(try await backend.say(text, through: "tencent")) }
            let alice = try await CometClient.connect(live, "alice", generation)
            let page = try await alice.pull(id: 1)
            #expect(page["list"]?.array?.compactMap(\.saidText) == ["one", "two", "three"])
            let last = try #require(page["syncTime"]?.int)
            #expect(try await alice.pull(id: 2, from: last)["list"]?.array?.isEmpty != false)
            let history = try await alice.query(
                "qryGMsg", id: 3, to: "demo-group", #"{"targetId":"demo-group","time":0,"count":2,"order":0}"#)
            let data = try history.data
            #expect(data["list"]?.array?.compactMap(\.saidText) == ["three", "two"] && data["hasMsg"]?.int == 1)
            let unknown = try await alice.query("noSuchTopic", id: 4, to: "alice", "{}")
            #expect(unknown["status"]?.int != 0 && unknown["data"]?.string == "{}")
        }
    }

    /// v2 keeps the session where the next page finds it.
    @Test func aSessionIsTheSameFromAnotherPage() async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice")
            _ = try await alice.pull(id: 1)
            let session = try #require(alice.session)
            await alice.close()
            let again = try await CometClient.resume(session, live, "alice")
            #expect(try await again.pull(id: 1)["finished"]?.bool == true)
            async let heard = again.frames { $0["topic"]?.string == "s_msg" }
            #expect(try await live.backend().say("hello", through: "easemob"))
            #expect(try await heard.last?.data.saidText == "hello")
        }
    }

    @Test func ofTwoThatWaitTheFirstGoesEmptyHandedAndTheSecondIsTold() async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice")
            _ = try await alice.pull(id: 1)
            let other = try await CometClient.resume(try #require(alice.session), live, "alice")
            // Whichever comes second: the other then has nothing, at once.
            let (answered, answers) = AsyncStream.makeStream(of: [JSON]?.self)
            for client in [alice, other] { Task { answers.yield(try? await client.poll()) } }
            var answer = answered.makeAsyncIterator()
            #expect(await answer.next()??.isEmpty == true)
            #expect(try await live.backend().say("hello", through: "rongcloud"))
            let told = try #require(await answer.next() ?? nil)
            #expect(try told.first?.data.saidText == "hello")
        }
    }

    @Test func whoIsBlockedIsToldSoAndThenKnowsNoSession() async throws {
        try await withServer { live in
            let token = try live.token("rongcloud", "alice")
            let alice = try await CometClient.connect(live, "alice", token: token)
            let backend = try await live.backend()
            // Nobody waits for it: it is kept until somebody asks.
            #expect(try await backend.rongCloud("/user/block.json", "userId=alice&minute=10")["code"]?.int == 200)
            let frames = try await alice.frames { $0["headerCode"]?.int == 224 }
            #expect(frames.last?["status"]?.int == 2)
            #expect(try await alice.poll() == nil)
            #expect(try await alice.post(192, 0) == "lost params")
            let again = try await CometClient.connect(live, "alice", token: token)
            #expect(again.welcome["status"]?.int == 9 && again.session == nil)
        }
    }

    @Test func theSameClientElsewhereEndsTheOlderSession() async throws {
        try await withServer { live in
            let first = try await CometClient.connect(live, "alice", query: "&pid=x1")
            _ = try await first.pull(id: 1)
            async let end = first.frames { $0["headerCode"]?.int == 224 }
            let second = try await CometClient.connect(live, "alice", query: "&pid=x1")
            #expect(second.session != nil && second.session != first.session)
            #expect(try await end.last?["status"]?.int == 1)
        }
    }

    @Test func whoMayNotConnectIsToldWhy() async throws {
        try await withServer(["sockets.origins": "https://app.example.com"]) { live in
            #expect(try await CometClient.connect(live, "alice", token: "nonsense").welcome["status"]?.int == 4)
            let stranger = try await CometClient.connect(
                live, "alice", headers: [("Origin", "https://evil.example.com")])
            #expect(stranger.welcome["status"]?.int == 12)
            let known = try await CometClient.connect(live, "alice", headers: [("Origin", "https://app.example.com")])
            #expect(known.welcome["status"]?.int == 0)
            // The flags of version four are for WebSockets.
            #expect(try await CometClient.connect(live, "bob", query: "&protocolVer=4").session != nil)
        }
    }

    @Test func sessionsThatAreNoneAreLost() async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice")
            let session = try #require(alice.session)
            // What of it is counted is no key to it.
            let guess = session.split(separator: "-").dropLast().joined(separator: "-")
            for name in ["", "x", guess, "\(guess)-", String(session.dropLast())] {
                let stranger = try await CometClient.resume(name, live, "mallory")
                #expect(try await stranger.poll() == nil)
                #expect(try await stranger.post(192, 0) == "lost params")
            }
        }
    }

    @Test func postsThatCannotBeReadAreRefusedAndTheSessionGoesOn() async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice")
            let deep = String(repeating: #"{"a":"#, count: 5000)
            let bodies = ["", "[]", "{", "null", #"{"sessionId":"many"}"#, deep, "\u{0}"]
            for body in bodies {
                let answer = try await alice.answer(50, 1, "ppMsgP", to: "bob", Array(body.utf8))
                #expect(answer.status == 400, "\(body.prefix(20))")
                #expect(answer.headers["access-control-allow-origin"] == "*")
            }
            #expect(try await alice.answer(50, 1, "ppMsgP", to: "bob", [0xFF, 0xFE]).status == 400)
            #expect(try await alice.post(50, 70_000, "ppMsgP") == "lost params")
            #expect(try await alice.post(999, 1, "ppMsgP") == "lost params")
            // A header as a signed byte, where it is one: PINGREQ.
            #expect(try await alice.post(-64, 0) == "[]")
            #expect(try await alice.frames { $0["headerCode"]?.int == 208 }.isEmpty == false)
            try await alice.say("still here", id: 2, to: "bob")
            #expect(try await alice.frames { $0.answers(2) }.last?["status"]?.int == 0)
        }
    }

    @Test func framesThatNoClientSendsArePassedOver() async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice")
            for header in [0, 16, 32, 96, 128, 208, 224, 240, -16] { #expect(try await alice.post(header, 1) == "[]") }
            try await alice.say("still here", id: 2, to: "bob")
            #expect(try await alice.frames { $0.answers(2) }.last?["status"]?.int == 0)
        }
    }

    /// What has been said meanwhile to a client that does not ask is in its messages when it comes back.
    @Test func whoPostsAndNeverAsksIsHeldAndThenFindsEverything() async throws {
        try await withServer { live in
            let alice = try await CometClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let text = String(repeating: "x", count: 50_000)
            let count = 15
            for number in 1...count { #expect(await bob.say("\(number) \(text)", to: "alice")?.status == 0) }
            // Together the answers are megabytes: beyond what is held for a client, and beyond what the sockets take, the posts wait.
            let posting = Task {
                for id in 1...8 as ClosedRange<Int64> {
                    let body = #"{"syncTime":0,"ispolling":false}"#
                    guard (try? await alice.post(80, id, "pullMsg", to: "alice", body)) == "[]" else { return }
                }
            }
            #expect(await bob.say("others are not held up", to: "carol")?.status == 0)
            var answers = 0
            while answers < 8 { answers += try #require(try await alice.poll()).count { $0["headerCode"]?.int == 96 } }
            await posting.value
            var (time, texts): (Int64, [String]) = (0, [])
            for id in 50...99 as ClosedRange<Int64> {
                let page = try await alice.pull(id: id, from: time)
                texts += page["list"]?.array?.compactMap(\.saidText) ?? []
                time = try #require(page["syncTime"]?.int)
                if page["finished"]?.bool == true { break }
            }
            #expect(texts.map { $0.prefix { $0 != " " } } == (1...count).map { "\($0)" })
        }
    }

    @Test func aServerThatStopsDoesNotWaitForThoseWhoWait() async throws {
        let live = try await LiveServer.start()
        let alice = try await CometClient.connect(live, "alice")
        _ = try await alice.pull(id: 1)
        let other = try await CometClient.resume(try #require(alice.session), live, "alice")
        let (answered, answers) = AsyncStream.makeStream(of: [JSON]?.self)
        for client in [alice, other] { Task { answers.yield(try? await client.poll()) } }
        var answer = answered.makeAsyncIterator()
        // One has nothing any more, because the other one waits.
        #expect(await answer.next()??.isEmpty == true)
        let began = ContinuousClock.now
        await live.server.stop()
        #expect(ContinuousClock.now - began < .seconds(isSanitized ? 60 : 8))
        #expect(await answer.next()??.isEmpty == true)
    }

    // MARK: How long

    private func comet(_ live: LiveServer, wait: TimeAmount, patience: TimeAmount) -> Comet {
        let server = live.server
        return Comet(
            RongSocketContext(
                core: server.core, mailbox: server.store, hub: server.hub,
                rates: RateLimiter(clock: server.core.clock), attendance: server.attendance,
                report: { fault, _ in Issue.record(fault) }),
            wait: wait, patience: patience)
    }

    private func connect(_ comet: Comet, _ ended: @escaping @Sendable () -> Void = {}) async throws -> String {
        let client = Client(
            app: Demo.appID, user: UserID("alice"), platform: "Web", tokenIssuedAt: .distantPast,
            tokenExpiresAt: .distantFuture, confirmation: .manual, catchUpLimit: 0)
        let welcome = try await comet.connect(
            client, ParleyRongSocket.Handshake(try Form(query: "sdkVer=2.5.9")), ended: ended)
        guard case .connAck(_, let session, _) = welcome else {
            throw ConnectRefusal.unavailable
        }
        return session
    }

    @Test func whoAsksWhenThereIsNothingIsToldSoAfterAWhile() async throws {
        try await withServer { live in
            let comet = self.comet(live, wait: .milliseconds(5), patience: .seconds(60))
            let session = try await self.connect(comet)
            // What every client is told when it comes.
            var answer = try #require(await comet.fetch(session))
            while answer != Array("[]".utf8) { answer = try #require(await comet.fetch(session)) }
            for _ in 1...3 { #expect(await comet.fetch(session) == Array("[]".utf8)) }
        }
    }

    @Test func whoDoesNotAskAnyMoreIsGoneAndSoAreItsSockets() async throws {
        try await withServer { live in
            // So long that even a slow machine is through with the connecting.
            let comet = self.comet(live, wait: .seconds(20), patience: .seconds(2))
            let (ends, ended) = AsyncStream.makeStream(of: Void.self)
            let session = try await self.connect(comet) { ended.yield() }
            // Posts are no questions.
            _ = try await comet.post(CometPost(session: session, header: 0xC0, id: 0), body: [])
            for await _ in ends { break }
            #expect(await comet.fetch(session) == nil)
            while await !live.server.core.presence.connections(of: UserID("alice"), in: Demo.appID).isEmpty {
                await Task.yield()
            }
        }
    }

    @Test func whatWasSaidLastIsKeptUntilItIsFetchedAndThenNothingIs() async throws {
        try await withServer { live in
            let comet = self.comet(live, wait: .seconds(3600), patience: .seconds(3600))
            let (ends, ended) = AsyncStream.makeStream(of: Void.self)
            let session = try await self.connect(comet) { ended.yield() }
            live.server.hub.disconnect(Disconnect(UserID("alice"), in: Demo.appID, because: .userInactive))
            while await !live.server.core.presence.connections(of: UserID("alice"), in: Demo.appID).isEmpty {
                await Task.yield()
            }
            var told: [JSON] = []
            while let frames = await comet.fetch(session) { told += try JSON(parsing: frames).array ?? [] }
            #expect(told.last?["headerCode"]?.int == 224 && told.last?["status"]?.int == 2)
            for await _ in ends { break }
        }
    }

    @Test func whenTheServerGoesAwayNobodyWaitsAnyMore() async throws {
        try await withServer { live in
            let comet = self.comet(live, wait: .seconds(3600), patience: .seconds(3600))
            let session = try await self.connect(comet)
            let waiting = Task { await comet.fetch(session) }
            comet.stop()
            #expect(await waiting.value != nil)
            let late = try await self.connect(comet)
            for session in [session, late] {
                while await comet.fetch(session) != Array("[]".utf8) {}
                #expect(await comet.fetch(session) == Array("[]".utf8))
            }
        }
    }

    // MARK: Browsers

    @Test func browsersThatAskFirstAreToldThatTheyMay() async throws {
        try await withServer { live in
            let client = try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton)
            for path in ["/navi.js", "/cometnavi.js", "/ping", "/websocket?messageid=1", "/pullmsg.js"] {
                let answer = try await client.send(.OPTIONS, path, headers: [("Origin", "https://app.example.com")])
                #expect(answer.status == 200 && answer.headers["access-control-allow-origin"] == "*", "\(path)")
                #expect(answer.headers["access-control-allow-methods"]?.contains("POST") == true)
                #expect(answer.headers["access-control-allow-headers"]?.contains("Content-Type") == true)
            }
            #expect(try await client.send(.PUT, "/websocket?sessionid=x").status == 405)
            await client.close()
        }
    }

    @Test func whetherThereIsAnythingUnreadIsToldWithoutConnecting() async throws {
        try await withServer { live in
            let client = try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton)
            let token = try live.token("rongcloud", "alice")
            let path = "/message/exist.js?appKey=parley-demo&token=\(token)%40&callBack=RCCallback"
            #expect(try await client.send(.GET, path).text == #"RCCallback({"status":0});"#)
            #expect(try await live.backend().say("hello", through: "tencent"))
            let answer = try await client.send(.GET, path)
            #expect(answer.text == #"RCCallback({"status":1});"#)
            #expect(answer.headers["content-type"]?.hasPrefix("application/javascript") == true)
            for wrong in ["appKey=parley-demo&token=x", "appKey=parley-demo"] {
                #expect(try await client.send(.GET, "/message/exist.js?\(wrong)&callBack=f").status == 401)
            }
            #expect(try await client.send(.GET, "/message/exist.js?token=\(token)&callBack=f").status == 403)
            // Nothing that a page could not name.
            let script = try await client.send(.GET, "\(path)(alert(1))")
            #expect(script.text == #"{"status":1}"#)
            await client.close()
        }
    }
}
