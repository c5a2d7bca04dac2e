import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// What a client's QUERY about a chat room is answered: coming and going, and who is there.
@Suite struct ChatRoomQueryTests {
    private static let room = GroupID(chatRoom: "r1")

    private func querier(_ user: String, on bench: Bench, in room: Bool = true) async throws -> Querier {
        let querier = Querier(user, on: bench)
        if room { _ = try await querier.join() }
        return querier
    }

    @Test func whoComesFirstMakesTheRoom() async throws {
        let bench = try await Bench.make()
        let alice = Querier("alice", on: bench)
        #expect(try await alice.status("joinChrmR", target: "r1", WireChrmInput.zero) == 23410)
        #expect(try await alice.join().joinTime == bench.clock.now().milliseconds)
        _ = try await alice.join()
        #expect(try await Querier("bob", on: bench).join("joinChrmR").nothing == 0)
        let room = try #require(try await bench.core.directory.group(Self.room, in: bench.app.id))
        #expect(room.group.type == .chatRoom)
        #expect(Set(room.members.keys.map(\.rawValue)) == ["alice", "bob"])
    }

    @Test func aRoomAndAGroupOfOneIdAreTwo() async throws {
        let bench = try await Bench.make()
        let alice = Querier("alice", on: bench)
        _ = try await alice.join("joinChrm", "demo-group")
        let group = try #require(try await bench.core.directory.group(GroupID("demo-group"), in: bench.app.id))
        #expect(group.group.type == .public)
        #expect(GroupID(chatRoom: "demo-group").chatRoom == "demo-group")
        #expect(GroupID("demo-group").chatRoom == nil)
    }

    @Test func whoIsNotInARoomCannotLeaveIt() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        let bob = try await self.querier("bob", on: bench, in: false)
        #expect(try await bob.status("exitChrm", target: "r1", WireChrmInput.zero) == 23406)
        #expect(try await bob.status("exitChrm", target: "none", WireChrmInput.zero) == 23410)
        #expect(try await bob.status("exitChrm", target: "", WireChrmInput.zero) == 23412)
        #expect(try await alice.status("exitChrm", target: "r1", WireChrmInput.zero) == 0)
        #expect(try await alice.status("exitChrm", target: "r1", WireChrmInput.zero) == 23406)
    }

    @Test func whoIsKeptOutMayNotComeIn() async throws {
        let backend = try await Backend()
        let bench = backend.bench
        let alice = try await self.querier("alice", on: bench)
        #expect(await backend.post("/chatroom/user/block/add.json", "userId=alice&chatroomId=r1&minute=1").code == 200)
        #expect(try await alice.status("joinChrm", target: "r1", WireChrmInput.zero) == 23409)
        #expect(try await alice.status("exitChrm", target: "r1", WireChrmInput.zero) == 23406)
        bench.clock.advance(seconds: 61)
        #expect(try await alice.status("joinChrm", target: "r1", WireChrmInput.zero) == 0)
    }

    /// One whom the backend keeps out while he is on his way in is not in afterwards.
    @Test func whoIsKeptOutWhileHeComesInIsOut() async throws {
        for _ in 0..<20 {
            let backend = try await Backend()
            let alice = try await self.querier("alice", on: backend.bench, in: false)
            _ = try await self.querier("bob", on: backend.bench)
            async let blocked = backend.post("/chatroom/user/block/add.json", "userId=alice&chatroomId=r1&minute=1")
            async let joined = alice.status("joinChrm", target: "r1", WireChrmInput.zero)
            #expect(await blocked.code == 200)
            #expect(try await [0, 23409].contains(joined))
            let room = try #require(try await backend.bench.core.directory.group(Self.room, in: backend.bench.app.id))
            #expect(Set(room.members.keys) == [UserID("bob")])
        }
    }

    @Test func membersOfALargeRoomAreListedInOrder() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        let users = (0..<900).map { UserID("u\($0)") }
        for part in [users[300..<600], users[0..<300], users[600..<900]] {
            bench.clock.advance(seconds: 1)
            _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Self.room, users: Array(part)))
        }
        let room = try #require(try await bench.core.directory.group(Self.room, in: bench.app.id))
        let all = room.members.values.sorted { ($0.joinedAt, $0.user) < ($1.joinedAt, $1.user) }.map(\.user.rawValue)
        func info(_ count: Int32, _ order: Int32) async throws -> [String] {
            let output: WireQueryChatroomInfoOutput = try await alice.ask(
                "queryChrmI", target: "r1",
                WireQueryChatroomInfoInput.with {
                    $0.count = count
                    $0.order = order
                })
            return output.userInfos.map(\.id)
        }
        for count in [1, 7, 450, 500] as [Int32] {
            #expect(try await info(count, 1) == Array(all.prefix(Int(count))))
            #expect(try await info(count, 2) == Array(all.reversed().prefix(Int(count))))
        }
        #expect(try await info(5000, 1) == Array(all.prefix(500)))
    }

    @Test func whoseLastConnectionEndsIsInNoRoomButStaysInGroups() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        _ = try await alice.join("joinChrm", "r2")
        try await bench.core.leaveAllRooms(UserID("alice"), in: bench.app.id)
        let groups = try await bench.core.directory.groups(of: UserID("alice"), in: bench.app.id)
        #expect(groups.map(\.group.id) == [GroupID("demo-group")])
    }

    @Test func membersAreListedByTheTimeOfComing() async throws {
        let bench = try await Bench.make()
        for user in ["carol", "alice", "bob"] {
            _ = try await self.querier(user, on: bench)
            bench.clock.advance(seconds: 1)
        }
        let dave = try await self.querier("dave", on: bench, in: false)
        func info(_ count: Int32, _ order: Int32) async throws -> (Int32, [String]) {
            let output: WireQueryChatroomInfoOutput = try await dave.ask(
                "queryChrmI", target: "r1",
                WireQueryChatroomInfoInput.with {
                    $0.count = count
                    $0.order = order
                })
            return (output.userTotalNums, output.userInfos.map(\.id))
        }
        #expect(try await info(2, 1) == (3, ["carol", "alice"]))
        #expect(try await info(2, 2) == (3, ["bob", "alice"]))
        #expect(try await info(0, 1) == (3, []))
        #expect(try await info(5, 0) == (3, []))
    }

    @Test func thoseInARoomAreToldThatItHasEnded() async throws {
        let backend = try await Backend()
        _ = try await self.querier("alice", on: backend.bench)
        #expect(await backend.post("/chatroom/destroy.json", "chatroomId=r1").code == 200)
        #expect(
            backend.bench.signals.announcements.last
                == Announcement(
                    app: backend.bench.app.id, event: .ended(.group(Self.room)), recipients: .users([UserID("alice")])))
    }
}
