import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// The list of conversations, and how its user wants to see them.
@Suite struct ClientQueriesConversationTests {
    /// alice has, newest first: a group, a system conversation, bob, carol.
    private static func bench() async throws -> Bench {
        let bench = try await Bench.make()
        let said: [(String, String, Conversation)] = [
            ("one", "carol", .direct(UserID("alice"), UserID("carol"))),
            ("two", "alice", Bench.direct), ("three", "bob", Bench.direct), ("four", "bob", Bench.direct),
            ("five", "news", .system(UserID("alice"))), ("six", "carol", Bench.group),
        ]
        for (text, sender, conversation) in said {
            bench.clock.advance(seconds: 1)
            try await bench.say(text, from: sender, in: conversation)
        }
        return bench
    }

    private static func list(
        of querier: Querier, type: Int32 = 1, count: Int32 = 0, time: Int64 = 0, order: Int32 = 0
    ) async throws -> WireRelationsOutput {
        try await querier.ask(
            "qryRelationR",
            WireRelationQryInput.with {
                $0.type = type
                $0.count = count
                $0.startTime = time
                $0.order = order
            })
    }

    private static func oldList(of querier: Querier, count: Int32) async throws -> WireRelationsOutput {
        try await querier.ask(
            "qryRelation",
            WireRelationsInput.with {
                $0.type = 1
                $0.count = count
            })
    }

    private static func setState(
        _ type: Int32, _ target: String, _ items: (Int32, String)...
    ) -> WireSessionStateModifyReq {
        .with {
            $0.version = 0
            $0.state = [
                .with {
                    $0.type = type
                    $0.channelID = target
                    $0.stateItem = items.map { item in
                        .with {
                            $0.sessionStateType = item.0
                            $0.value = item.1
                        }
                    }
                }
            ]
        }
    }

