import Foundation
import NIOCore
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyRongSocket
import ParleySocket
import Testing

@testable import ParleyServer

/// RongCloud's chat rooms with its client SDKs, on the real server.
@Suite(.timeLimit(minutes: 2))
struct RongChatRoomTests {
    // MARK: What is said

    @Test(arguments: RongClient.Generation.allCases)
    func whoeverComesFirstMakesTheRoomAndThoseInItTalk(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", generation)
            let bob = try await RongClient.connect(live, "bob", generation)
            #expect(await alice.join("r1", backFrom: 0) == 23410)
            #expect(await alice.say("x", inRoom: "r1")?.status == 23410)
            #expect(await alice.join("r1") == 0)
            #expect(await bob.say("x", inRoom: "r1")?.status == 23406)
            #expect(await bob.join("r1") == 0)
            let receipt = try #require(await alice.say("hello", inRoom: "r1"))
            #expect(await bob.texts(1, in: "r1") == ["hello"])
            let message = try #require(await bob.rooms["r1"]?.messages.first)
            #expect(message.fromUserID == "alice" && message.msgID == receipt.uid)
            #expect(message.dataTime == receipt.milliseconds)
            let notice = try #require(await bob.notices.last)
            #expect(notice.topic == "s_ntf" && notice.notice.type == 2 && notice.notice.chrmID == "r1")
            // Who comes now is shown it, and it is nobody's message otherwise.
            let carol = try await RongClient.connect(live, "carol", generation)
            #expect(await carol.join("r1") == 0)
            #expect(await carol.rooms["r1"]?.texts == ["hello"])
            for client in [alice, bob, carol] { #expect(await client.received.isEmpty) }
        }
    }

