import Foundation
import Logging
import NIOCore
import ParleyCallbacks
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import ParleyStore
import Testing

/// What RongCloud's client SDKs say beside plain messages, and what the others make of it; and the other way round.
@Suite(.timeLimit(minutes: 2))
struct RongMessageTests {
    // MARK: Mentions

    @Test func mentionsCrossBothWays() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await live.listen("tencent", "bob")
            _ = try await bob.missed()
            let said = WireUpStreamMessage.custom(
                "RC:TxtMsg",
                #"{"content":"@bob","mentionedInfo":{"type":2,"userIdList":["bob"],"mentionedContent":""}}"#,
                flags: 7)
            #expect(await alice.publish("pgMsgP", to: "demo-group", said)?.status == 0)
            let heard = try #require(try await bob.messages(1).first)
            #expect(heard["options"]?["mention"]?["users"]?.array?.compactMap(\.string) == ["bob"])
            bob.socket.send(
                #"{"type":"send","conversation":"group:demo-group","kind":"text","content":{"text":"@all"},"options":{"mention":{"everyone":true}}}"#
            )
            #expect(await alice.texts(1) == ["@all"])
            let told = try #require(await alice.received.first)
            #expect(told.message.status & 0x40 == 0x40)
            #expect(told.json?["mentionedInfo"]?["type"]?.int == 1)
        }
    }

    // MARK: Expansion

    @Test func anExpansionChangesForEveryoneWhoeverChangesIt() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob", .v4)
            var vote = WireUpStreamMessage.custom("RC:TxtMsg", #"{"content":"vote"}"#, flags: 0x43)
            vote.extraContent = #"{"a":{"v":"1"}}"#
            let said = try #require(await alice.publish("ppMsgP", to: "bob", vote))
            #expect(await bob.texts(1) == ["vote"])
            #expect(await bob.received.first?.message.extraContent == #"{"a":{"v":"1"}}"#)
            let change = WireUpStreamMessage.custom("RC:MsgExMsg", #"{"mid":"\#(said.uid)","put":{"b":"2"}}"#, flags: 1)
            #expect(await bob.publish("ppMsgP", to: "alice", change)?.status == 0)
            let toAlice = await alice.first("RC:MsgExMsg")
            #expect(toAlice?.json?["mid"]?.string == said.uid && toAlice?.json?["put"]?["b"]?.string == "2")
            let backend = try await live.backend()
            let form = "msgUID=\(said.uid)&userId=alice&conversationType=1&targetId=bob"
            #expect(
                try await backend.rongCloud("/message/expansion/delete.json", form + "&extraKey=%5B%22a%22%5D")["code"]?
                    .int == 200)
            let toBob = await bob.first("RC:MsgExMsg")
            #expect(toBob?.message.fromUserID == "alice" && toBob?.json?["mid"]?.string == said.uid)
            #expect(toBob?.json?["del"]?.array?.compactMap(\.string) == ["a"])
            let kept = try await backend.rongCloud("/message/expansion/query.json", form)["extraContent"]
            #expect(kept?.members?.map(\.key) == ["b"] && kept?["b"]?["v"]?.string == "2")
            // Whoever comes later finds it as it is now.
            let later = try await RongClient.connect(live, "bob", .v3)
            #expect(await later.texts(1) == ["vote"])
            #expect(await later.received.first { $0.text == "vote" }?.message.extraContent == #"{"b":{"v":"2"}}"#)
        }
    }

    // MARK: Typing and receipts

    @Test func typingCrossesBothWays() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await live.listen("tencent", "bob")
            _ = try await bob.missed()
            let typing = WireUpStreamMessage.custom("RC:TypSts", #"{"typingContentType":"RC:TxtMsg"}"#, flags: 0)
            _ = await alice.publish("ppMsgS", to: "bob", typing)
            let event = try await bob.frames { $0["type"]?.string == "typing" }.last
            #expect(event?["from"]?.string == "alice" && event?["typing"]?.bool == true)
            bob.socket.send(#"{"type":"typing","conversation":"direct:alice"}"#)
            let told = await alice.first("RC:TypSts")
            #expect(told?.message.fromUserID == "bob" && told?.message.type == 1)
        }
    }

    @Test func aReadReceiptOfAnotherProtocolReachesTheClient() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await live.listen("tencent", "bob")
            _ = try await bob.missed()
            let said = try #require(await alice.say("read me", to: "bob"))
            let heard = try #require(try await bob.messages(1).first)
            let sequence = try #require(heard["seq"]?.int)
            bob.socket.send(#"{"type":"read","conversation":"direct:alice","seq":\#(sequence)}"#)
            let notice = await alice.first("RC:ReadNtf")
            #expect(notice?.message.fromUserID == "bob" && notice?.json?["messageUId"]?.string == said.uid)
            #expect(notice?.json?["lastMessageSendTime"]?.int == said.milliseconds)
        }
    }

    @Test func whatAClientHasReadTheOtherLearns() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await live.listen("tencent", "bob")
            _ = try await bob.missed()
            bob.socket.send(
                #"{"type":"send","conversation":"direct:alice","kind":"text","content":{"text":"and me"}}"#)
            #expect(await alice.texts(1) == ["and me"])
            let received = try #require(await alice.received.last { $0.text == "and me" })
            let read = WireUpStreamMessage.custom(
                "RC:ReadNtf",
                #"{"messageUId":"\#(received.message.msgID)","lastMessageSendTime":\#(received.message.dataTime),"type":1}"#,
                flags: 0)
            #expect(await alice.publish("ppMsgP", to: "bob", read)?.status == 0)
            let event = try await bob.frames { $0["type"]?.string == "read" && $0["by"]?.string == "alice" }.last
            #expect(event?["seq"]?.int == 1)
        }
    }

    @Test(arguments: [false, true])
    func aUsersDevicesHearWhatTheOtherHasRead(inGroup: Bool) async throws {
        try await withServer { live in
            let phone = try await RongClient.connect(live, "alice")
            let web = try await RongClient.connect(live, "alice", .v2)
            let bob = try await RongClient.connect(live, "bob")
            var said: [RongClient.Acknowledgement] = []
            for text in ["1", "2", "3", "4"] {
                said.append(
                    try #require(await bob.say(text, to: inGroup ? "demo-group" : "alice", inGroup: inGroup)))
            }
            for client in [phone, web] { #expect(await client.texts(4) == ["1", "2", "3", "4"]) }
            #expect(await phone.read(said[0], from: "bob", inGroup: inGroup) == 0)
            // It says so again, which tells nobody anything.
            #expect(await phone.read(said[0], from: "bob", inGroup: inGroup) == 0)
            #expect(await web.readStates(1) == [said[0].milliseconds])
            #expect(await web.read(said[1], from: "bob", inGroup: inGroup) == 0)
            #expect(await phone.readStates(1) == [said[1].milliseconds])
            #expect(await phone.read(said[2], from: "bob", inGroup: inGroup) == 0)
            #expect(await web.readStates(2) == [said[0].milliseconds, said[2].milliseconds])
            #expect(await web.read(said[3], from: "bob", inGroup: inGroup) == 0)
            #expect(await phone.readStates(2) == [said[1].milliseconds, said[3].milliseconds])
        }
    }

    /// However much is said meanwhile.
    @Test func everyReceiptReachesAClientThatIsUpToDate() async throws {
        try await withServer { live in
            let count = 25
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let carol = try await RongClient.connect(live, "carol")
            let speaking = Task {
                for number in 1...count {
                    #expect(await carol.say("\(number)", to: "demo-group", inGroup: true)?.status == 0)
                }
            }
            var uids: [String] = []
            for number in 1...count {
                let said = try #require(await alice.say("\(number)", to: "bob"))
                #expect(await bob.read(said, from: "alice") == 0)
                uids.append(said.uid)
            }
            await speaking.value
            await alice.until { $0.received.count { $0.message.classname == "RC:ReadNtf" } >= count }
            let receipts = await alice.received.filter { $0.message.classname == "RC:ReadNtf" }
            #expect(receipts.map { $0.json?["messageUId"]?.string } == uids)
            #expect(await alice.texts(count) == (1...count).map(String.init))
        }
    }

    @Test func whoWatchesIsToldWhoComesAndGoes() async throws {
        try await withServer { live in
            let bob = try await RongClient.connect(live, "bob", .v2)
            var watching = WireSubUserStatusInput()
            watching.userid = ["alice"]
            #expect(await bob.query("subUserStatus", target: "bob", watching.wireBytes)?.status == 0)
            let alice = try await RongClient.connect(live, "alice", .v2)
            await bob.until { $0.statuses.last == #"alice {"us":[{"o":1,"p":"Web","s":0}]}"# }
            await alice.close()
            await bob.until { $0.statuses.last == #"alice {"us":[]}"# }
            #expect(await bob.query("subUserStatus", target: "bob", [])?.status == 33003)
        }
    }

    @Test func groupReceiptsAreAskedForAnsweredAndCounted() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob", .v3)
            let carol = try await live.listen("tencent", "carol")
            _ = try await carol.missed()
            let said = try #require(await alice.say("who?", to: "demo-group", inGroup: true))
            let ask = WireUpStreamMessage.custom("RC:RRReqMsg", #"{"messageUId":"\#(said.uid)"}"#, flags: 0)
            #expect(await alice.publish("pgMsgP", to: "demo-group", ask)?.status == 0)
            #expect(await bob.first("RC:RRReqMsg")?.json?["messageUId"]?.string == said.uid)
            var answer = WireUpStreamMessage.custom(
                "RC:RRRspMsg", #"{"receiptMessageDic":{"alice":["\#(said.uid)"]}}"#, flags: 0)
            answer.userID = ["alice"]
            #expect(await bob.publish("pgMsgP", to: "demo-group", answer)?.status == 0)
            // A reader of another protocol answers by reading.
            carol.socket.send(#"{"type":"read","conversation":"group:demo-group","seq":2}"#)
            await alice.until { client in
                Set(client.received.filter { $0.message.classname == "RC:RRRspMsg" }.map(\.message.fromUserID))
                    == ["bob", "carol"]
            }
            for response in await alice.received where response.message.classname == "RC:RRRspMsg" {
                #expect(response.message.groupID == "demo-group")
                let uids = response.json?["receiptMessageDic"]?["alice"]?.array?.compactMap(\.string)
                #expect(uids == [said.uid])
            }
            var query = WireGrpReadReceiptQryReq()
            query.msgID = [said.uid]
            query.channelID = "demo-group"
            let found = try #require(await alice.query("rrList", target: "demo-group", query.wireBytes))
            #expect(found.status == 0)
            #expect(WireGrpReadReceiptQryResp.parse(found.payload)?.list.map(\.userID) == ["bob", "carol"])
        }
    }

    // MARK: Recalls and edits by others

    @Test func whatIsTakenBackThroughAnyAPIReachesTheClient() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let backend = try await live.backend()
            let uid = try await backend.rongCloud(
                "/message/private/publish.json",
                "fromUserId=bob&toUserId=alice&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22one%22%7D")[
                    "messageUIDs"]?.array?.first?["messageUID"]?.string
            let sent = try await backend.easemob(
                "/messages/users", #"{"from":"bob","to":["alice"],"type":"txt","body":{"msg":"two"}}"#)
            #expect(await alice.texts(2) == ["one", "two"])
            let one = try #require(uid)
            #expect(
                try await backend.rongCloud(
                    "/message/recall.json",
                    "fromUserId=bob&conversationType=1&targetId=alice&messageUID=\(one)&sentTime=1")["code"]?.int == 200
            )
            let first = await alice.first("RC:RcCmd")
            #expect(first?.message.fromUserID == "bob" && first?.json?["messageUId"]?.string == one)
            let id = try #require(sent["data"]?["alice"]?.string)
            let recalled = try await backend.easemob(
                "/messages/msg_recall",
                #"{"msg_id":"\#(id)","to":"alice","chat_type":"chat","from":"bob","force":true}"#)
            #expect(recalled["data"]?["recalled"]?.string == "yes")
            await alice.until { $0.received.count { $0.message.classname == "RC:RcCmd" } == 2 }
            let two = try #require(await alice.received.first { $0.text == "two" }).message.msgID
            #expect(await alice.received.last?.json?["messageUId"]?.string == two)
        }
    }

    @Test func whatIsEditedThroughTheAPIReachesTheClientUnderItsOwnID() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let said = try #require(await bob.say("helo", to: "alice"))
            #expect(await alice.texts(1) == ["helo"])
            let backend = try await live.backend()
            #expect(
                try await backend.rongCloud(
                    "/message/private/modify.json",
                    "fromUserId=bob&targetId=alice&msgUID=\(said.uid)&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22hello%22%7D"
                )["code"]?.int == 200)
            #expect(await alice.texts(2) == ["helo", "hello"])
            let edited = try #require(await alice.received.last).message
            #expect(edited.msgID == said.uid && edited.extStatus & 0x04 == 0x04 && edited.fromUserID == "bob")
        }
    }

    // MARK: Who gets what

    @Test func statusMessagesReachOnlyThoseWhoAreThere() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let (inbox, outbox) = await (bob.inbox, bob.outbox)
            _ = await alice.publish("ppMsgS", to: "bob", .text("now"))
            #expect(await bob.texts(1) == ["now"])
            await bob.close()
            await bob.until { $0.hasEnded }
            _ = await alice.publish("ppMsgS", to: "bob", .text("lost"))
            #expect(await alice.say("kept", to: "bob")?.status == 0)
            let again = try await RongClient.connect(live, "bob", inbox: inbox, outbox: outbox)
            #expect(await again.texts(1) == ["kept"])
        }
    }

    @Test func aDirectedMessageIsForThoseItNamesAlone() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let carol = try await RongClient.connect(live, "carol")
            var directed = WireUpStreamMessage.text("psst")
            directed.userID = ["bob"]
            #expect(await alice.publish("pgMsgP", to: "demo-group", directed)?.status == 0)
            #expect(await alice.say("all", to: "demo-group", inGroup: true)?.status == 0)
            #expect(await bob.texts(2) == ["psst", "all"])
            #expect(await carol.texts(1) == ["all"])
        }
    }

    /// Their decoder knows no UTF-8 of four bytes, whichever way a message comes (facts/rongcloud-client.md, 11).
    @Test func theSecondGenerationCanReadWhateverItGets() async throws {
        try await withServer { live in
            let phone = try await RongClient.connect(live, "alice")
            let web = try await RongClient.connect(live, "alice", .v2)
            let bob = try await RongClient.connect(live, "bob", .v2)
            #expect(await phone.say("\u{1F600}", to: "bob")?.status == 0)
            #expect(await bob.texts(1) == ["\u{1F600}"])
            await web.until { !$0.synced.isEmpty }
            let late = try await RongClient.connect(live, "bob", .v2)
            #expect(await late.texts(1) == ["\u{1F600}"])
            let contents = [
                try #require(await bob.received.first).message.content,
                try #require(await web.synced.first).message.content,
                try #require(await late.received.first).message.content,
            ]
            for content in contents {
                #expect(content.allSatisfy { $0 < 0xF0 })
                #expect(try JSON(parsing: Array(content))["content"]?.string == "\u{1F600}")
            }
            let other = try await RongClient.connect(live, "bob", .v3)
            #expect(await other.texts(1) == ["\u{1F600}"])
            #expect(try #require(await other.received.first).message.content.contains(0xF0))
        }
    }

    // MARK: Refusals

    @Test func whatMayNotBeSaidIsRefusedWithTheVendorsNumbers() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let backend = try await live.backend()
            let long = WireUpStreamMessage.custom("App:Long", String(repeating: "x", count: (128 << 10) + 1), flags: 3)
            #expect(await alice.publish("ppMsgP", to: "bob", long)?.status == 30016)
            #expect(
                try await backend.rongCloud("/group/user/gag/add.json", "userId=alice&groupId=demo-group&minute=0")[
                    "code"]?.int == 200)
            #expect(await alice.say("x", to: "demo-group", inGroup: true)?.status == 22408)
            #expect(
                try await backend.rongCloud(
                    "/group/user/gag/rollback.json", "userId=alice&groupId=demo-group")["code"]?.int == 200)
            #expect(await alice.say("x", to: "demo-group", inGroup: true)?.status == 0)
            #expect(
                try await backend.rongCloud("/user/blacklist/add.json", "userId=bob&blackUserId=alice")["code"]?.int
                    == 200)
            #expect(await alice.say("x", to: "bob")?.status == 405)
            #expect(
                try await backend.rongCloud("/user/blacklist/remove.json", "userId=bob&blackUserId=alice")["code"]?.int
                    == 200)
            #expect(await alice.say("x", to: "bob")?.status == 0)
        }
    }

    // MARK: Whose it is

    /// Backends are asked about what clients say, and not about what they say themselves.
    @Test func theBackendIsAskedAboutWhatAClientSays() async throws {
        let receiver = try await Receiver.start { call in
            let isBad = call.path == "/rongcloud" && call.form["content"]?.contains("bad") == true
            return Receiver.Answer(body: isBad ? #"{"pass":0}"# : #"{"pass":1}"#)
        }
        try await withServer { live in
            var app = try #require(try await live.server.core.directory.app(live.app.id))
            var rule = CallbackRule(
                name: "ask", dialect: DialectName("rongcloud"), url: receiver.url + "/rongcloud",
                topics: [.beforeMessage])
            rule.timeoutMilliseconds = 30_000
            app.settings.callbacks = [rule]
            app.settings.callbackNetworks = ["loopback"]
            try await live.server.core.directory.save(app)
            await live.server.callbacks.look(live.server.core, live.server.store, logger: Logger(label: "test"))
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            #expect(await alice.say("bad", to: "bob")?.status == 0)
            #expect(await alice.say("good", to: "bob")?.status == 0)
            #expect(await bob.texts(1) == ["good"])
            let calls = await receiver.next(2)
            #expect(calls.map { $0.form["fromUserId"] } == ["alice", "alice"])
            #expect(calls.map { $0.form["os"] } == ["Websocket", "Websocket"])
        }
        await receiver.stop()
    }
}