    @Test func theListIsNewestFirstWithWhatWasSaidLast() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        for list in [try await Self.list(of: alice), try await Self.oldList(of: alice, count: 0)] {
            #expect(list.isFinished)
            #expect(list.info.map(\.userID) == ["demo-group", "news", "bob", "carol"])
            #expect(list.info.map(\.type) == [3, 6, 1, 1])
            #expect(list.info.map { $0.msg.said } == ["six", "five", "four", "one"])
            #expect(list.info.map(\.msg.fromUserID) == ["carol", "news", "bob", "carol"])
            #expect(list.info.map(\.unreadCount) == [1, 1, 2, 1])
            #expect(list.info.allSatisfy { $0.readMsgTime == 0 })
        }
    }

    @Test func whatWasReadTellsWhen() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        try await bench.core.read(Bench.direct, through: 2, by: UserID("alice"), in: bench.app.id)
        try await bench.core.read(Bench.group, through: nil, by: UserID("alice"), in: bench.app.id)
        let list = try await Self.list(of: alice).info
        #expect(list.map(\.unreadCount) == [0, 1, 1, 1])
        let now = bench.clock.now().milliseconds
        #expect(list.map(\.readMsgTime) == [now, 0, now - 3000, 0])
    }

    @Test func pinnedOnesAreInTheOrderOfTimeToo() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        _ = try await alice.ask("setSeAtt", Self.setState(1, "carol", (2, "1")), WireSessionStateModifyResp.self)
        let list = try await Self.list(of: alice)
        #expect(list.info.map(\.userID) == ["demo-group", "news", "bob", "carol"])
        #expect(try await Self.list(of: alice, count: 2).info.map(\.userID) == ["demo-group", "news"])
    }

    @Test(arguments: [1, 2, 3, 100] as [Int32], [1, 4])
    func pagesByTimeLoseNothingAndRepeatNothing(_ count: Int32, _ together: Int) async throws {
        let bench = try await Bench.make()
        for number in 0..<130 {
            if number.isMultiple(of: together) { bench.clock.advance(milliseconds: 1) }
            try await bench.say("hi", from: "u\(number)", in: .direct(UserID("alice"), UserID("u\(number)")))
        }
        let alice = Querier("alice", on: bench)
        for pinned in ["u7", "u99"] {
            _ = try await alice.ask("setSeAtt", Self.setState(1, pinned, (2, "1")), WireSessionStateModifyResp.self)
        }
        var found: [String] = []
        var time: Int64 = 0
        while true {
            let page = try await Self.list(of: alice, count: count, time: time)
            found += page.info.map(\.userID)
            time = page.info.last?.msg.dataTime ?? time
            if page.isFinished || page.info.isEmpty { break }
        }
        #expect(found.count == 130 && Set(found).count == 130)
    }

    @Test func newerOnesAreThoseAfterATime() async throws {
        let bench = try await Self.bench()
        let list = try await Self.list(
            of: Querier("alice", on: bench), time: bench.clock.now().milliseconds - 2000, order: 1)
        #expect(list.info.map(\.userID) == ["demo-group", "news"])
    }

    @Test func aTypeOtherThanTheFirstIsThatAlone() async throws {
        let alice = Querier("alice", on: try await Self.bench())
        #expect(try await Self.list(of: alice, type: 3).info.map(\.userID) == ["demo-group"])
        #expect(try await Self.list(of: alice, type: 6).info.map(\.userID) == ["news"])
        #expect(try await Self.list(of: alice, type: 4).info.isEmpty)
        #expect(try await Self.list(of: alice, count: -5, time: -5).info.count == 4)
        #expect(try await Self.list(of: alice, count: Int32.max, time: Int64.max).info.count == 4)
    }

    @Test func whatIsRecalledIsStillInTheList() async throws {
        let bench = try await Self.bench()
        let last = try #require(bench.signals.entries.last { $0.message?.content == .text("four") })
        try await bench.core.recall(
            RecallMessage(
                app: bench.app.id, conversation: Bench.direct, target: .id(last.id), by: UserID("bob"),
                byAdministrator: false))
        let info = try await Self.list(of: Querier("alice", on: bench)).info
        #expect(info.map(\.userID).contains("bob"))
    }

    @Test func aConversationIsRemovedUntilSomethingIsSaid() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        try await alice.tell("delRelation", target: "bob", WireRelationsInput.with { $0.type = 1 })
        // v4 says it with another message.
        let v4 = WireRelationQryInput.with {
            $0.type = 3
            $0.count = 10
            $0.startTime = 5
            $0.order = 1
        }
        try await alice.tell("delRelation", target: "demo-group", v4)
        #expect(try await Self.list(of: alice).info.map(\.userID) == ["news", "carol"])
        bench.clock.advance(seconds: 1)
        try await bench.say("again", from: "bob", in: Bench.direct)
        #expect(try await Self.list(of: alice).info.map(\.userID) == ["bob", "news", "carol"])
        // Of what is not there, nothing is left.
        for type in [1, 2, 4, 99] as [Int32] {
            try await alice.tell("delRelation", target: "nobody", WireRelationsInput.with { $0.type = type })
        }
        let group = WireRelationsInput.with { $0.type = 3 }
        #expect(try await Querier("eve", on: bench).status("delRelation", target: "demo-group", group) == 22406)
    }

    // MARK: States

    private static func states(of querier: Querier, since time: Int64 = 0) async throws -> [String: [String]] {
        let states: WireSessionStates = try await querier.ask("pullSeAtts", WireSessionReq.with { $0.time = time })
        return Dictionary(
            uniqueKeysWithValues: states.state.map { state in
                ("\(state.type):\(state.channelID)", state.stateItem.map { "\($0.sessionStateType)=\($0.value)" })
            })
    }

    @Test func statesAreSetAndPulled() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        var request = Self.setState(1, "bob", (1, "1"))
        request.state += Self.setState(3, "demo-group", (1, "1"), (2, "1"), (3, "tag")).state
        let response: WireSessionStateModifyResp = try await alice.ask("setSeAtt", request)
        #expect(response.version == bench.clock.now().milliseconds)
        #expect(try await Self.states(of: alice) == ["1:bob": ["1=1", "2=0"], "3:demo-group": ["1=1", "2=1"]])
        #expect(try await bench.place(of: "alice", in: Bench.direct).isMuted)
        let group = try await bench.core.directory.group(GroupID("demo-group"), in: bench.app.id)
        #expect(group?.members[UserID("alice")]?.delivery == .silent)
        // His other devices are told by these.
        #expect(
            bench.signals.announcements.filter { if case .place = $0.event { true } else { false } }.count == 2)
        #expect(try await Self.states(of: Querier("bob", on: bench)).isEmpty)
    }

    @Test func whoHasStatesLearnsThatOneEnded() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        _ = try await alice.ask("setSeAtt", Self.setState(6, "news", (2, "1")), WireSessionStateModifyResp.self)
        #expect(try await Self.states(of: alice) == ["6:news": ["1=0", "2=1"]])
        _ = try await alice.ask("setSeAtt", Self.setState(6, "news", (2, "0")), WireSessionStateModifyResp.self)
        #expect(try await Self.states(of: alice).isEmpty)
        let off = ["1=0", "2=0"]
        #expect(
            try await Self.states(of: alice, since: 1)
                == ["1:bob": off, "1:carol": off, "3:demo-group": off, "6:news": off])
    }

    @Test func aPinnedConversationInWhichNothingWasSaidIsAmongThem() async throws {
        let alice = Querier("alice", on: try await Bench.make())
        _ = try await alice.ask("setSeAtt", Self.setState(1, "bob", (2, "1")), WireSessionStateModifyResp.self)
        #expect(try await Self.states(of: alice) == ["1:bob": ["1=0", "2=1"]])
    }

    @Test func statesThatCannotBeAreRefused() async throws {
        let bench = try await Self.bench()
        let alice = Querier("alice", on: bench)
        #expect(try await alice.status("setSeAtt", Self.setState(4, "lobby", (1, "1"))) == 33003)
        #expect(try await alice.status("setSeAtt", Self.setState(1, "", (1, "1"))) == 33003)
        #expect(try await alice.status("setSeAtt", Self.setState(1, "bob", (1, "yes"))) == 33003)
        #expect(try await alice.status("setSeAtt", Self.setState(1, "nobody", (1, "1"))) == 24366)
        var many = Self.setState(1, "bob", (1, "1"))
        many.state = Array(repeating: many.state[0], count: 101)
        #expect(try await alice.status("setSeAtt", many) == 33003)
        let group = Self.setState(3, "demo-group", (1, "1"))
        #expect(try await Querier("eve", on: bench).status("setSeAtt", group) == 22406)
        #expect(try await Self.states(of: alice).isEmpty)
    }

    @Test func theStatusTellsWhetherAConversationRings() async throws {
        let bench = try await Bench.make()
        let alice = Querier("alice", on: bench)
        let bob = WireBlockPushInput.with { $0.blockeeID = "bob" }
        #expect(try await alice.status("qryPPush", bob) == 1)
        try await alice.tell("blkPPush", bob)
        #expect(try await alice.status("qryPPush", bob) == 0)
        #expect(try await bench.place(of: "alice", in: Bench.direct).isMuted)
        try await alice.tell("unblkPPush", bob)
        #expect(try await alice.status("qryPPush", bob) == 1)
        #expect(try await alice.status("blkPPush", WireBlockPushInput.with { $0.blockeeID = "nobody" }) == 24366)
    }
}
