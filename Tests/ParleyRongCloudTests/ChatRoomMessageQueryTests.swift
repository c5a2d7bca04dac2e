import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// What a client's QUERY about what is said in a chat room is answered.
@Suite struct ChatRoomMessageQueryTests {
    private static let room = GroupID(chatRoom: "r1")

    private func querier(_ user: String, on bench: Bench) async throws -> Querier {
        let querier = Querier(user, on: bench)
        _ = try await querier.join()
        return querier
    }

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
        let bob = Querier("bob", on: bench)
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