extension WireUpStreamMessage {
    static func custom(_ objectName: String, _ content: String, flags: Int32) -> WireUpStreamMessage {
        var message = WireUpStreamMessage()
        message.sessionID = flags
        message.classname = objectName
        message.content = Data(content.utf8)
        return message
    }
}

extension RongClient.Received {
    fileprivate var json: JSON? { try? JSON(parsing: Array(self.message.content)) }
}

extension RongClient {
    /// Says that its user has read up to a message.
    ///
    /// - Returns: the status.
    fileprivate func read(_ said: Acknowledgement, from sender: String, inGroup: Bool = false) async -> UInt16? {
        let content = #"{"messageUId":"\#(said.uid)","lastMessageSendTime":\#(said.milliseconds),"type":1}"#
        guard inGroup else {
            return await self.publish("ppMsgP", to: sender, .custom("RC:ReadNtf", content, flags: 0))?.status
        }
        var message = WireUpStreamMessage.custom("RC:SRSMsg", content, flags: 0)
        message.userID = [self.user]
        return await self.publish("pgMsgP", to: "demo-group", message)?.status
    }

    /// Up to when its user has read elsewhere, once it has been told so many times.
    fileprivate func readStates(_ count: Int) async -> [Int64] {
        await self.until { $0.received.count { $0.message.classname == "RC:SRSMsg" } >= count }
        return self.received.filter { $0.message.classname == "RC:SRSMsg" }.compactMap {
            $0.json?["lastMessageSendTime"]?.int
        }
    }

    /// The first of its kind, once it has come.
    fileprivate func first(_ objectName: String) async -> Received? {
        await self.until { $0.received.contains { $0.message.classname == objectName } }
        return self.received.first { $0.message.classname == objectName }
    }
}
