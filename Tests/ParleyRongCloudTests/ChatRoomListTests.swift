import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// What the backend says of chat rooms and their users, where it makes a difference to clients.
@Suite struct ChatRoomListTests {
    private let backend: Backend
    private var bench: Bench { self.backend.bench }

    init() async throws { self.backend = try await Backend() }

    private func post(_ path: String, _ form: String) async { #expect(await self.backend.post(path, form).code == 200) }

    private func status(_ user: String, _ objectName: String = "RC:TxtMsg") async throws -> UInt16 {
        try await Client(bench: self.bench, user: UserID(user)).status("chatMsg", to: "r1", objectName)
    }

    @Test func whoIsOnTheListMaySpeakInAMutedRoomUnlessHeIsMutedHimself() async throws {
        await self.post("/chatroom/create.json", "chatroom[r1]=one")
        await self.post("/chatroom/join.json", "chatroomId=r1&userId=alice&userId=bob")
        await self.post("/chatroom/user/ban/whitelist/add.json", "chatroomId=r1&userId=bob")
        #expect(try await (self.status("alice"), self.status("bob")) == (0, 0))
        await self.post("/chatroom/ban/add.json", "chatroomId=r1")
        #expect(try await (self.status("alice"), self.status("bob")) == (23408, 0))

        await self.post("/chatroom/user/gag/add.json", "chatroomId=r1&userId=bob&minute=1")
        #expect(try await self.status("bob") == 23408)
        self.bench.clock.advance(seconds: 61)
        #expect(try await self.status("bob") == 0)

        await self.post("/chatroom/user/ban/add.json", "userId=bob&minute=1")
        #expect(try await self.status("bob") == 23408)
        await self.post("/chatroom/user/ban/remove.json", "userId=bob")
        #expect(try await self.status("bob") == 0)

        await self.post("/chatroom/user/ban/whitelist/rollback.json", "chatroomId=r1&userId=bob")
        #expect(try await self.status("bob") == 23408)
        await self.post("/chatroom/ban/rollback.json", "chatroomId=r1")
        #expect(try await self.status("bob") == 0)
    }

    /// Who is not in the room may not speak, whatever list he is on.
    @Test func theListIsForMembers() async throws {
        await self.post("/chatroom/create_new.json", "chatroomId=r1&isBan=true")
        await self.post("/chatroom/user/ban/whitelist/add.json", "chatroomId=r1&userId=bob")
        #expect(try await self.status("bob") == 23406)
    }

    @Test func aBusyRoomDropsWhatTheAppSaysFirstAndWhatItSaysNever() async throws {
        await self.post("/chatroom/create.json", "chatroom[r1]=one")
        await self.post("/chatroom/join.json", "chatroomId=r1&userId=alice")
        await self.post("/chatroom/message/priority/add.json", "objectName=app:like")
        await self.post("/chatroom/whitelist/add.json", "objectnames=app:gift")
        let limit = CoreLimits().groupMessagesPerSecond
        for _ in 0..<limit { #expect(try await self.status("alice", "app:like") == 0) }
        #expect(try await self.status("alice", "app:like") == 20604)
        for _ in 0..<limit { #expect(try await self.status("alice") == 0) }
        #expect(try await self.status("alice") == 20604)
        #expect(try await self.status("alice", "app:gift") == 0)
        await self.post("/chatroom/whitelist/delete.json", "objectnames=app:gift")
        #expect(try await self.status("alice", "app:gift") == 20604)
        self.bench.clock.advance(seconds: 1)
        #expect(try await self.status("alice", "app:like") == 0)
    }

    @Test func typesThatAreNamedAtOnceAreAllKept() async throws {
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask { await self.post("/chatroom/whitelist/add.json", "objectnames=app:\(number)") }
                group.addTask { await self.post("/chatroom/message/priority/add.json", "objectName=app:\(number)") }
            }
        }
        let settings = try #require(try await self.bench.core.directory.app(self.bench.app.id)).settings
        let all = Set((0..<50).map { "app:\($0)" })
        #expect(Set(settings.roomTypesNeverDropped) == all && Set(settings.roomTypesDroppedFirst) == all)
        let many = (0..<20).map { "objectName=other:\($0)" }.joined(separator: "&")
        await self.post("/chatroom/message/priority/add.json", many)
        await self.post("/chatroom/message/priority/add.json", many.replacing("other", with: "third"))
        let refused = await self.backend.post(
            "/chatroom/message/priority/add.json", many.replacing("other", with: "fourth"))
        #expect(refused.status == 400)
    }

    @Test func whomTheAppKeepsStaysAndIsAlwaysHeard() async throws {
        await self.post("/chatroom/create_new.json", "chatroomId=r1&whiteUserIds=bob")
        await self.post("/chatroom/join.json", "chatroomId=r1&userId=alice&userId=bob")
        for _ in 0..<CoreLimits().groupMessagesPerSecond { #expect(try await self.status("alice") == 0) }
        #expect(try await (self.status("alice"), self.status("bob")) == (20604, 0))
        for user in ["alice", "bob"] {
            try await self.bench.core.leaveAllRooms(UserID(user), in: self.bench.app.id)
        }
        #expect(try await (self.status("alice"), self.status("bob")) == (23406, 0))
    }

    @Test func whatIsNotDistributedNobodyHears() async throws {
        await self.post("/chatroom/create.json", "chatroom[r1]=one")
        await self.post("/chatroom/join.json", "chatroomId=r1&userId=alice")
        await self.post("/chatroom/message/stopDistribution.json", "chatroomId=r1")
        #expect(try await self.status("alice") == 0)
        #expect(self.backend.messages.isEmpty)
        await self.post(
            "/message/chatroom/publish.json", "fromUserId=alice&toChatroomId=r1&objectName=RC:TxtMsg&content={}")
        #expect(self.backend.messages.count == 1)
        await self.post("/chatroom/message/resumeDistribution.json", "chatroomId=r1")
        #expect(try await self.status("alice") == 0)
        #expect(self.backend.messages.count == 2)
        await self.post("/chatroom/message/resumeDistribution.json", "chatroomId=none")
        #expect(await self.backend.post("/chatroom/message/stopDistribution.json", "chatroomId=none").code == 1002)
    }

    @Test func aRoomEndsWhenTheAppSaid() async throws {
        func rooms() async throws -> [String] {
            try await self.bench.core.directory.rooms(in: self.bench.app.id, .all, offset: 0, limit: 9)
                .compactMap(\.chatRoom)
        }
        func pass(minutes: Int64) async throws {
            self.bench.clock.advance(seconds: minutes * 60)
            try await self.bench.core.endRooms()
        }
        await self.post("/chatroom/create.json", "chatroom[usual]=x")
        await self.post("/chatroom/create_new.json", "chatroomId=long&destroyTime=120")
        await self.post("/chatroom/create_new.json", "chatroomId=fixed&destroyType=1&destroyTime=180")
        await self.post("/chatroom/create.json", "chatroom[kept]=x")
        await self.post("/chatroom/keepalive/add.json", "chatroomId=kept")
        try await pass(minutes: 60)
        #expect(try await rooms() == ["kept", "fixed", "long"])
        await self.post("/chatroom/join.json", "chatroomId=long&userId=alice")
        await self.post("/chatroom/join.json", "chatroomId=fixed&userId=alice")
        try await pass(minutes: 119)
        #expect(try await rooms() == ["kept", "fixed", "long"])
        try await pass(minutes: 1)
        #expect(try await rooms() == ["kept"])
        await self.post("/chatroom/destroy/set.json", "chatroomId=kept&destroyTime=60")
        try await pass(minutes: 60)
        #expect(try await rooms() == ["kept"])
        await self.post("/chatroom/keepalive/remove.json", "chatroomId=kept")
        try await pass(minutes: 0)
        #expect(try await rooms().isEmpty)

        try await self.bench.core.directory.changeApp(self.bench.app.id) { $0.settings.roomIdleSeconds = 0 }
        await self.post("/chatroom/create.json", "chatroom[usual]=x")
        try await pass(minutes: 100_000)
        #expect(try await rooms() == ["usual"])
    }

    @Test func whatIsBroadcastIsSaidInEveryRoomAndNowhereElse() async throws {
        let rooms = (1...230).map { "r\($0)" }
        for names in [rooms.prefix(100), rooms.dropFirst(100).prefix(100), rooms.dropFirst(200)] {
            await self.post("/chatroom/create.json", names.map { "chatroom[\($0)]=x" }.joined(separator: "&"))
        }
        await self.post(
            "/message/chatroom/broadcast.json", "fromUserId=alice&objectName=RC:TxtMsg&content={\"content\":\"all\"}")
        let heard = self.bench.signals.entries.filter { $0.message != nil }.map(\.conversation.conversation)
        #expect(heard.count == rooms.count && Set(heard) == Set(rooms.map { .group(GroupID(chatRoom: $0)) }))
    }

    @Test func whatIsRemovedCanBeTold() async throws {
        await self.post("/chatroom/create.json", "chatroom[r1]=one")
        await self.post("/chatroom/entry/set.json", "chatroomId=r1&userId=alice&key=k&value=v")
        #expect(self.backend.messages.isEmpty)
        await self.post("/chatroom/entry/remove.json", "chatroomId=r1&userId=alice&key=k")
        #expect(self.backend.messages.isEmpty)
        await self.post(
            "/chatroom/entry/remove.json",
            "chatroomId=r1&userId=alice&key=k&objectName=RC:chrmKVNotiMsg&content={\"type\":2,\"key\":\"k\"}")
        #expect(self.backend.messages.map(\.sender) == [UserID("alice")])
    }
}
