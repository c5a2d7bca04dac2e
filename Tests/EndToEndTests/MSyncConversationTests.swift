import NIOHTTP1
import ParleyCore
import ParleyEasemob
import ParleyJSON
import Testing

/// What users make of conversations by REST, and their other devices and the others are told of.
@Suite(.timeLimit(minutes: 2))
struct MSyncConversationTests {
    /// `type op id ext` of each notification, in order.
    private func notifications(_ client: MSyncClient, _ count: Int) async throws -> [String] {
        await client.until { $0.others.count { $0.ns == 5 } >= count }
        return try await client.others.filter { $0.ns == 5 }.map { meta in
            let json = try JSON(parsing: Array(meta.payload))
            let data = try #require(json["data"])
            return [json["type"], data["op"], data["id"] ?? data["to"], data["ext"]]
                .map { $0?.string ?? "-" }.joined(separator: " ")
        }
    }

    @Test func otherDevicesAreToldOfWhatOneDoesAndThatOneIsNot() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            let web = try await MSyncClient.connect(live, "alice", resource: "web")
            let phone = try await MSyncClient.connect(live, "alice", resource: "phone")
            let bob = try await MSyncClient.connect(live, "bob")
            #expect(await web.say("hi", to: "bob")?.code == 0)
            #expect(await phone.texts(1) == ["hi"])
            _ = try await backend.easemob(
                "/sdk/user/alice/user_channel/top?resource=web", #"{"type":"chat","to":"bob"}"#)
            for method in [HTTPMethod.POST, .DELETE] {
                _ = try await backend.easemob(
                    "/sdk/user/alice/user_channels/mark?resource=web",
                    #"{"mark":"mark_3","targets":[{"type":"chat","to":"bob"}]}"#, method: method)
            }
            _ = try await backend.easemob(
                "/sdk/user/alice/user_channel/top?resource=web&type=chat&to=bob", "", method: .DELETE)
            _ = try await backend.easemob(
                "/user/alice/user_channel?resource=web", #"{"channel":"bob","type":"chat","delete_roam":true}"#,
                method: .DELETE)
            #expect(
                try await self.notifications(phone, 6) == [
                    "conv top bob ", "conv mark bob mark_3", "conv mark_delete bob mark_3", "conv not_top bob ",
                    "roaming_delete - bob -", "conv del bob ",
                ])
            await web.settled()
            await bob.settled()
            #expect(await web.others.isEmpty)
            #expect(await bob.others.isEmpty)
            // Nothing of it says that anything was read.
            #expect(await phone.signs.isEmpty)
        }
    }

    @Test func pinnedMessagesAreToldToEveryoneElse() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            let web = try await MSyncClient.connect(live, "alice", resource: "web")
            let phone = try await MSyncClient.connect(live, "alice", resource: "phone")
            let bob = try await MSyncClient.connect(live, "bob", resource: "web")
            let answer = try #require(await web.say("hi", to: "demo-group", inGroup: true))
            #expect(await bob.texts(1) == ["hi"])
            for method in [HTTPMethod.POST, .DELETE] {
                _ = try await backend.easemob(
                    "/sdk/user/alice/user_channel/pin?resource=web",
                    #"{"pin_msg_id":"\#(answer.id)","to":"demo-group","type":"groupchat"}"#, method: method)
            }
            let expected = ["conv pin demo-group \(answer.id)", "conv pin_delete demo-group \(answer.id)"]
            #expect(try await self.notifications(phone, 2) == expected)
            #expect(try await self.notifications(bob, 2) == expected)
            await web.settled()
            #expect(await web.others.isEmpty)
        }
    }

    @Test func deletedMessagesAreNamedToTheUsersDevices() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            let phone = try await MSyncClient.connect(live, "alice", resource: "phone")
            let answer = try #require(await phone.say("hi", to: "bob"))
            _ = try await backend.easemob(
                "/sdk/message/roaming/chat/user/alice?userId=bob&msgIdList=\(answer.id)&resource=web", "",
                method: .DELETE)
            #expect(try await self.notifications(phone, 1) == ["roaming_delete - bob -"])
            let meta = try #require(await phone.others.first)
            let data = try JSON(parsing: Array(meta.payload))["data"]
            #expect(data?["msgIdList"]?.array?.map(\.string) == [String(answer.id)])
        }
    }
}
