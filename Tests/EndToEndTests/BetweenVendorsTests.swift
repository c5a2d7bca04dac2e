import Foundation
import ParleyClient
import ParleyCore
import ParleyEasemob
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import Testing

/// The SDKs of two vendors and a client of Parley's own in one conversation: what one says and does, the others see as their own vendor has it.
@Suite(.timeLimit(minutes: 2))
struct BetweenVendorsTests {
    private func sign(_ client: RongClient, _ objectName: String) async -> WireDownStreamMessage? {
        await client.until { $0.received.contains { $0.message.classname == objectName } }
        return await client.received.first { $0.message.classname == objectName }?.message
    }

    @Test func aGroupOfThreeProtocolsHearsTheSameInTheSameOrder() async throws {
        try await withServer { live in
            let easemob = try await MSyncClient.connect(live, "alice")
            let rong = try await RongClient.connect(live, "dave")
            let parley = try await live.listen("tencent", "carol")
            _ = try await parley.missed()
            let backend = try await live.backend()
            #expect(await easemob.say("1", to: "demo-group", inGroup: true)?.code == 0)
            #expect(await rong.say("2", to: "demo-group", inGroup: true)?.status == 0)
            parley.socket.send(
                #"{"type":"send","conversation":"group:demo-group","kind":"text","content":{"text":"3"}}"#)
            #expect(await rong.texts(2) == ["1", "3"])
            #expect(try await backend.say("4", through: "tencent"))
            #expect(await easemob.texts(3) == ["2", "3", "4"])
            #expect(await rong.texts(3) == ["1", "3", "4"])
            #expect(try await parley.messages(4).compactMap(\.text) == ["1", "2", "3", "4"])
        }
    }

    @Test func recallsCross() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let said = try #require(await alice.say("mine", to: "bob"))
            #expect(await bob.texts(1) == ["mine"])
            let uid = try #require(await bob.received.first).message.msgID
            #expect(await alice.sign(6, of: said.id, to: "bob")?.code == 0)
            let command = try #require(await self.sign(bob, "RC:RcCmd"))
            #expect(try JSON(parsing: Array(command.content))["messageUId"]?.string == uid)
            let other = try #require(await bob.say("his", to: "alice"))
            #expect(await alice.texts(1) == ["his"])
            let heard = try #require(await alice.received.first)
            let recall = WireUpStreamMessage.custom(
                "RC:RcCmd",
                #"{"messageUId":"\#(other.uid)","conversationType":1,"targetId":"alice","sentTime":\#(other.milliseconds)}"#,
                flags: 0)
            #expect(await bob.publish("recallMsg", to: "bob", recall)?.status == 0)
            let recalled = try #require(await alice.sign(6))
            #expect(recalled.body.ackMessageID == heard.meta.id && recalled.from == "bob")
        }
    }

    @Test func readReceiptsCross() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            #expect(await alice.say("read me", to: "bob")?.code == 0)
            #expect(await bob.texts(1) == ["read me"])
            let heard = try #require(await bob.received.first).message
            let read = WireUpStreamMessage.custom(
                "RC:ReadNtf",
                #"{"messageUId":"\#(heard.msgID)","lastMessageSendTime":\#(heard.dataTime),"type":1}"#, flags: 0)
            #expect(await bob.publish("ppMsgP", to: "alice", read)?.status == 0)
            #expect(await alice.sign(7)?.from == "bob")
            let said = try #require(await bob.say("and me", to: "alice"))
            #expect(await alice.texts(1) == ["and me"])
            let other = try #require(await alice.received.first)
            #expect(await alice.sign(4, of: other.meta.id, to: "bob")?.code == 0)
            let notice = try #require(await self.sign(bob, "RC:ReadNtf"))
            #expect(try JSON(parsing: Array(notice.content))["messageUId"]?.string == said.uid)
        }
    }

    @Test func whatOneVendorHasNoWordForIsReadable() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            var picture = WireContent()
            picture.type = 1
            picture.remotePath = "http://localhost/parley/demo/chatfiles/1"
            picture.displayName = "a.png"
            #expect(await alice.say(picture, to: "bob")?.code == 0)
            await bob.until { $0.received.contains { $0.message.classname == "RC:ImgMsg" } }
            var place = WireContent()
            place.type = 3
            place.latitude = 39.9
            place.longitude = 116.3
            place.address = "Beijing"
            #expect(await alice.say(place, to: "bob")?.code == 0)
            await bob.until { $0.received.contains { $0.message.classname == "RC:LBSMsg" } }
            let said = WireUpStreamMessage.custom("App:Vote", #"{"question":"?"}"#, flags: 3)
            #expect(await bob.publish("ppMsgP", to: "alice", said)?.status == 0)
            await alice.until { $0.received.contains { $0.body.contents.first?.customEvent == "App:Vote" } }
        }
    }
}
