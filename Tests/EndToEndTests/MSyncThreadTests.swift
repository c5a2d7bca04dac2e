import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyDialectKit
import ParleyEasemob
import ParleyJSON
import ParleyServer
import Testing

/// Reactions and threads, as Easemob's client SDKs make them and are told of them. Source: facts/easemob-client.md 4 to 6.
@Suite(.timeLimit(minutes: 2))
struct MSyncThreadTests {
    private static let group = "demo-group"

    /// A server, and what its users do over REST, as SDKs do.
    private struct Stage {
        let live: LiveServer
        let http: HTTPClient

        init(_ live: LiveServer) async throws {
            self.live = live
            self.http = try await live.backend().client
        }

        @discardableResult
        func call(_ method: HTTPMethod, _ path: String, by user: String, _ json: String = "") async throws -> JSON {
            let answer = try await self.http.send(
                method, "/parley/demo" + path,
                headers: [
                    ("Authorization", "Bearer \(try self.live.token("easemob", user))"),
                    ("Content-Type", "application/json"),
                ], body: Array(json.utf8))
            #expect(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
            return try JSON(parsing: answer.body)
        }

        func connect(_ user: String, _ resource: String = "one") async throws -> MSyncClient {
            try await MSyncClient.connect(self.live, user, resource: resource)
        }

        /// What somebody has said in the group.
        func message(by client: MSyncClient) async throws -> UInt64 {
            try #require(await client.say("topic?", to: MSyncThreadTests.group, inGroup: true)).id
        }

        func start(on message: UInt64, by user: String, _ resource: String = "one") async throws -> String {
            let answer = try await self.call(
                .POST, "/thread?resource=\(resource)", by: user,
                #"{"name":"t","msg_id":"\#(message)","group_id":"\#(MSyncThreadTests.group)","owner":"\#(user)"}"#)
            return try #require(answer["data"]?["thread_id"]?.string)
        }
    }

    private func withStage(_ test: (Stage) async throws -> Void) async throws {
        try await withServer { live in try await test(try await Stage(live)) }
    }

    private static func notes(_ client: isolated MSyncClient, _ type: String) -> [JSON] {
        client.others.filter { $0.ns == 5 }.compactMap { try? JSON(parsing: Array($0.payload)) }
            .filter { $0["type"]?.string == type }.compactMap { $0["data"] }
    }

    /// What it was told of threads, when there is as much.
    private func threads(_ client: MSyncClient, _ count: Int) async -> [JSON] {
        await client.until { Self.notes($0, "thread").count >= count }
        return await Self.notes(client, "thread")
    }

    private static func deeds(_ client: isolated MSyncClient) -> [WireMUCBody] {
        client.others.filter { $0.ns == 2 }.compactMap { WireMUCBody.parse(Array($0.payload)) }
            .filter(\.isThread)
    }

    private func deeds(_ client: MSyncClient, _ count: Int) async -> [Int32] {
        await client.until { Self.deeds($0).count >= count }
        return await Self.deeds(client).map(\.operation)
    }

    private func say(_ text: String, by client: MSyncClient, in thread: String) async -> MSyncClient.Answer? {
        var content = WireContent()
        content.type = 0
        content.text = text
        var body = await client.body(2, to: thread)
        body.contents = [content]
        body.meta = #"{"thread":{}}"#
        return await client.uplink(await client.meta(body, to: thread, inGroup: true))
    }

    // MARK: Reactions

