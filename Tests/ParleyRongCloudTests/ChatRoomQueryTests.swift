import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

/// What a client's QUERY about a chat room is answered.
@Suite struct ChatRoomQueryTests {
    private static let room = GroupID(chatRoom: "r1")

    private func querier(_ user: String, on bench: Bench, in room: Bool = true) async throws -> Querier {
        let querier = Querier(user, on: bench)
        if room { _ = try await querier.join() }
        return querier
    }

    // MARK: Coming and going

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

    // MARK: What is said

    @Test func whoComesIsShownTheLastAndThenWhatIsNew() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        for text in ["one", "two", "three"] {
            try await bench.say(text, from: "alice", in: .group(Self.room))
            bench.clock.advance(seconds: 1)
        }
        let bob = try await self.querier("bob", on: bench)
        let first = try await bob.pull(after: 0, count: 2)
        #expect(first.list.map(\.roomText) == ["two", "three"])
        #expect(first.list.allSatisfy { $0.type == 4 && $0.groupID == "r1" && $0.fromUserID == "alice" })
        #expect(first.syncTime == first.list.last?.dataTime)
        #expect(try await bob.pull(after: first.syncTime, count: 0).list.isEmpty)
        try await bench.say("four", from: "bob", in: .group(Self.room))
        #expect(try await bob.pull(after: first.syncTime, count: 0).list.map(\.roomText) == ["four"])
        #expect(try await alice.pull(after: first.syncTime, count: 1).list.map(\.roomText) == ["four"])
        #expect(try await bob.pull(after: 0, count: -1).list.isEmpty)
    }

    @Test func theCursorOfAnEmptyRoomIsNotZeroAndMissesNothing() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        let empty = try await alice.pull(after: 0, count: 10)
        #expect(empty.syncTime > 0)
        try await bench.say("in the same millisecond", from: "bob", in: .group(Self.room))
        #expect(try await alice.pull(after: empty.syncTime, count: 10).list.count == 1)
    }

    @Test func messagesOfOneMillisecondHaveTimesOfTheirOwnAndNoneIsLost() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        let texts = (1...30).map { "\($0)" }
        var cursor = try await alice.pull(after: 0, count: 0).syncTime
        var got: [String] = []
        for text in texts {
            try await bench.say(text, from: "bob", in: .group(Self.room))
            let page = try await alice.pull(after: cursor, count: 0)
            got += page.list.map(\.roomText)
            cursor = page.syncTime
        }
        #expect(got == texts)
        let all = try await alice.pull(after: 0, count: 50).list
        #expect(all.map(\.roomText) == texts)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.dataTime < $1.dataTime })
    }

    /// More at once than a page has, and than reading began before what is asked for: times come out the same all the same.
    @Test func inABusyRoomWhoKeepsUpMissesNothingAndGetsNothingTwice() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        func say(_ numbers: Range<Int>) async throws {
            let sends = numbers.map { number in
                Send(
                    app: bench.app.id, conversation: .group(Self.room),
                    message: ParleyCore.Message(
                        sender: UserID("bob"), content: .text("\(number)"),
                        native: Native(dialect: .parley, payload: Array("{}".utf8))))
            }
            for result in try await bench.core.send(sends) { _ = try result.get() }
        }
        try await say(0..<700)
        var cursor = try await alice.pull(after: 0, count: 0).syncTime
        var got: [String] = []
        for start in stride(from: 700, to: 1900, by: 400) {
            bench.clock.advance(milliseconds: 10)
            try await say(start..<start + 400)
            let page = try await alice.pull(after: cursor, count: 10)
            #expect(zip(page.list, page.list.dropFirst()).allSatisfy { $0.dataTime < $1.dataTime })
            #expect(page.list.first.map { $0.dataTime > cursor } == true)
            got += page.list.map(\.roomText)
            cursor = page.syncTime
        }
        #expect(got == (700..<1900).map { "\($0)" })
        // Who has missed more gets the newest.
        try await say(1900..<2500)
        #expect(try await alice.pull(after: cursor, count: 0).list.map(\.roomText) == (2000..<2500).map { "\($0)" })
        // A while later.
        bench.clock.advance(seconds: 60)
        cursor = try await alice.pull(after: cursor, count: 0).syncTime
        #expect(try await alice.pull(after: cursor, count: 0).list.isEmpty)
        try await say(2500..<2501)
        #expect(try await alice.pull(after: cursor, count: 0).list.map(\.roomText) == ["2500"])
    }

    @Test func aPageIsBoundedInBytes() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        let long = String(repeating: "x", count: 100_000)
        for _ in 0..<15 {
            bench.clock.advance(milliseconds: 1)
            try await bench.say(long, from: "bob", in: .group(Self.room))
        }
        let (first, later) = (try await alice.pull(after: 0, count: 50), try await alice.pull(after: 1, count: 0))
        for page in [first, later] {
            #expect((10...11).contains(page.list.count))
            #expect(page.list.last?.dataTime == page.syncTime && page.syncTime == bench.clock.now().milliseconds)
        }
        let history = try await alice.history(from: 0, count: 100, order: 0)
        #expect(history.hasMsg_p == 1 && (10...11).contains(history.list.count))
    }

    @Test func noTimeIsTooOdd() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        try await bench.say("one", from: "bob", in: .group(Self.room))
        #expect(try await alice.pull(after: .min, count: .max).list.map(\.roomText) == ["one"])
        #expect(try await alice.pull(after: .min, count: .min).list.isEmpty)
        let future = try await alice.pull(after: .max, count: 1)
        #expect(future.list.isEmpty && future.syncTime == .max)
    }

    @Test func onlyThoseInTheRoomHearWhatIsSaid() async throws {
        let bench = try await Bench.make()
        _ = try await self.querier("alice", on: bench)
        let bob = try await self.querier("bob", on: bench, in: false)
        let pull = WireChrmPullMsg.with {
            $0.syncTime = 0
            $0.count = 5
        }
        #expect(try await bob.status("chrmPull", target: "r1", pull) == 23406)
        #expect(try await bob.status("chrmPull", target: "none", pull) == 23410)
        #expect(try await bob.status("qryCHMsg", target: "r1", WireHistoryMsgInput()) == 23406)
    }

    @Test func historyGoesBothWaysAndIsNewestFirst() async throws {
        let bench = try await Bench.make()
        let alice = try await self.querier("alice", on: bench)
        for text in ["1", "2", "3", "4", "5"] {
            bench.clock.advance(milliseconds: 1)
            try await bench.say(text, from: "alice", in: .group(Self.room))
        }
        let newest = try await alice.history(from: 0, count: 2, order: 0)
        #expect(newest.list.map(\.roomText) == ["5", "4"])
        #expect(newest.hasMsg_p == 1)
        let older = try await alice.history(from: newest.syncTime, count: 2, order: 0)
        #expect(older.list.map(\.roomText) == ["3", "2"])
        let last = try await alice.history(from: older.syncTime, count: 2, order: 0)
        #expect(last.list.map(\.roomText) == ["1"])
        #expect(last.hasMsg_p == 0)
        let newer = try await alice.history(from: last.list[0].dataTime, count: 3, order: 1)
        #expect(newer.list.map(\.roomText) == ["4", "3", "2"])
        #expect(newer.hasMsg_p == 1)
        #expect(try await alice.history(from: newer.syncTime, count: 3, order: 1).list.map(\.roomText) == ["5"])
    }

    @Test func aRoomIsInNobodysListOfConversations() async throws {
        let bench = try await Bench.make()
        _ = try await self.querier("alice", on: bench)
        _ = try await self.querier("bob", on: bench)
        try await bench.say("hello", from: "alice", in: .group(Self.room))
        let page = try await bench.core.places.conversations(of: UserID("bob"), in: bench.app.id, from: nil, limit: 10)
        #expect(page.summaries.isEmpty)
        #expect(try await bench.core.places.unread(of: UserID("bob"), in: bench.app.id).messages == 0)
    }

    @Test func aMuteInAllRoomsIsNoneInGroupsAndTheOtherWayRound() async throws {
        let bench = try await Bench.make()
        _ = try await self.querier("alice", on: bench)
        func isMuted(in conversation: Conversation) async throws -> Bool {
            let message = ParleyCore.Message(
                sender: UserID("alice"), content: .text("x"),
                native: Native(dialect: .parley, payload: Array("{}".utf8)))
            do {
                _ = try await bench.core.send(
                    Send(app: bench.app.id, conversation: conversation, message: message, checks: [.mutes]))
                return false
            } catch Rejection.senderMuted { return true }
        }
        let (room, group) = (Conversation.group(Self.room), Bench.group)
        try await bench.core.changeUser(UserID("alice"), in: bench.app.id) { $0.mutedInRoomsUntil = .distantFuture }
        #expect(try await isMuted(in: room))
        #expect(try await !isMuted(in: group))
        try await bench.core.changeUser(UserID("alice"), in: bench.app.id) {
            $0.mutedInRoomsUntil = nil
            $0.mutedInGroupsUntil = .distantFuture
        }
        #expect(try await !isMuted(in: room))
        #expect(try await isMuted(in: group))
    }
}

