import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// History as SDKs read it, and what they take out of it.
@Suite struct ClientQueriesHistoryTests {
    /// `count` messages in the direct conversation of alice and bob, `together` of them in each millisecond.
    private static func bench(_ count: Int, together: Int = 1) async throws -> Bench {
        let bench = try await Bench.make()
        for number in 0..<count {
            if number.isMultiple(of: together) { bench.clock.advance(milliseconds: 1) }
            try await bench.say("\(number)", from: number.isMultiple(of: 2) ? "alice" : "bob", in: Bench.direct)
        }
        return bench
    }

    private static func page(
        of querier: Querier, _ topic: String = "qryPMsg", with target: String = "bob", time: Int64 = 0, count: Int32,
        order: Int32 = 0
    ) async throws -> WireHistoryMsgOuput {
        try await querier.ask(
            topic,
            WireHistoryMsgInput.with {
                $0.targetID = target
                $0.time = time
                $0.count = count
                $0.order = order
            })
    }

    /// All of it, page for page; each page newest first.
    private static func all(
        of querier: Querier, _ topic: String = "qryPMsg", with target: String = "bob", from start: Int64 = 0,
        count: Int32, order: Int32
    ) async throws -> [String] {
        var texts: [String] = []
        var time = start
        while true {
            let page = try await self.page(of: querier, topic, with: target, time: time, count: count, order: order)
            let times = page.list.map(\.dataTime)
            #expect(times == times.sorted(by: >), "newest first")
            // Or further on, where much is not for this user.
            if let end = order == 1 ? times.first : times.last {
                #expect(order == 1 ? page.syncTime >= end : page.syncTime <= end)
            }
            let new = page.list.compactMap(\.said)
            texts += order == 1 ? new.reversed() : new
            time = page.syncTime
            if page.hasMsg_p == 0 { return texts }
            #expect(texts.count < 10_000, "it goes on for ever")
        }
    }

    @Test(arguments: [1, 2, 7, 20, 100] as [Int32], [1, 2, 5, 100])
    func pagesByTimeLoseNothingAndRepeatNothing(_ count: Int32, _ together: Int) async throws {
        let alice = Querier("alice", on: try await Self.bench(43, together: together))
        let oldestFirst = (0..<43).map { "\($0)" }
        #expect(try await Self.all(of: alice, count: count, order: 0) == oldestFirst.reversed())
        #expect(try await Self.all(of: alice, count: count, order: 1) == oldestFirst)
    }

    @Test func timesAreExclusiveInBothDirections() async throws {
        let bench = try await Self.bench(9)
        let alice = Querier("alice", on: bench)
        let start = bench.clock.now().milliseconds - 8
        let older = try await Self.page(of: alice, time: start + 4, count: 2)
        #expect(older.list.compactMap(\.said) == ["3", "2"])
        #expect(older.hasMsg_p == 1 && older.syncTime == start + 2)
        let newer = try await Self.page(of: alice, time: start + 4, count: 2, order: 1)
        #expect(newer.list.compactMap(\.said) == ["6", "5"])
        #expect(newer.hasMsg_p == 1 && newer.syncTime == start + 6)
        let last = try await Self.page(of: alice, time: start + 6, count: 2, order: 1)
        #expect(last.list.compactMap(\.said) == ["8", "7"] && last.hasMsg_p == 0)
        let end = try await Self.page(of: alice, time: start + 8, count: 2, order: 1)
        #expect(end.list.isEmpty && end.hasMsg_p == 0 && end.syncTime == start + 8)
        let beginning = try await Self.page(of: alice, time: start, count: 2)
        #expect(beginning.list.isEmpty && beginning.hasMsg_p == 0 && beginning.syncTime == start)
    }