    @Test func allWhoSeeTheMessageAreToldOfAReaction() async throws {
        try await self.withStage { stage in
            let (alice, bob, carol) = (
                try await stage.connect("alice"), try await stage.connect("bob"), try await stage.connect("carol")
            )
            let direct = try #require(await alice.say("hi", to: "bob")).id
            try await stage.call(.POST, "/reaction/user/bob", by: "bob", #"{"msgId":"\#(direct)","message":"👍"}"#)
            try await stage.call(
                .DELETE, "/reaction/user/bob?msgId=\(direct)&message=%F0%9F%91%8D", by: "bob")
            for (client, other) in [(alice, "bob"), (bob, "alice")] {
                await client.until { Self.notes($0, "reaction").count == 2 }
                let told = await Self.notes(client, "reaction").compactMap { $0.array?.first }
                #expect(told.map { $0["messageId"]?.string } == [String(direct), String(direct)])
                #expect(told.allSatisfy { $0["from"]?.string == "bob" && $0["channel_type"]?.string == "chat" })
                #expect(told.map { $0["reactions"]?.array?.first?["count"]?.int } == [1, 0], "\(other)")
            }
            let inGroup = try await stage.message(by: alice)
            try await stage.call(.POST, "/reaction/user/carol", by: "carol", #"{"msgId":"\#(inGroup)","message":"a"}"#)
            for (client, count) in [(alice, 3), (bob, 3), (carol, 1)] {
                await client.until { Self.notes($0, "reaction").count >= count }
                #expect(await Self.notes(client, "reaction").count == count)
                #expect(await Self.notes(client, "reaction").last?.array?.first?["to"]?.string == Self.group)
            }
            // What was said before is found with what it has.
            let said = try #require(try await self.history(stage, of: Self.group).last)
            let reactions = try JSON(parsing: said.meta)["reaction"]
            #expect(reactions?.array?.first?["reaction"]?.string == "a")
            #expect(reactions?.array?.first?["state"]?.bool == false)
        }
    }

    // MARK: Threads

    @Test func theGroupIsToldWhatBecomesOfItsThreads() async throws {
        try await self.withStage { stage in
            let (alice, bob, carol) = (
                try await stage.connect("alice"), try await stage.connect("bob"), try await stage.connect("carol")
            )
            let message = try await stage.message(by: alice)
            let thread = try await stage.start(on: message, by: "bob")
            try await stage.call(.PUT, "/thread/\(thread)?resource=one", by: "bob", #"{"name":"new"}"#)
            #expect(await self.say("hello", by: bob, in: thread)?.code == 0)
            _ = await self.threads(carol, 3)
            try await stage.call(.DELETE, "/thread/\(thread)?resource=one", by: "alice")
            for client in [alice, bob, carol] {
                let told = await self.threads(client, 4)
                #expect(told.map { $0["operation"]?.string } == ["create", "update", "update_msg", "delete"])
                #expect(told.allSatisfy { $0["id"]?.string == thread && $0["muc_parent_id"]?.string == Self.group })
                #expect(told.allSatisfy { $0["msg_parent_id"]?.string == String(message) })
                #expect(told.map { $0["name"]?.string } == ["t", "new", "new", "new"])
                #expect(told[2]["message_count"]?.int == 1)
                let payload = told[2]["last_message"]?["payload"]
                #expect(payload?["bodies"]?.array?.first?["msg"]?.string == "hello")
                // Nobody has another device.
                await client.settled()
                #expect(await Self.deeds(client).isEmpty)
            }
            // Alice and Carol were not in it.
            #expect(await carol.received.compactMap(\.text) == ["topic?"])
            #expect(await alice.received.isEmpty)
            #expect(await self.say("too late", by: bob, in: thread)?.code != 0)
        }
    }

    @Test func hisOtherDevicesAreToldWhatAUserDoes() async throws {
        try await self.withStage { stage in
            let alice = try await stage.connect("alice")
            let (phone, desk) = (try await stage.connect("bob", "phone"), try await stage.connect("bob", "desk"))
            let message = try await stage.message(by: alice)
            let thread = try await stage.start(on: message, by: "alice")
            let other = "/thread/\(thread)"
            try await stage.call(.POST, other + "/user/bob/join?resource=phone", by: "bob")
            #expect(await self.deeds(desk, 1) == [35])
            try await stage.call(.DELETE, other + "/user/bob/quit?resource=phone", by: "bob")
            #expect(await self.deeds(desk, 2) == [35, 36])
            try await stage.call(.POST, other + "/user/bob/join?resource=desk", by: "bob")
            #expect(await self.deeds(phone, 1) == [35])
            // Who is removed hears of it on all.
            try await stage.call(.DELETE, other + "/users/bob?resource=one", by: "alice")
            #expect(await self.deeds(desk, 3) == [35, 36, 37])
            #expect(await self.deeds(phone, 2) == [35, 37])
            let removed = try #require(await Self.deeds(phone).last)
            #expect(removed.mucID.name == thread && removed.mucParentID.name == Self.group)
            #expect(removed.from.name == "alice" && removed.to.map(\.name) == ["bob"])
            #expect(await self.say("hi", by: phone, in: thread)?.code != 0)
            #expect(await Self.deeds(alice).isEmpty)
        }
    }

    @Test func whatIsSaidInAThreadIsForThoseInIt() async throws {
        try await self.withStage { stage in
            let (alice, bob, carol) = (
                try await stage.connect("alice"), try await stage.connect("bob"), try await stage.connect("carol")
            )
            let message = try await stage.message(by: alice)
            let thread = try await stage.start(on: message, by: "bob")
            try await stage.call(.POST, "/thread/\(thread)/user/alice/join?resource=one", by: "alice")
            #expect(await self.say("uninvited", by: carol, in: thread)?.code != 0)
            #expect(await self.say("hello", by: bob, in: thread)?.code == 0)
            #expect(await alice.texts(1) == ["hello"])
            let received = try #require(await alice.received.first)
            #expect(received.body.type == 2 && received.body.to.name == thread)
            let place = try JSON(parsing: received.body.meta)["thread"]
            #expect(place?["msg_parent_id"]?.string == String(message))
            #expect(place?["muc_parent_id"]?.string == Self.group && place?["thread_name"]?.string == "t")
            // Taken back, it is gone from the thread's overview too.
            #expect(await bob.sign(6, of: received.meta.id, to: thread, inGroup: true)?.code == 0)
            #expect(await alice.sign(6)?.body.ackMessageID == received.meta.id)
            let told = await self.threads(carol, 3)
            #expect(told.last?["message_count"]?.int == 0)
            #expect(await carol.received.compactMap(\.text) == ["topic?"])
        }
    }

    @Test func whoComesLaterFindsWhatWasSaidAndWhereItBelongs() async throws {
        try await self.withStage { stage in
            let alice = try await stage.connect("alice")
            let message = try await stage.message(by: alice)
            let thread = try await stage.start(on: message, by: "alice")
            try await stage.call(.POST, "/thread/\(thread)/user/bob/join", by: "bob")
            #expect(await self.say("while you were away", by: alice, in: thread)?.code == 0)
            let bob = try await stage.connect("bob")
            await bob.until { $0.received.contains { $0.text == "while you were away" } }
            let received = try #require(await bob.received.first { $0.body.to.name == thread })
            #expect(try JSON(parsing: received.body.meta)["thread"]?["thread_name"]?.string == "t")
            // The message that it was made on shows what is in it; its own history is that of a group.
            let parent = try await self.history(stage, of: Self.group)
            let overview = try JSON(parsing: try #require(parent.last).meta)["thread_overview"]
            #expect(overview?["id"]?.string == thread && overview?["message_count"]?.int == 1)
            let last = overview?["last_message"]?["payload"]?["bodies"]?.array?.first
            #expect(last?["msg"]?.string == "while you were away")
            let inThread = try await self.history(stage, of: thread)
            #expect(inThread.compactMap { $0.contents.first?.text } == ["while you were away"])
            #expect(try JSON(parsing: try #require(inThread.first).meta)["thread"] != nil)
            // It is a conversation only for who looks into it.
            let list = try await stage.call(.GET, "/sdk/user/bob/user_channels/list", by: "bob")
            let channels = list["data"]?["channel_infos"]?.array ?? []
            #expect(channels.contains { $0["session_to"]?.string == Self.group })
            #expect(!channels.contains { $0["session_to"]?.string == thread })
        }
    }

    private func history(_ stage: Stage, of group: String) async throws -> [WireMessageBody] {
        let answer = try await stage.call(
            .POST, "/users/bob/messageroaming", by: "bob",
            #"{"queue":"\#(group)@conference.easemob.com","start":-1,"end":-1}"#)
        return try (answer["data"]?["msgs"]?.array ?? []).map { item in
            let bytes = Base64.standard.decoded((item["msg"]?.string ?? "").utf8) ?? []
            let meta = try #require(WireMeta.parse(bytes))
            return try #require(WireMessageBody.parse(Array(meta.payload)))
        }
    }

    @Test func otherVendorsDoNotListThreads() async throws {
        try await self.withStage { stage in
            let backend = try await stage.live.backend()
            let alice = try await stage.connect("alice")
            let thread = try await stage.start(on: try await stage.message(by: alice), by: "alice")
            let joined = try await backend.tencent(
                "group_open_http_svc/get_joined_group_list", #"{"Member_Account":"alice"}"#)
            let groups = (joined["GroupIdList"]?.array ?? []).compactMap { $0["GroupId"]?.string }
            #expect(groups.contains(Self.group) && !groups.contains(thread))
        }
    }
}