// MARK: - Attributes

@Suite struct ChatRoomAttributeTests {
    private static let room = GroupID(chatRoom: "r1")

    private func pair(on bench: Bench) async throws -> (alice: Querier, bob: Querier) {
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        _ = try await alice.join()
        _ = try await bob.join()
        return (alice, bob)
    }

    @Test func whatOneHasSetAnotherReplacesOnlyByForce() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.set("k", "1") == 0)
        #expect(try await alice.set("k", "2") == 0)
        #expect(try await bob.set("k", "3") == 23424)
        #expect(try await bob.remove("k") == 23424)
        #expect(try await bob.set("k", "3", bits: 2) == 0)
        let all = try await alice.pullKV(after: 0)
        #expect(all.bFullUpdate)
        #expect(all.entries.map(\.value) == ["3"])
        #expect(all.entries.map(\.uid) == ["bob"])
    }

    @Test func whoKnowsSomethingIsToldWhatChangedAlsoWhatIsGone() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.remove("k") == 23427)
        for key in ["a", "b"] { #expect(try await alice.set(key, "1") == 0) }
        let before = try await bob.pullKV(after: 0)
        #expect(try await bob.pullKV(after: before.syncTime).entries.isEmpty)
        #expect(try await alice.remove("a") == 0)
        #expect(try await alice.set("c", "2") == 0)
        let after = try await bob.pullKV(after: before.syncTime)
        #expect(!after.bFullUpdate)
        #expect(after.entries.map(\.key) == ["a", "c"])
        #expect(after.entries.map { $0.status & 4 } == [4, 0])
        #expect(try await bob.pullKV(after: 0).entries.map(\.key) == ["b", "c"])
    }

    @Test func whatIsToGoWithItsSetterGoes() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = try await self.pair(on: bench)
        #expect(try await alice.set("goes", "1", bits: 1) == 0)
        #expect(try await alice.set("stays", "1") == 0)
        let before = try await bob.pullKV(after: 0)
        #expect(before.entries.map { $0.status & 1 } == [1, 0])
        try await bench.core.leaveAllRooms(UserID("alice"), in: bench.app.id)
        #expect(try await bob.pullKV(after: 0).entries.map(\.key) == ["stays"])
        #expect(try await bob.pullKV(after: before.syncTime).entries.map(\.key) == ["goes"])
    }

    @Test func aHundredKeysAreTheMost() async throws {
        let (alice, _) = try await self.pair(on: Bench.make())
        for number in 1...RoomAttribute.limit { #expect(try await alice.set("k\(number)", "v") == 0) }
        #expect(try await alice.set("one-more", "v") == 23423)
        #expect(try await alice.set("k1", "again") == 0)
        #expect(try await alice.remove("k1") == 0)
        #expect(try await alice.set("one-more", "v") == 0)
    }

    @Test func whoHasMissedMoreRemovalsThanAreRememberedIsToldAll() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.set("stays", "v") == 0)
        let before = try await bob.pullKV(after: 0)
        for number in 1...101 {
            #expect(try await alice.set("k\(number)", "v") == 0)
            #expect(try await alice.remove("k\(number)") == 0)
        }
        let after = try await bob.pullKV(after: before.syncTime)
        #expect(after.bFullUpdate)
        #expect(after.entries.map(\.key) == ["stays"])
        // Also when one of those that are remembered is there again.
        #expect(try await alice.set("k101", "v") == 0)
        let again = try await bob.pullKV(after: before.syncTime)
        #expect(again.bFullUpdate && again.entries.map(\.key) == ["stays", "k101"])
        #expect(try await bob.pullKV(after: after.syncTime).entries.map(\.key) == ["k101"])
    }

    @Test func ofManyEachIsForItself() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.set("mine", "1") == 0)
        let request = WireSetChrmKVS.with {
            $0.entry = ["mine", "new"].map { .of($0, "2") }
        }
        let output: WireChrmKVSOutput = try await bob.ask("setKVS", target: "r1", request)
        #expect(output.errorKeys.map(\.key) == ["mine"])
        #expect(output.errorKeys.map(\.errorCode) == [23424])
        #expect(output.keysVersion.map(\.key) == ["new"])
        let removal = WireDeleteChrmKVS.with { $0.entry = ["mine", "gone"].map { .of($0, "", 2) } }
        let removed: WireChrmKVSOutput = try await bob.ask("delKVS", target: "r1", removal)
        #expect(removed.keysVersion.map(\.key) == ["mine"])
        #expect(removed.errorKeys.map(\.errorCode) == [23427])
        let many = WireSetChrmKVS.with { $0.entry = (1...11).map { .of("k\($0)", "2") } }
        #expect(try await bob.status("setKVS", target: "r1", many) == 23429)
    }

    @Test func keysAndRoomsMustBeGood() async throws {
        let bench = try await Bench.make()
        let (alice, _) = try await self.pair(on: bench)
        #expect(try await alice.set("with space", "1") == 23412)
        #expect(try await alice.set("", "1") == 23412)
        #expect(try await alice.set("k", String(repeating: "x", count: 4097)) == 23412)
        #expect(try await Querier("carol", on: bench).set("k", "1") == 23406)
        let pull = WireQueryChrmKV.with { $0.timestamp = 0 }
        #expect(try await Querier("carol", on: bench).status("pullKV", target: "r1", pull) == 23406)
    }

    @Test func aChangeIsToldToAllAndItsMessageSaidInTheRoom() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = try await self.pair(on: bench)
        let request = WireSetChrmKV.with {
            $0.entry = .of("k", "v")
            $0.bNotify = true
            $0.notification = .with {
                $0.sessionID = 0
                $0.classname = "RC:chrmKVNotiMsg"
                $0.contentBytes = Array(#"{"type":1,"key":"k","value":"v","extra":""}"#.utf8)
            }
        }
        #expect(try await alice.status("setKV", target: "r1", request) == 0)
        let changedAt = try await bob.pullKV(after: 0).syncTime
        #expect(
            bench.signals.announcements.last
                == Announcement(
                    app: bench.app.id,
                    event: .attributes(.group(Self.room), changedAt: Timestamp(milliseconds: changedAt)),
                    recipients: .group(Self.room, except: nil)))
        let message = try #require(bench.signals.entries.last?.message)
        #expect(message.sender == UserID("alice"))
        #expect(!message.options.keptInHistory)
        #expect(try await bob.pull(after: 1, count: 0).list.map(\.classname) == ["RC:chrmKVNotiMsg"])
        #expect(try await bob.pull(after: 0, count: 5).list.isEmpty)
    }
}