    @Test(arguments: [(0, 20), (-1, 20), (Int32.min, 20), (3, 3), (100, 100), (101, 100), (Int32.max, 100)])
    func aPageHasBounds(_ asked: Int32, _ got: Int) async throws {
        let alice = Querier("alice", on: try await Self.bench(110))
        for order in [0, 1, 2, -1] as [Int32] {
            #expect(try await Self.page(of: alice, count: asked, order: order).list.count == got)
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
    func anyTimeIsATime(_ time: Int64) async throws {
        let alice = Querier("alice", on: try await Self.bench(3))
        let older = try await Self.page(of: alice, time: time, count: 20)
        #expect(older.list.count == (time == 1 ? 0 : 3))
        let newer = try await Self.page(of: alice, time: time, count: 20, order: 1)
        #expect(newer.list.count == (time == Int64.max ? 0 : 3))
    }

    @Test func aMessageIsOfItsConversationWhoeverSentIt() async throws {
        let bench = try await Self.bench(2)
        let seen = try await Self.page(of: Querier("alice", on: bench), count: 20).list
        #expect(seen.map(\.fromUserID) == ["bob", "bob"])
        #expect(seen.map(\.direction) == [0, 1])
        #expect(seen.allSatisfy { $0.type == 1 && MessageUID($0.msgID)?.messageID != nil })
        let mirrored = try await Self.page(of: Querier("bob", on: bench), with: "alice", count: 20).list
        #expect(mirrored.map(\.fromUserID) == ["alice", "alice"])
        #expect(mirrored.map(\.msgID) == seen.map(\.msgID))
    }

    @Test func theConversationIsTheOneThatTheBodyNames() async throws {
        let alice = Querier("alice", on: try await Self.bench(2))
        let input = WireHistoryMsgInput.with { $0.targetID = "carol" }
        #expect(try await alice.ask("qryPMsg", target: "bob", input, WireHistoryMsgOuput.self).list.isEmpty)
    }

    @Test func strangersSeeNothing() async throws {
        let bench = try await Self.bench(2)
        try await bench.say("among us", from: "alice", in: Bench.group)
        let eve = Querier("eve", on: bench)
        for target in ["alice", "bob"] { #expect(try await Self.page(of: eve, with: target, count: 20).list.isEmpty) }
        let group = WireHistoryMsgInput.with { $0.targetID = "demo-group" }
        #expect(try await eve.status("qryGMsg", group) == 22406)
        #expect(try await eve.status("qryGMsg", WireHistoryMsgInput.with { $0.targetID = "no-group" }) == 22406)
        #expect(try await Querier("bob", on: bench).ask("qryGMsg", group, WireHistoryMsgOuput.self).list.count == 1)
    }

    /// Chat rooms are groups to the core.
    @Test func aChatRoomIsNoGroup() async throws {
        let alice = Querier("alice", on: try await Bench.make())
        #expect(try await Self.page(of: alice, "qryGMsg", with: "chatroom:lobby", count: 20).list.isEmpty)
    }

    @Test(arguments: ["qryDMsg", "qryCMsg"])
    func whatDoesNotExistHasNoHistory(_ topic: String) async throws {
        let page = try await Self.page(of: Querier("alice", on: try await Self.bench(2)), topic, time: 5, count: 20)
        #expect(page.list.isEmpty && page.hasMsg_p == 0 && page.syncTime == 5)
    }

    @Test func eachWhomTheAppSpeaksThroughIsAConversation() async throws {
        let bench = try await Bench.make()
        for number in 0..<30 {
            bench.clock.advance(milliseconds: 1)
            let sender = number.isMultiple(of: 3) ? "news" : "billing"
            try await bench.say("\(number)", from: sender, in: .system(UserID("alice")))
        }
        let alice = Querier("alice", on: bench)
        let news = try await Self.all(of: alice, "qrySMsg", with: "news", count: 4, order: 0)
        #expect(news == (0..<30).filter { $0.isMultiple(of: 3) }.map { "\($0)" }.reversed())
        #expect(try await Self.page(of: Querier("bob", on: bench), "qrySMsg", with: "news", count: 20).list.isEmpty)
    }

    /// More of it than one query reads on through, some of it in one millisecond with what is shown.
    @Test(arguments: [0, 1] as [Int32])
    func muchThatIsForOthersIsReadOnThrough(_ order: Int32) async throws {
        let bench = try await Self.bench(5)
        var whisper = Message(
            sender: UserID("bob"), audience: .only([UserID("bob")]), content: .text("-"),
            native: RongCloudText("-").native)
        whisper.options.keptInHistory = false
        let draft = Draft(
            conversation: ConversationID(app: bench.app.id, Bench.direct), body: .message(whisper))
        _ = try await bench.core.log.append(Array(repeating: draft, count: 6500))
        for number in 5..<8 { try await bench.say("\(number)", from: "alice", in: Bench.direct) }
        let all = try await Self.all(of: Querier("alice", on: bench), count: 20, order: order)
        #expect(Set(all) == Set((0..<8).map { "\($0)" }) && all.count == 8)
    }

    @Test func longMessagesMakeShortPages() async throws {
        let bench = try await Bench.make()
        for _ in 0..<20 {
            bench.clock.advance(milliseconds: 1)
            try await bench.say(String(repeating: "x", count: 120 << 10), from: "bob", in: Bench.direct)
        }
        let alice = Querier("alice", on: bench)
        let page = try await Self.page(of: alice, count: 20)
        #expect((8...10).contains(page.list.count) && page.hasMsg_p == 1)
        #expect(try await Self.all(of: alice, count: 20, order: 0).count == 20)
    }

    // MARK: Deleting

    private static func texts(of querier: Querier) async throws -> [String] {
        try await self.page(
            of: querier, with: querier.caller.user == UserID("alice") ? "bob" : "alice", count: 100
        ).list.compactMap(\.said)
    }

    private static func deletion(_ messages: [WireDeleteMsg], with target: String = "bob") -> WireDeleteMsgInput {
        WireDeleteMsgInput.with {
            $0.type = 1
            $0.conversationID = target
            $0.msgs = messages
        }
    }

    @Test func aMessageIsDeletedForOneUser() async throws {
        let bench = try await Self.bench(4)
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        let uid = try await Self.page(of: alice, count: 4).list[1].msgID
        let output: WireDeleteMsgOutput = try await alice.ask(
            "delMsg", Self.deletion([.with { $0.msgID = uid }, .with { $0.msgID = "who-knows" }]))
        #expect(output.nothing == 0)
        #expect(try await Self.texts(of: alice) == ["3", "1", "0"])
        #expect(try await Self.texts(of: bob) == ["3", "2", "1", "0"])
    }

    @Test func aMessageWithoutAnIDIsDeletedByItsTimeAndDirection() async throws {
        let bench = try await Self.bench(6, together: 2)
        let alice = Querier("alice", on: bench)
        let moment = bench.clock.now().milliseconds - 1
        let received = Self.deletion([
            .with {
                $0.msgDataTime = moment
                $0.direct = 2
            }
        ])
        _ = try await alice.ask("delMsg", received, WireDeleteMsgOutput.self)
        #expect(try await Self.texts(of: alice) == ["5", "4", "2", "1", "0"])
        _ = try await alice.ask("delMsg", Self.deletion([.with { $0.msgDataTime = moment }]), WireDeleteMsgOutput.self)
        #expect(try await Self.texts(of: alice) == ["5", "4", "1", "0"])
    }

    @Test func nobodyDeletesWhereHeIsNot() async throws {
        let bench = try await Self.bench(1)
        try await bench.say("among us", from: "alice", in: Bench.group)
        let (alice, eve) = (Querier("alice", on: bench), Querier("eve", on: bench))
        let uid = try await Self.page(of: alice, count: 1).list[0].msgID
        _ = try await eve.ask(
            "delMsg", Self.deletion([.with { $0.msgID = uid }], with: "alice"), WireDeleteMsgOutput.self)
        #expect(try await Self.texts(of: alice) == ["0"])
        var input = Self.deletion([.with { $0.msgID = uid }], with: "demo-group")
        input.type = 3
        #expect(try await eve.status("delMsg", input) == 22406)
        for type in [0, 2, 4, 5, 9, -1, Int32.max] as [Int32] {
            input.type = type
            #expect(try await alice.status("delMsg", input) == 33003)
        }
        let many = Self.deletion(Array(repeating: .with { $0.msgID = uid }, count: 201))
        #expect(try await alice.status("delMsg", many) == 33003)
    }

    @Test func aConversationIsClearedThroughATime() async throws {
        let bench = try await Self.bench(6)
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        var input = WireCleanHisMsgInput.with {
            $0.targetID = "bob"
            $0.dataTime = bench.clock.now().milliseconds - 2
        }
        try await alice.tell("cleanPMsg", input)
        #expect(try await Self.texts(of: alice) == ["5", "4"])
        // It goes only forward.
        input.dataTime = 1
        try await alice.tell("cleanPMsg", input)
        #expect(try await Self.texts(of: alice) == ["5", "4"])
        input.dataTime = 0
        try await alice.tell("cleanPMsg", input)
        #expect(try await Self.texts(of: alice).isEmpty)
        #expect(try await Self.texts(of: bob).count == 6)
        try await bench.say("after", from: "bob", in: Bench.direct)
        #expect(try await Self.texts(of: alice) == ["after"])
    }

    @Test func clearingIsForMembers() async throws {
        let bench = try await Bench.make()
        try await bench.say("among us", from: "alice", in: Bench.group)
        let input = WireCleanHisMsgInput.with {
            $0.targetID = "demo-group"
            $0.dataTime = 0
        }
        #expect(try await Querier("eve", on: bench).status("cleanGMsg", input) == 22406)
        try await Querier("bob", on: bench).tell("cleanGMsg", input)
        for topic in ["cleanDMsg", "cleanCMsg", "cleanSMsg"] { try await Querier("bob", on: bench).tell(topic, input) }
        #expect(try await bench.place(of: "bob", in: Bench.group).clearedThrough > 0)
        #expect(try await bench.place(of: "carol", in: Bench.group).clearedThrough == 0)
    }
}