    @Test func whatIsSaidQuicklyArrivesOnceAndInOrder() async throws {
        try await withServer { live in
            let speakers = [
                try await RongClient.connect(live, "alice", .v2), try await RongClient.connect(live, "bob", .v5),
            ]
            let listeners = [
                try await RongClient.connect(live, "carol", .v2), try await RongClient.connect(live, "dave", .v5),
            ]
            for client in speakers + listeners { #expect(await client.join("r1") == 0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for speaker in speakers {
                    group.addTask {
                        for number in 1...100 {
                            #expect(await speaker.say("\(speaker.user)-\(number)", inRoom: "r1")?.status == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let heard = await listeners[0].texts(200, in: "r1")
            #expect(await listeners[1].texts(200, in: "r1") == heard)
            for speaker in speakers {
                #expect(heard.filter { $0.hasPrefix(speaker.user) } == (1...100).map { "\(speaker.user)-\($0)" })
            }
        }
    }

    @Test func whatIsSaidInOneMillisecondArrivesOnceAndInOrder() async throws {
        try await withServer { live in
            let bob = try await RongClient.connect(live, "bob")
            #expect(await bob.join("r1") == 0)
            // As many as chrmPull counts times from (`TimedEntry.lead`).
            let texts = (1...60).map { "\($0)" }
            for start in stride(from: 0, to: texts.count, by: 20) {
                try await Self.say(Array(texts[start..<start + 20]), from: "alice", inRoom: "r1", live)
            }
            #expect(await bob.texts(texts.count, in: "r1") == texts)
        }
    }

    /// All in one commit.
    private static func say(
        _ texts: [String], from user: String, inRoom room: String, _ live: LiveServer
    ) async throws {
        let sends = texts.map { text in
            Send(
                app: live.app.id, conversation: .chatRoom(room),
                message: Message(
                    sender: UserID(user), content: .text(text), native: Native(dialect: .parley, payload: [])),
                checks: .groupExists)
        }
        for result in try await live.server.core.send(sends) { _ = try result.get() }
    }

    @Test func aUsersOtherDeviceHearsWhatHeSaidInTheRoom() async throws {
        try await withServer { live in
            let phone = try await RongClient.connect(live, "alice")
            let web = try await RongClient.connect(live, "alice", .v3)
            for client in [phone, web] { #expect(await client.join("r1") == 0) }
            #expect(await phone.say("hello", inRoom: "r1")?.status == 0)
            #expect(await web.texts(1, in: "r1") == ["hello"])
            #expect(await web.synced.isEmpty)
            #expect(await phone.notices.isEmpty)
        }
    }

    @Test func whoHasLeftHearsNothing() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            for client in [alice, bob] { #expect(await client.join("r1") == 0) }
            #expect(await alice.members(of: "r1")?.count == 2)
            #expect(await alice.members(of: "r1")?.users == ["alice", "bob"])
            #expect(await bob.leave("r1") == 0)
            #expect(await bob.leave("r1") == 23406)
            #expect(await alice.say("x", inRoom: "r1")?.status == 0)
            #expect(await bob.say("x", inRoom: "r1")?.status == 23406)
            // What comes after it has come.
            #expect(await alice.say("there", to: "bob")?.status == 0)
            #expect(await bob.texts(1) == ["there"])
            #expect(await bob.notices.isEmpty)
            #expect(await alice.members(of: "r1")?.users == ["alice"])
        }
    }

    @Test func aClientThatHasNotPulledIsNotRung() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob", pulls: false)
            #expect(await bob.join("r1") == 0)
            #expect(await alice.join("r1") == 0)
            #expect(await alice.say("room", inRoom: "r1")?.status == 0)
            #expect(await alice.say("hello", to: "bob")?.status == 0)
            await bob.ping()
            #expect(await bob.notices.isEmpty)
            try await bob.startUp()
            #expect(await bob.texts(1) == ["hello"])
            // The pull has passed the room's message.
            #expect(await bob.texts(1, in: "r1") == ["room"])
        }
    }

    // MARK: What is shared

    @Test func attributesAreSharedByTheRules() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            #expect(await bob.set("seat", to: "1", in: "r1") == 23410)
            for client in [alice, bob] { #expect(await client.join("r1") == 0) }
            var notice = WireUpStreamMessage()
            notice.sessionID = 0
            notice.classname = "RC:chrmKVNotiMsg"
            notice.content = Data(#"{"key":"seat","value":"alice","type":1}"#.utf8)
            #expect(await alice.set("seat", to: "alice", in: "r1", announcing: notice) == 0)
            await bob.until { $0.rooms["r1"]?.attributes["seat"] == "alice" }
            await bob.until { $0.rooms["r1"]?.messages.first?.classname == "RC:chrmKVNotiMsg" }
            #expect(await bob.set("seat", to: "bob", in: "r1") == 23424)
            #expect(await bob.set("seat", to: "bob", in: "r1", replacing: true) == 0)
            await alice.until { $0.rooms["r1"]?.attributes["seat"] == "bob" }
            #expect(await bob.set("none", to: nil, in: "r1") == 23427)
            #expect(await bob.set("seat", to: nil, in: "r1") == 0)
            await alice.until { $0.rooms["r1"]?.attributes.isEmpty == true }
            // Who leaves takes along what is his alone.
            #expect(await bob.set("mood", to: "good", in: "r1", leavesWithSetter: true) == 0)
            await alice.until { $0.rooms["r1"]?.attributes["mood"] == "good" }
            #expect(await bob.leave("r1") == 0)
            await alice.until { $0.rooms["r1"]?.attributes.isEmpty == true }
            let backend = try await live.backend()
            let form = "chatroomId=r1&userId=carol&key=topic&value=news"
            #expect(try await backend.rongCloud("/chatroom/entry/set.json", form)["code"]?.int == 200)
            await alice.until { $0.rooms["r1"]?.attributes["topic"] == "news" }
        }
    }

    // MARK: The backend

    @Test func theBackendMutesAndKeepsOut() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            for client in [alice, bob] { #expect(await client.join("r1") == 0) }
            let backend = try await live.backend()
            func order(_ path: String, _ form: String) async throws {
                #expect(try await backend.rongCloud("/chatroom/\(path).json", form)["code"]?.int == 200)
            }
            try await order("user/gag/add", "userId=bob&chatroomId=r1&minute=1")
            #expect(await bob.say("x", inRoom: "r1")?.status == 23408)
            #expect(await alice.say("x", inRoom: "r1")?.status == 0)
            try await order("user/gag/rollback", "userId=bob&chatroomId=r1")
            #expect(await bob.say("x", inRoom: "r1")?.status == 0)
            try await order("ban/add", "chatroomId=r1")
            #expect(await alice.say("x", inRoom: "r1")?.status == 23408)
            try await order("ban/rollback", "chatroomId=r1")
            #expect(await alice.say("x", inRoom: "r1")?.status == 0)
            try await order("user/block/add", "userId=bob&chatroomId=r1&minute=1")
            #expect(await bob.say("x", inRoom: "r1")?.status == 23406)
            #expect(await bob.join("r1") == 23409)
            #expect(await bob.join("r1", backFrom: 1) == 23409)
            try await order("user/block/rollback", "userId=bob&chatroomId=r1")
            #expect(await bob.join("r1") == 0)
        }
    }

