import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import Testing

/// RongCloud's client SDKs on the real server, as the small client of ours speaks for them.
@Suite(.timeLimit(minutes: 2))
struct RongClientTests {
    @Test(arguments: RongClient.Generation.allCases)
    func whatIsSaidArrivesAndIsAcknowledged(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", generation)
            let bob = try await RongClient.connect(live, "bob", generation)
            let receipt = try #require(await alice.say("hello", to: "bob"))
            #expect(receipt.status == 0)
            #expect(await bob.texts(1) == ["hello"])
            let message = try #require(await bob.received.first?.message)
            #expect(message.fromUserID == "alice" && message.type == 1 && message.classname == "RC:TxtMsg")
            #expect(message.msgID == receipt.uid && message.dataTime == receipt.milliseconds)
            #expect(message.status & 0x30 == 0x30)
            let group = try #require(await bob.say("all", to: "demo-group", inGroup: true))
            #expect(await alice.texts(1) == ["all"])
            let heard = try #require(await alice.received.first?.message)
            #expect(heard.groupID == "demo-group" && heard.type == 3 && heard.msgID == group.uid)
            #expect(await alice.synced.isEmpty)
        }
    }

    @Test(arguments: RongClient.Generation.allCases)
    func whoWasAwayGetsEverythingOnceAndInOrder(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", generation)
            let backend = try await live.backend()
            #expect(try await backend.say("first", through: "tencent"))
            #expect(await alice.texts(1) == ["first"])
            let (inbox, outbox) = await (alice.inbox, alice.outbox)
            await alice.close()
            // More than a page.
            for dialect in ["rongcloud", "easemob", "tencent"] {
                for number in 1...80 { #expect(try await backend.say("\(dialect)-\(number)", through: dialect)) }
            }
            let again = try await RongClient.connect(live, "alice", generation, inbox: inbox, outbox: outbox)
            let missed = await again.texts(240)
            #expect(
                missed
                    == ["rongcloud", "easemob", "tencent"].flatMap { dialect in (1...80).map { "\(dialect)-\($0)" } })
            #expect(await again.received.allSatisfy(\.isOffline))
            #expect(try await backend.say("live", through: "easemob"))
            #expect(await again.texts(241).last == "live")
            #expect(await again.received.last?.isOffline == false)
            await again.pull()
            #expect(await again.received.count == 241)
        }
    }

    /// Of many conversations at once, in the same milliseconds, while the client comes and goes.
    @Test func nothingIsLostOrRepeatedWhileTheClientComesAndGoes() async throws {
        try await withServer { live in
            let count = 60
            let speaking = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for sender in ["alice", "carol", "dave"] {
                        group.addTask {
                            let client = try await RongClient.connect(live, sender)
                            for number in 1...count {
                                let isInGroup = number % 2 == 0
                                let said = await client.say(
                                    "\(sender)-\(number)", to: isInGroup ? "demo-group" : "bob", inGroup: isInGroup)
                                #expect(said?.status == 0)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            var (inbox, outbox): (Int64, Int64) = (0, 0)
            var texts: [String] = []
            while texts.count < count * 3 {
                let bob = try await RongClient.connect(live, "bob", inbox: inbox, outbox: outbox)
                let wanted = min(7, count * 3 - texts.count)
                _ = await bob.texts(wanted)
                // Whatever comes now is lost on its way.
                await bob.close()
                let seen: [String]
                (inbox, outbox, seen) = await bob.state
                texts += seen
            }
            try await speaking.value
            #expect(texts.count == count * 3 && Set(texts).count == texts.count)
            for sender in ["alice", "carol", "dave"] {
                #expect(texts.filter { $0.hasPrefix(sender) } == (1...count).map { "\(sender)-\($0)" }, "\(sender)")
            }
        }
    }

    @Test func theUsersOtherDevicesHearWhatHeSaid() async throws {
        try await withServer { live in
            let phone = try await RongClient.connect(live, "alice")
            let web = try await RongClient.connect(live, "alice", .v3)
            let receipt = try #require(await phone.say("hello", to: "bob"))
            await web.until { !$0.synced.isEmpty }
            let synced = try #require(await web.synced.first)
            #expect(synced.topic == "ppMsgP" && synced.target == "bob" && synced.uid == receipt.uid)
            #expect(await phone.synced.isEmpty)
            // One that was not there finds it among what it asks for.
            let third = try await RongClient.connect(live, "alice")
            let own = try #require(await third.received.first?.message)
            #expect(own.direction == 1 && own.fromUserID == "bob" && own.msgID == receipt.uid)
        }
    }

    @Test func everyDialectsMessagesArriveAsRongCloudsAndTheirsAsTheOthers() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let dave = try await live.listen("tencent", "dave")
            _ = try await dave.missed()
            let backend = try await live.backend()
            for dialect in ["tencent", "easemob", "rongcloud"] {
                #expect(try await backend.say(dialect, through: dialect))
            }
            #expect(await alice.texts(3) == ["tencent", "easemob", "rongcloud"])
            #expect(await alice.received.allSatisfy { $0.message.classname == "RC:TxtMsg" && $0.message.type == 3 })
            #expect(await alice.say("back", to: "demo-group", inGroup: true)?.status == 0)
            #expect(try await dave.messages(4).compactMap(\.text) == ["tencent", "easemob", "rongcloud", "back"])
        }
    }

    @Test(arguments: RongClient.Generation.allCases)
    func aConnectionThatIsRefusedIsToldWhy(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            for query in ["", "&protocolVer=4"] {
                let stranger = try await RongClient.connect(live, "alice", generation, token: "nonsense", query: query)
                #expect(await stranger.welcome == .connAckRefused(status: 4))
            }
            let token = try live.token("rongcloud", "alice")
            let alice = try await RongClient.connect(live, "alice", generation, token: token)
            let backend = try await live.backend()
            #expect(try await backend.rongCloud("/user/block.json", "userId=alice&minute=10")["code"]?.int == 200)
            await alice.until { $0.hasEnded }
            #expect(await alice.disconnectStatus == 2)
            let again = try await RongClient.connect(live, "alice", generation, token: token)
            #expect(await again.welcome == .connAckRefused(status: 9))
        }
    }

    @Test func whoConnectsWithTheFlagsOfVersionFourGetsThem() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", query: "&protocolVer=4")
            guard case .connAck(let user, _, let now)? = await alice.welcome else {
                Issue.record("refused")
                return
            }
            #expect(user == "alice" && now > 1_700_000_000_000)
        }
    }

    @Test func navigationTellsWhereToConnect() async throws {
        try await withServer { live in
            let token = try live.token("rongcloud", "alice")
            let client = try await HTTPClient.connect(
                host: "127.0.0.1", port: live.server.port, group: .singleton)
            for path in ["/navi.js", "/cometnavi.js"] {
                let answer = try await client.send(
                    .GET, "\(path)?appId=parley-demo&token=\(token)@https://x&callBack=getServerEndpoint&v=5.2.1&r=1")
                #expect(answer.status == 200)
                let text = answer.text
                #expect(text.hasPrefix("getServerEndpoint({") && text.hasSuffix("});"))
                let json = try JSON(parsing: String(text.dropFirst(18).dropLast(2)))
                #expect(json["code"]?.int == 200 && json["userId"]?.string == "alice")
                #expect(json["server"]?.string == "127.0.0.1:\(live.server.port)")
                #expect(json["type"] == nil)
            }
            #expect(try await client.send(.GET, "/ping?r=1").status == 200)
            let refused = try await client.send(.GET, "/navi.js?appId=parley-demo&token=bad&callBack=f")
            #expect(refused.status == 401)
            #expect(try await client.send(.GET, "/navi.js?appId=nobody&token=\(token)").status == 403)
            await client.close()
        }
    }

    @Test func refusalsReachTheApp() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            #expect(await alice.say("x", to: "nowhere", inGroup: true)?.status == 22406)
            let backend = try await live.backend()
            #expect(
                try await backend.rongCloud("/user/blacklist/add.json", "userId=bob&blackUserId=alice")["code"]?.int
                    == 200)
            #expect(await alice.say("x", to: "bob")?.status == 405)
            #expect(await alice.query("noSuchTopic", target: "alice", [])?.status != 0)
            #expect(await alice.query("pullMsg", target: "alice", [0xFF, 0xFF])?.status == 33003)
            // And goes on.
            #expect(await alice.say("x", to: "carol")?.status == 0)
        }
    }

    @Test func aRecallCrosses() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let said = try #require(await alice.say("oops", to: "bob"))
            #expect(await bob.texts(1) == ["oops"])
            var recall = WireUpStreamMessage()
            recall.sessionID = 0
            recall.classname = "RC:RcCmd"
            recall.content = Data(
                #"{"conversationType":1,"targetId":"bob","messageUId":"\#(said.uid)","sentTime":\#(said.milliseconds)}"#
                    .utf8)
            #expect(await alice.publish("recallMsg", to: "alice", recall)?.status == 0)
            await bob.until { $0.received.contains { $0.message.classname == "RC:RcCmd" } }
            let command = try #require(await bob.received.last?.message)
            #expect(command.fromUserID == "alice" && command.type == 1)
            #expect(try JSON(parsing: Array(command.content))["messageUId"]?.string == said.uid)
        }
    }

    @Test func brokenFramesEndTheConnectionAndNothingElse() async throws {
        try await withServer { live in
            for bytes in [[], [0x32], [0x32, 0xFF, 0xFF, 0x41], [0x50, 0, 1, 0xFF, 0, 0, 0, 1]]
                as [[UInt8]]
            {
                let alice = try await RongClient.connect(live, "alice")
                await alice.send(bytes)
                await alice.until { $0.hasEnded }
                #expect(await alice.closeCode == 1002, "\(bytes)")
            }
            let alice = try await RongClient.connect(live, "alice")
            #expect(await alice.say("x", to: "bob")?.status == 0)
        }
    }
}
