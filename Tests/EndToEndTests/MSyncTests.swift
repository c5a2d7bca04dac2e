import Foundation
import NIOCore
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyEasemob
import ParleyJSON
import ParleyServer
import Testing

/// Easemob's client SDKs, as ``MSyncClient`` does what they do.
@Suite(.timeLimit(minutes: 2))
struct MSyncTests {
    @Test(arguments: MSyncClient.Packing.allCases)
    func usersTalkHoweverTheirFramesArePacked(_ packing: MSyncClient.Packing) async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice", packing)
            let bob = try await MSyncClient.connect(live, "bob")
            #expect(await alice.provision?.resource == alice.resource)
            let answer = try #require(await alice.say("hi", to: "bob"))
            #expect(answer.code == 0)
            #expect(await bob.texts(1) == ["hi"])
            let heard = try #require(await bob.received.first)
            #expect(heard.meta.id == answer.id && heard.meta.timestamp == answer.timestamp)
            #expect(heard.meta.from.name == "alice" && heard.meta.to.name == "bob" && heard.body.type == 1)
            #expect(await bob.say("hi too", to: "alice")?.code == 0)
            #expect(await alice.texts(1) == ["hi too"])
        }
    }

    @Test func whatWasMissedComesOnceAndInOrder() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let first = try await MSyncClient.connect(live, "bob", resource: "one")
            #expect(await alice.say("before", to: "bob")?.code == 0)
            #expect(await first.texts(1) == ["before"])
            await first.settled()
            await first.close()
            await first.until { $0.hasEnded }
            let expected = (1...130).map { "message \($0)" }
            for text in expected { #expect(await alice.say(text, to: "bob")?.code == 0) }
            let again = try await MSyncClient.connect(live, "bob", resource: "one")
            #expect(await again.texts(130) == expected)
            await again.settled()
            #expect(await again.received.count == 130)
            await again.close()
            let presence = live.server.core.presence
            while await presence.isOnline(UserID("bob"), in: live.app.id) { await Task.yield() }
            // Another device finds nothing that the first has not left.
            let other = try await MSyncClient.connect(live, "bob", resource: "two")
            await other.settled()
            #expect(await other.received.map(\.text) == [])
        }
    }

    @Test func aPageThatWasNotAcknowledgedComesAgain() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            for number in 1...50 { #expect(await alice.say("\(number)", to: "bob")?.code == 0) }
            let bob = try await MSyncClient.connect(live, "bob", resource: "one", syncs: false)
            await bob.mute()
            await bob.unread()
            #expect(await bob.texts(20).count == 20)
            await bob.close()
            await bob.until { $0.hasEnded }
            let again = try await MSyncClient.connect(live, "bob", resource: "one")
            #expect(await again.texts(50) == (1...50).map(String.init))
        }
    }

    @Test func groupsAreHeardByTheirMembersAndTheSendersOtherDevicesButNotByTheOneThatSaidIt() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let aliceToo = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            #expect(await alice.say("all", to: "demo-group", inGroup: true)?.code == 0)
            #expect(await bob.texts(1) == ["all"])
            #expect(await bob.received.first?.body.type == 2)
            #expect(await bob.received.first?.meta.to.name == "demo-group")
            #expect(await aliceToo.texts(1) == ["all"])
            #expect(await bob.say("back", to: "demo-group", inGroup: true)?.code == 0)
            #expect(await alice.texts(1) == ["back"])
            await alice.settled()
            #expect(await alice.received.count == 1)
        }
    }

    @Test func aMessageThatIsSentAgainIsTheSame() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice", resource: "one")
            let bob = try await MSyncClient.connect(live, "bob")
            var body = await alice.body(1, to: "bob")
            var content = WireContent()
            content.text = "once"
            body.contents = [content]
            let meta = await alice.meta(body, to: "bob")
            let first = try #require(await alice.uplink(meta))
            await alice.close()
            let again = try await MSyncClient.connect(live, "alice", resource: "one")
            let second = try #require(await again.uplink(meta))
            #expect(first.id == second.id && first.timestamp == second.timestamp)
            #expect(await bob.texts(1) == ["once"])
            await bob.settled()
            #expect(await bob.received.count == 1)
        }
    }

    @Test func whoeverRegistersInTheDemoMayLogIn() async throws {
        try await withServer { live in
            let http = try await live.backend().client
            for (path, body) in [
                ("/users", #"{"username":"newcomer","password":"secret"}"#),
                ("/token", #"{"grant_type":"password","username":"newcomer","password":"secret"}"#),
            ] {
                let answer = try await http.send(
                    .POST, "/parley/demo" + path, headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8))
                #expect(answer.status == 200)
                guard let token = try JSON(parsing: answer.body)["access_token"]?.string else { continue }
                let newcomer = try await MSyncClient.connect(live, "newcomer", token: token)
                #expect(await newcomer.say("hello", to: "alice")?.code == 0)
                return
            }
            Issue.record("no token")
        }
    }

    // MARK: Refusals

    @Test func whoMayNotLogInIsToldWhy() async throws {
        try await withServer { live in
            let wrong = try await MSyncClient.connect(live, "alice", token: "YWMtnonsense")
            #expect(await wrong.provision?.status.errorCode == 1)
            #expect(await wrong.provision?.status.reason == "Sorry, token or password does not match login info")
            await wrong.until { $0.hasEnded }
            let another = try await MSyncClient.connect(live, "bob", token: try live.token("easemob", "alice"))
            #expect(await another.provision?.status.errorCode == 1)
            let capital = try await MSyncClient.connect(live, "ALICE", token: try live.token("easemob", "alice"))
            #expect(await capital.isAccepted)
        }
    }

    @Test func refusalsHaveTheTextsThatSDKsLookFor() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            #expect(await alice.say("hi", to: "nowhere", inGroup: true)?.reason == "group not found")
            let nobody = await alice.say("hi", to: "nobody-there")
            #expect(nobody?.code == 1 && nobody?.reason.contains("username") == true)
            let backend = try await live.backend()
            _ = try await backend.easemob("/chatgroups", #"{"groupname":"g","owner":"bob","public":true}"#)
            #expect(await alice.sign(6, of: 12345, to: "bob")?.reason == "Sorry, message does not exist")
        }
    }

    // MARK: Receipts, recalls, edits

    @Test func receiptsReachTheSender() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            let said = try #require(await alice.say("hi", to: "bob"))
            #expect(await bob.texts(1) == ["hi"])
            #expect(await bob.sign(5, of: said.id, to: "alice")?.code == 0)
            #expect(await alice.sign(5)?.body.ackMessageID == said.id)
            #expect(await bob.sign(4, of: said.id, to: "alice")?.code == 0)
            let read = try #require(await alice.sign(4))
            #expect(read.body.ackMessageID == said.id && read.from == "bob" && read.body.ext.isEmpty)
            #expect(await alice.say("more", to: "bob")?.code == 0)
            #expect(await bob.sign(7, of: 0, to: "alice")?.code == 0)
            #expect(await alice.sign(7)?.from == "bob")
        }
    }

    @Test func readersOfAGroupAreCounted() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            var body = await alice.body(2, to: "demo-group")
            var content = WireContent()
            content.text = "who reads?"
            body.contents = [content]
            body.msgConfig.allowGroupAck = true
            let said = try #require(await alice.uplink(await alice.meta(body, to: "demo-group", inGroup: true)))
            #expect(await bob.texts(1) == ["who reads?"])
            #expect(await bob.received.first?.body.msgConfig.allowGroupAck == true)
            #expect(await bob.sign(4, of: said.id, to: "demo-group", inGroup: true)?.code == 0)
            let read = try #require(await alice.sign(4))
            #expect(read.body.ext.first?.stringValue == #"{"\#(said.id)":1}"#)
        }
    }

    @Test func recallsAndEditsReachTheOthers() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            let said = try #require(await alice.say("hi", to: "bob"))
            #expect(await bob.texts(1) == ["hi"])
            var edit = await alice.body(8, to: "bob")
            edit.editMessageID = said.id
            var content = WireContent()
            content.type = 0
            content.text = "hello"
            edit.contents = [content]
            let edited = try #require(await alice.uplink(await alice.meta(edit, to: "bob")))
            #expect(edited.code == 0 && edited.metas.first?.ns == 5)
            let info = try JSON(parsing: Array(try #require(edited.metas.first).payload))
            #expect(info["edit_msg"]?["operator"]?.string == "alice" && info["edit_msg"]?["count"]?.int == 1)
            #expect(await bob.texts(2) == ["hi", "hello"])
            let heard = try #require(await bob.received.last)
            #expect(heard.body.type == 8 && heard.body.editMessageID == said.id)
            #expect(try JSON(parsing: heard.body.meta)["edit_msg"]?["sender"]?.string == "alice")
            #expect(await alice.sign(6, of: said.id, to: "bob")?.code == 0)
            #expect(await bob.sign(6)?.body.ackMessageID == said.id)
        }
    }

    // MARK: Content

    @Test func whatAnSDKSendsComesAsItWasSent() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            var combined = WireContent()
            combined.type = 0
            combined.text = "[Chat History]"
            combined.subType = 0
            combined.title = "t"
            combined.summary = "s"
            combined.combineLevel = 1
            combined.remotePath = "http://localhost/parley/demo/chatfiles/1"
            combined.fileLength = 12
            var image = WireContent()
            image.type = 1
            image.remotePath = "http://localhost/parley/demo/chatfiles/2"
            image.displayName = "a.png"
            image.size.width = 10
            image.size.height = 20.5
            // A field that there is none of yet: 127, a number.
            var future = try #require(
                WireContent.parse(Array([0x08, 0x00, 0x12, 0x02]) + Array("hi".utf8) + [0xF8, 0x07, 0x05]))
            future.title = "tomorrow"
            for content in [combined, image, future] { #expect(await alice.say(content, to: "bob")?.code == 0) }
            await bob.until { $0.received.count == 3 }
            #expect(await bob.received.map(\.body.contents) == [[combined], [image], [future]])
        }
    }

    // MARK: Sent away

    @Test func whoIsSentAwayIsToldWhy() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice", resource: "one")
            let backend = try await live.backend()
            _ = try await backend.easemob("/users/alice/disconnect", "", method: .GET)
            await alice.until { $0.hasEnded }
            let body = WireStatisticsBody.parse(Array(try #require(await alice.others.last).payload))
            #expect(body?.operation == 4)
        }
    }

    @Test func aFifthDeviceIsTheEndOfTheFirst() async throws {
        try await withServer { live in
            var clients: [MSyncClient] = []
            for _ in 1...5 { clients.append(try await MSyncClient.connect(live, "alice")) }
            await clients[0].until { $0.hasEnded }
            let meta = try #require(await clients[0].others.last)
            #expect(WireStatisticsBody.parse(Array(meta.payload))?.operation == 2)
            let bob = try await MSyncClient.connect(live, "bob")
            #expect(await bob.say("to four", to: "alice")?.code == 0)
            for client in clients.dropFirst() { #expect(await client.texts(1) == ["to four"]) }
        }
    }

    // MARK: Across dialects

    @Test func everyDialectIsHeardAndHears() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let backend = try await live.backend()
            for dialect in ["rongcloud", "tencent", "easemob"] {
                #expect(try await backend.say(dialect, through: dialect))
            }
            #expect(await alice.texts(3) == ["rongcloud", "tencent", "easemob"])
            let bob = try await live.listen("tencent", "bob")
            _ = try await bob.missed()
            #expect(await alice.say("from MSYNC", to: "bob")?.code == 0)
            #expect(try await bob.messages(1).compactMap(\.text) == ["from MSYNC"])
        }
    }
}
