import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// Who is told of what is done, where the backend may say.
struct TellingTests {
    @Test(arguments: ["", "&isNotify=true", "&isNotify=false"])
    func devicesAreToldOfDeletionsUnlessTheyAreNotToBe(query: String) async throws {
        let calls = try await Calls.make()
        let sent = try await calls.send(
            #"{"from":"alice","to":["bob"],"type":"txt","body":{"msg":"hi"}}"#, to: "/messages/users")
        let paths = [
            "/rest/message/roaming/chat/user/bob?userId=alice&msgIdList=\(sent.id.easemob)",
            "/rest/message/roaming/chat/user/bob/time?userId=alice&delTime=\(calls.bench.clock.now().milliseconds)",
        ]
        for (count, path) in zip(1..., paths) {
            #expect(await calls.call(.DELETE, path + query).status == .ok)
            #expect(calls.bench.signals.announcements.count == count)
            #expect(calls.bench.signals.announcements.last?.isSilent == (query == "&isNotify=false"))
        }
        let place = try await calls.bench.core.places.place(of: UserID("bob"), in: sent.conversation)
        #expect(place.clearedThrough == 1)
    }

    @Test(arguments: [("", true), (#","sync_device":true"#, true), (#","sync_device":false"#, false)])
    func senderOfARecalledMessageIsToldUnlessHeIsNotToBe(field: String, isTold: Bool) async throws {
        let calls = try await Calls.make()
        for path in ["/messages/msg_recall", "/messages/batch_recall"] {
            let sent = try await calls.send(#"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#)
            let recall =
                #"{"msg_id":"\#(sent.id.easemob)","to":"demo-group","chat_type":"groupchat","force":true\#(field)}"#
            let body = path.hasSuffix("batch_recall") ? #"{"msgs":[\#(recall)]}"# : recall
            #expect(await calls.call(.POST, path, body).status == .ok)
            let entry = try #require(calls.bench.signals.entries.last)
            #expect(entry.isVisible(to: Viewer(user: UserID("bob")), for: .delivery) == isTold)
            #expect(entry.isVisible(to: Viewer(user: UserID("carol")), for: .delivery))
        }
    }

    @Test func broadcastsReachEverybodyOrWhoIsThere() async throws {
        let calls = try await Calls.make()
        let bench = calls.bench
        for user in ["bob", "carol"] { bench.signals.setOnline(UserID(user)) }
        let message = #"{"from":"carol","msg":{"type":"txt","msg":"all"},"ext":{"k":1}"#
        #expect(await calls.call(.POST, "/messages/users/broadcast", message + "}").status == .ok)
        #expect(
            bench.signals.ephemerals.map(\.entry.conversation.conversation) == [.direct(UserID("carol"), UserID("bob"))]
        )
        #expect(bench.signals.entries.isEmpty)

        #expect(await calls.call(.POST, "/messages/broadcast", message + #","target_type":"users"}"#).status == .ok)
        let told = bench.signals.entries.map(\.conversation.conversation)
        let users = try await bench.core.directory.users(in: bench.app.id, after: nil, limit: 100).map(\.id)
        #expect(told == users.filter { $0 != UserID("carol") }.map { .direct(UserID("carol"), $0) })
        #expect(told.count >= 3)
        let said = try #require(bench.signals.entries.first?.message)
        #expect(said.content == .text("all") && said.options.attachment != nil)
        #expect(said.options.updatesConversation && said.options.forbiddenCallbacks == [.beforeSend])
    }

    @Test func roomsAreAllToldOfABroadcastAndGroupsAreNot() async throws {
        let calls = try await Calls.make()
        var rooms: Set<String> = []
        for name in ["one", "two"] {
            let made = await calls.call(
                .POST, "/chatrooms", #"{"name":"\#(name)","description":"d","owner":"alice"}"#)
            rooms.insert(try #require(made.json?["data"]?["id"]?.string))
        }
        let body = #"{"chatroom_msg_level":"high","msg":{"type":"txt","msg":"all"}}"#
        #expect(await calls.call(.POST, "/messages/chatrooms/broadcast", body).status == .ok)
        let entries = calls.bench.signals.entries.filter { $0.message?.content == .text("all") }
        let told = entries.compactMap { entry -> String? in
            if case .group(let group) = entry.conversation.conversation { group.easemob } else { nil }
        }
        #expect(Set(told) == rooms && told.count == 2)
        #expect(entries.allSatisfy { $0.message?.options.priority == .high && $0.message?.sender == UserID("admin") })
    }

    @Test func whoIsTargetedInARoomAloneSeesIt() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            #"{"from":"alice","to":["4503599627370497"],"type":"txt","body":{"msg":"psst"},"users":["Bob"]}"#,
            to: "/messages/chatrooms/users")
        #expect(entry.message?.audience == .only([UserID("bob")]))
        #expect(entry.message?.options.reachesSender == false)
    }

    @Test func whoShieldsAGroupHearsNothingOfIt() async throws {
        let calls = try await Calls.make()
        let group = GroupID("demo-group")
        func delivery() async throws -> Member.Delivery? {
            try await calls.bench.core.directory.group(group, in: calls.bench.app.id)?.members[UserID("bob")]?.delivery
        }
        func shield(_ method: HTTPMethod) async -> HTTPResponseStatus {
            await calls.call(
                method, "/chatgroups/demo-group/shield", headers: [("Authorization", "Bearer <user:bob>")]
            ).status
        }
        #expect(await shield(.POST) == .ok)
        #expect(try await delivery() == .discard)
        #expect(await shield(.POST) == .ok)
        #expect(await shield(.DELETE) == .ok)
        #expect(try await delivery() == .notify)
        // The bell that he turned off by himself stays off.
        try await calls.bench.core.changeMember(UserID("bob"), of: group, in: calls.bench.app.id) { member, _ in
            member.delivery = .silent
        }
        #expect(await shield(.DELETE) == .ok)
        #expect(try await delivery() == .silent)
    }
}