extension ChatRoomAttributeTests {
    /// What comes along is a message like any other.
    @Test func whoMayNotSpeakChangesAttributesAndIsNotHeard() async throws {
        let backend = try await Backend()
        let (alice, bob) = try await self.pair(on: backend.bench)
        func set(_ value: String, _ classname: String = "RC:chrmKVNotiMsg", _ content: String = "{}") async throws {
            let request = WireSetChrmKV.with {
                $0.entry = .of("k", value)
                $0.notification = .with {
                    $0.sessionID = 1
                    $0.classname = classname
                    $0.contentBytes = Array(content.utf8)
                }
            }
            #expect(try await alice.status("setKV", target: "r1", request) == 0)
            #expect(try await bob.pullKV(after: 0).entries.map(\.value) == [value])
        }
        try await set("1")
        #expect(backend.messages.count == 1)
        #expect(await backend.post("/chatroom/user/gag/add.json", "chatroomId=r1&userId=alice&minute=1").code == 200)
        try await set("2", "RC:TxtMsg", #"{"content":"heard?"}"#)
        #expect(backend.messages.count == 1)
        #expect(await backend.post("/chatroom/user/gag/rollback.json", "chatroomId=r1&userId=alice").code == 200)
        try await set("3", String(repeating: "x", count: 33))
        try await set("4", "RC:TxtMsg", String(repeating: " ", count: 200_000))
        #expect(backend.messages.count == 1)
        try await set("5")
        #expect(backend.messages.count == 2)
    }
}

// MARK: - Asking

extension WireChrmInput {
    fileprivate static let zero = WireChrmInput.with { $0.nothing = 0 }
}

extension WireChrmKVEntity {
    fileprivate static func of(_ key: String, _ value: String, _ bits: Int32 = 0) -> WireChrmKVEntity {
        .with {
            $0.key = key
            $0.value = value
            $0.status = bits
        }
    }
}

extension WireDownStreamMessage {
    fileprivate var roomText: String { (try? JSON(parsing: self.contentBytes))?["content"]?.string ?? "" }
}

extension Querier {
    fileprivate func join(_ topic: String = "joinChrm", _ room: String = "r1") async throws -> WireChrmOutput {
        try await self.ask(topic, target: room, WireChrmInput.zero)
    }

    fileprivate func pull(after time: Int64, count: Int32) async throws -> WireDownStreamMessages {
        try await self.ask(
            "chrmPull", target: "r1",
            WireChrmPullMsg.with {
                $0.syncTime = time
                $0.count = count
            })
    }

    fileprivate func history(from time: Int64, count: Int32, order: Int32) async throws -> WireHistoryMsgOuput {
        try await self.ask(
            "qryCHMsg", target: "r1",
            WireHistoryMsgInput.with {
                $0.targetID = "r1"
                $0.time = time
                $0.count = count
                $0.order = order
            })
    }

    fileprivate func set(_ key: String, _ value: String, bits: Int32 = 0) async throws -> UInt16 {
        try await self.status("setKV", target: "r1", WireSetChrmKV.with { $0.entry = .of(key, value, bits) })
    }

    fileprivate func remove(_ key: String) async throws -> UInt16 {
        try await self.status("delKV", target: "r1", WireDeleteChrmKV.with { $0.entry = .of(key, "") })
    }

    fileprivate func pullKV(after time: Int64) async throws -> WireChrmKVOutput {
        try await self.ask("pullKV", target: "r1", WireQueryChrmKV.with { $0.timestamp = time })
    }
}