    @Test func theBackendSpeaksInARoomAndEndsIt() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", .v2)
            let bob = try await RongClient.connect(live, "bob", .v5)
            for client in [alice, bob] { #expect(await client.join("r1") == 0) }
            let backend = try await live.backend()
            let form = "fromUserId=carol&toChatroomId=r1&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22hi%22%7D"
            #expect(try await backend.rongCloud("/message/chatroom/publish.json", form)["code"]?.int == 200)
            for client in [alice, bob] { #expect(await client.texts(1, in: "r1") == ["hi"]) }
            #expect(try await backend.rongCloud("/chatroom/destroy.json", "chatroomId=r1")["code"]?.int == 200)
            for client in [alice, bob] {
                await client.until { $0.destroyedRooms == ["r1"] }
                #expect(await client.say("x", inRoom: "r1")?.status == 23410)
                #expect(await client.members(of: "r1") == nil)
            }
            // Another room of the same name is another room.
            #expect(await alice.join("r1") == 0)
            #expect(await alice.rooms["r1"]?.texts == [])
            #expect(await bob.join("r1") == 0)
            #expect(await bob.say("again", inRoom: "r1")?.status == 0)
            #expect(await alice.texts(1, in: "r1") == ["again"])
        }
    }

    /// Other vendors address the room as the group that it is.
    @Test func whatOtherVendorsSayInTheRoomArrives() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            #expect(await alice.join("r1") == 0)
            let backend = try await live.backend()
            let tencent =
                #"{"GroupId":"chatroom:r1","Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"tencent"}}]}"#
            #expect(
                try await backend.tencent("group_open_http_svc/send_group_msg", tencent)["ErrorCode"]?.int == 0)
            #expect(await alice.texts(1, in: "r1") == ["tencent"])
            #expect(await alice.say("back", inRoom: "r1")?.status == 0)
        }
    }

    // MARK: Connections that end

    @Test func whoComesBackGoesOnWhereHeWas() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            for client in [alice, bob] { #expect(await client.join("r1") == 0) }
            #expect(await alice.say("one", inRoom: "r1")?.status == 0)
            #expect(await bob.texts(1, in: "r1") == ["one"])
            let cursor = try #require(await bob.rooms["r1"]?.cursor)
            await bob.close()
            #expect(await alice.say("two", inRoom: "r1")?.status == 0)
            // He is still in it.
            #expect(await alice.members(of: "r1")?.users == ["alice", "bob"])
            let again = try await RongClient.connect(live, "bob", inbox: await bob.inbox, outbox: await bob.outbox)
            #expect(await again.join("r1", backFrom: cursor) == 0)
            #expect(await alice.say("three", inRoom: "r1")?.status == 0)
            #expect(await again.texts(2, in: "r1") == ["two", "three"])
        }
    }

    @Test func whoDoesNotComeBackLeaves() async throws {
        try await withServer { live in
            live.server.attendance.grace = .milliseconds(1)
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let other = try await RongClient.connect(live, "bob", .v3)
            for client in [alice, bob] { #expect(await client.join("r1") == 0) }
            #expect(await bob.set("mood", to: "good", in: "r1", leavesWithSetter: true) == 0)
            await alice.until { $0.rooms["r1"]?.attributes["mood"] == "good" }
            await bob.close()
            // As long as one of his clients is there, he is.
            for number in 1...20 { #expect(await alice.say("\(number)", inRoom: "r1")?.status == 0) }
            #expect(await alice.members(of: "r1")?.users == ["alice", "bob"])
            await other.close()
            await alice.until { $0.rooms["r1"]?.attributes.isEmpty == true }
            #expect(await alice.members(of: "r1")?.users == ["alice"])
            #expect(await alice.say("alone", inRoom: "r1")?.status == 0)
        }
    }

    @Test func aServerThatStopsEmptiesNoRoom() async throws {
        let folder = try TemporaryFolder()
        try await withServer(in: folder) { live in
            live.server.attendance.grace = .milliseconds(1)
            let alice = try await RongClient.connect(live, "alice")
            #expect(await alice.join("r1") == 0)
        }
        try await withServer(in: folder) { live in
            let bob = try await RongClient.connect(live, "bob")
            #expect(await bob.members(of: "r1")?.users == ["alice"])
            #expect(await bob.join("r1") == 0)
            // Who has not come back by then is gone.
            try await RoomSweep(core: live.server.core).run()
            #expect(await bob.members(of: "r1")?.users == ["bob"])
        }
    }
}
