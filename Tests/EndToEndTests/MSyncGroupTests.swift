import Foundation
import NIOCore
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyEasemob
import ParleyJSON
import ParleyServer
import ParleySocket
import Testing

/// Groups, rooms, contacts and presence, as Easemob's client SDKs are told of them.
@Suite(.timeLimit(minutes: 2))
struct MSyncGroupTests {
    private func room(_ backend: Backend, owner: String) async throws -> String {
        let answer = try await backend.easemob("/chatrooms", #"{"name":"r","description":"d","owner":"\#(owner)"}"#)
        return try #require(answer["data"]?["id"]?.string)
    }

    private func bodies(_ client: MSyncClient) async -> [WireMUCBody] {
        await client.others.filter { $0.ns == 2 }.compactMap { WireMUCBody.parse(Array($0.payload)) }
    }

    private func told(_ client: MSyncClient, _ operation: Int32) async -> WireMUCBody? {
        await client.until { client in
            client.others.contains { $0.ns == 2 && WireMUCBody.parse(Array($0.payload))?.operation == operation }
        }
        return await self.bodies(client).first { $0.operation == operation }
    }

    private func change(_ client: MSyncClient, _ operation: Int32, _ room: String) async -> MSyncClient.Answer? {
        var body = WireMUCBody()
        body.mucID.name = room
        body.mucID.domain = "conference.easemob.com"
        body.operation = operation
        body.isChatroom = true
        var meta = WireMeta()
        meta.id = await client.nextLocalID()
        meta.to.domain = "easemob.com"
        meta.ns = 2
        meta.payload = Data(body.wireBytes)
        return await client.uplink(meta)
    }

    // MARK: Rooms

    @Test func whoComesIntoARoomAndLeavesIsSeen() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            let room = try await self.room(backend, owner: "carol")
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            #expect(await self.change(alice, 2, "999")?.reason == "grpID 999 does not exist!")
            let joined = try #require(await self.change(alice, 2, room))
            #expect(joined.code == 0)
            let meta = try #require(joined.metas.first)
            let info = try #require(WireMUCBody.parse(Array(meta.payload)))
            #expect(info.status.chatroomInfo.contains(#""is_all_mute":false"#))
            #expect(info.status.chatroomInfo.contains(#""is_in_white_list":false"#))
            _ = try await backend.easemob("/chatrooms/\(room)/white/users/alice", "")
            let again = try #require(await self.change(alice, 2, room)?.metas.first)
            let allowed = try #require(WireMUCBody.parse(Array(again.payload)))
            #expect(allowed.status.chatroomInfo.contains(#""is_in_white_list":true"#))
            #expect(await self.change(bob, 2, room)?.code == 0)
            let presence = try #require(await self.told(alice, 17))
            #expect(presence.from.name == "bob" && presence.isChatroom && presence.mucID.name == room)
            var body = await bob.body(3, to: room)
            var content = WireContent()
            content.type = 0
            content.text = "hello, room"
            body.contents = [content]
            #expect(await bob.uplink(await bob.meta(body, to: room, inGroup: true))?.code == 0)
            #expect(await alice.texts(1) == ["hello, room"])
            #expect(await alice.received.first?.body.type == 3)
            #expect(await self.change(bob, 3, room)?.code == 0)
            #expect(await self.told(alice, 18)?.from.name == "bob")
            #expect(
                await bob.uplink(await bob.meta(body, to: room, inGroup: true))?.reason == "not in group or chatroom")
        }
    }

    @Test func whoComesIntoARoomFindsTheLastTenMessages() async throws {
        try await withServer { live in
            let room = try await self.room(try await live.backend(), owner: "carol")
            let alice = try await MSyncClient.connect(live, "alice")
            #expect(await self.change(alice, 2, room)?.code == 0)
            for number in 1...30 {
                var body = await alice.body(3, to: room)
                var content = WireContent()
                content.type = 0
                content.text = "\(number)"
                body.contents = [content]
                #expect(await alice.uplink(await alice.meta(body, to: room, inGroup: true))?.code == 0)
            }
            let bob = try await MSyncClient.connect(live, "bob")
            #expect(await self.change(bob, 2, room)?.code == 0)
            #expect(await bob.texts(10) == (21...30).map(String.init))
            await bob.settled()
            #expect(await bob.received.count == 10)
        }
    }

    @Test func whoIsNotThereAnyMoreIsInNoRoom() async throws {
        try await withServer { live in
            live.server.attendance.grace = .milliseconds(1)
            let room = try await self.room(try await live.backend(), owner: "carol")
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            for client in [alice, bob] { #expect(await self.change(client, 2, room)?.code == 0) }
            await bob.close()
            #expect(await self.told(alice, 18)?.from.name == "bob")
        }
    }

    // MARK: Groups

    @Test func membersAreToldWhatHappensToTheirGroup() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            let backend = try await live.backend()
            let made = try await backend.easemob(
                "/chatgroups", #"{"groupname":"g","public":true,"owner":"alice","members":["bob"]}"#)
            let group = try #require(made["data"]?["groupid"]?.string)
            let joined = try #require(await self.told(bob, 19))
            #expect(joined.mucID.name == group && joined.from.name == "alice")
            _ = try await backend.easemob("/chatgroups/\(group)", #"{"groupname":"h"}"#, method: .PUT)
            let update = try #require(await self.told(bob, 14))
            #expect(try JSON(parsing: update.eventInfo.ext)["name"]?.string == "h")
            _ = try await backend.easemob("/chatgroups/\(group)/announcement", #"{"announcement":"news"}"#)
            #expect(await self.told(bob, 25)?.reason == "news")
            _ = try await backend.easemob("/chatgroups/\(group)/ban", "")
            #expect(await self.told(bob, 31) != nil)
            #expect(await bob.say("hi", to: group, inGroup: true)?.code == 15)
            _ = try await backend.easemob("/chatgroups/\(group)/users/bob", "", method: .DELETE)
            #expect(await self.told(bob, 10)?.to.first?.name == "bob")
            #expect(await self.told(alice, 18)?.from.name == "bob")
            #expect(await bob.say("hi", to: group, inGroup: true)?.reason == "not in group or chatroom")
            _ = try await backend.easemob("/chatgroups/\(group)", "", method: .DELETE)
            #expect(await self.told(alice, 1)?.mucID.name == group)
        }
    }

    // MARK: Contacts

    @Test func invitationsAndTheirAnswersAreTold() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            var body = WireRosterBody()
            body.operation = 2
            body.reason = "hello"
            body.to = [.with { $0.name = "bob" }]
            var meta = WireMeta()
            meta.id = await alice.nextLocalID()
            meta.ns = 3
            meta.payload = Data(body.wireBytes)
            #expect(await alice.uplink(meta)?.code == 0)
            // Who is away finds it when he comes.
            let bob = try await MSyncClient.connect(live, "bob")
            let invited = try #require(await self.roster(bob, 2))
            #expect(invited.from.name == "alice" && invited.reason == "hello" && invited.to.first?.name == "bob")
            body.operation = 4
            body.to = [.with { $0.name = "alice" }]
            meta.id = await bob.nextLocalID()
            meta.payload = Data(body.wireBytes)
            #expect(await bob.uplink(meta)?.code == 0)
            #expect(await self.roster(alice, 8)?.from.name == "bob")
            #expect(await self.roster(bob, 4)?.from.name == "alice")
        }
    }

    private func roster(_ client: MSyncClient, _ operation: Int32) async -> WireRosterBody? {
        await client.until { client in
            client.others.contains { $0.ns == 3 && WireRosterBody.parse(Array($0.payload))?.operation == operation }
        }
        return await client.others.filter { $0.ns == 3 }.compactMap { WireRosterBody.parse(Array($0.payload)) }
            .first { $0.operation == operation }
    }

    // MARK: Presence

    @Test func subscribersAreToldWhoComes() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let http = try await live.backend().client
            let answer = try await http.send(
                .POST, "/parley/demo/users/alice/presence/3600",
                headers: [
                    ("Authorization", "Bearer \(try live.token("easemob", "alice"))"),
                    ("Content-Type", "application/json"),
                ], body: Array(#"{"usernames":["bob"]}"#.utf8))
            #expect(answer.status == 200)
            let bob = try await MSyncClient.connect(live, "bob", resource: "phone")
            await alice.until { client in
                client.others.contains { meta in
                    let value = (try? JSON(parsing: Array(meta.payload)))?["data"]?["values"]?.array?.first
                    return value?["uid"]?.string == "bob" && value?["status"]?["phone"]?.string == "1"
                }
            }
            await bob.close()
        }
    }
}

extension WireJID {
    fileprivate static func with(_ fill: (inout WireJID) -> Void) -> WireJID {
        var jid = WireJID()
        fill(&jid)
        return jid
    }
}
