import ParleyCore
import ParleyTesting
import Testing

@Suite struct UnreadTests {
    private let group = Conversation.group(Bench.group)
    private let pair = Conversation.direct(Bench.alice, Bench.bob)

    @Test func onlyWhatOthersSaidIsUnread() async throws {
        let bench = try await Bench.make()
        for sender in [Bench.alice, Bench.bob, "carol", Bench.bob] { try await bench.say(in: self.group, from: sender) }
        #expect(try await bench.unread(in: self.group, of: Bench.alice)?.count == 3)
        #expect(try await bench.unread(in: self.group, of: Bench.bob)?.count == 2)
        #expect(try await bench.unread(in: self.group, of: "dave")?.count == 4)
    }

    /// What each option does to the list and to history, for Alice, who says it, and for Bob.
    @Test func optionsDecideWhatCountsAndWhatIsShown() async throws {
        struct Case {
            var change: (inout MessageOptions) -> Void
            var unread = 1
            /// For Bob.
            var isLast = true
            var isInHistory = true
            var isInSendersHistory = true
            var movesUp = true
        }
        let cases: [(String, Case)] = [
            ("ordinary", Case(change: { _ in })),
            ("not counted", Case(change: { $0.countsAsUnread = false }, unread: 0)),
            ("no update", Case(change: { $0.updatesConversation = false }, isLast: false, movesUp: false)),
            (
                "not kept",
                Case(
                    change: { $0.keptInHistory = false }, isLast: false, isInHistory: false,
                    isInSendersHistory: false, movesUp: false)
            ),
            (
                "live only",
                Case(
                    change: { $0.isLiveOnly = true }, unread: 0, isLast: false, isInHistory: false,
                    isInSendersHistory: false, movesUp: false)
            ),
            (
                "hidden from Bob",
                Case(change: { $0.hiddenFromHistoryOf = [Bench.bob] }, isLast: false, isInHistory: false)
            ),
            ("not to the sender", Case(change: { $0.reachesSender = false }, isInSendersHistory: false)),
        ]
        for (name, expected) in cases {
            let bench = try await Bench.make()
            let before = try await bench.say("before", in: self.group)
            try await bench.core.read(self.group, through: nil, by: Bench.bob, in: bench.app.id)
            let id = try await bench.say(name, in: self.group, expected.change)
            let summary = try #require(try await bench.list(of: Bench.bob).summaries.first)
            #expect(summary.unread.count == expected.unread, "\(name)")
            #expect(summary.lastMessage?.text == (expected.isLast ? name : "before"), "\(name)")
            #expect(summary.activeAt == (expected.movesUp ? id : before).sentAt, "\(name)")
            let forBob = try await bench.history(of: self.group, for: Bench.bob)
            #expect(forBob == (expected.isInHistory ? [name, "before"] : ["before"]), "\(name)")
            let forAlice = try await bench.history(of: self.group, for: Bench.alice)
            #expect(forAlice == (expected.isInSendersHistory ? [name, "before"] : ["before"]), "\(name)")
        }
    }

    @Test func whatIsForOthersDoesNotCount() async throws {
        let bench = try await Bench.make()
        try await bench.say("all", in: self.group)
        try await bench.say("bob", in: self.group, to: .only([Bench.bob]))
        try await bench.say("nobody", in: self.group, to: .only([]))
        #expect(try await bench.unread(in: self.group, of: Bench.bob)?.count == 2)
        #expect(try await bench.unread(in: self.group, of: "carol")?.count == 1)
        #expect(try await bench.summary(of: self.group, for: Bench.bob)?.lastMessage?.text == "bob")
        #expect(try await bench.summary(of: self.group, for: "carol")?.lastMessage?.text == "all")
    }

    @Test func theNewestMentionIsFoundByNameOrWithEveryone() async throws {
        let bench = try await Bench.make()
        let mentions: [Mention?] = [
            nil, .everyone, .users([Bench.bob]), .users(["carol"]), .everyoneAnd(["carol"]), .users(["carol"]), nil,
        ]
        for mention in mentions { try await bench.say(in: self.group) { $0.mention = mention } }
        #expect(try await bench.unread(in: self.group, of: "carol") == Unread(count: 7, mention: 6))
        #expect(try await bench.unread(in: self.group, of: Bench.bob) == Unread(count: 7, mention: 5))
        #expect(try await bench.unread(in: self.group, of: Bench.alice) == Unread())
        try await bench.core.read(self.group, through: 5, by: Bench.bob, in: bench.app.id)
        #expect(try await bench.unread(in: self.group, of: Bench.bob) == Unread(count: 2))
        // One that does not count, is for others, or was taken back, is none.
        try await bench.say(in: self.group) {
            $0.mention = .everyone
            $0.countsAsUnread = false
        }
        try await bench.say(in: self.group, to: .only(["carol"])) { $0.mention = .everyone }
        #expect(try await bench.unread(in: self.group, of: Bench.bob) == Unread(count: 2))
        #expect(try await bench.unread(in: self.group, of: "carol") == Unread(count: 8, mention: 9))
    }

    @Test(arguments: [true, false])
    func whatIsTakenBackOrDeletedIsNotUnread(_ leavesNoTrace: Bool) async throws {
        let bench = try await Bench.make()
        let ids = [
            try await bench.say("one", in: self.pair), try await bench.say("two", in: self.pair),
            try await bench.say("three", in: self.pair) { $0.mention = .everyone },
        ]
        #expect(try await bench.unread(in: self.pair, of: Bench.bob) == Unread(count: 3, mention: 3))
        var recall = RecallMessage(app: bench.app.id, target: .id(ids[2]), by: Bench.alice, byAdministrator: false)
        recall.leavesNoTrace = leavesNoTrace
        try await bench.core.recall(recall)
        #expect(try await bench.unread(in: self.pair, of: Bench.bob) == Unread(count: 2))
        let last = try await bench.summary(of: self.pair, for: Bench.bob)?.lastMessage
        #expect(last?.text == (leavesNoTrace ? "two" : "three"))
        #expect(last?.isRecalled == !leavesNoTrace)
        #expect(
            try await bench.history(of: self.pair, for: Bench.bob)
                == (leavesNoTrace ? ["two", "one"] : ["three", "two", "one"]))
        #expect(try await bench.core.log.entry(ids[2], in: bench.app.id)?.fate.leavesNoTrace == leavesNoTrace)

        try await bench.core.delete([ids[1]], of: self.pair, for: Bench.bob, in: bench.app.id)
        #expect(try await bench.unread(in: self.pair, of: Bench.bob) == Unread(count: 1))
        #expect(try await bench.unread(in: self.pair, of: Bench.alice) == Unread())
    }

    @Test func theSumLeavesOutWhatIsMutedOrRemoved() async throws {
        let bench = try await Bench.make()
        let withCarol = Conversation.direct(Bench.bob, "carol")
        for conversation in [self.group, self.pair, withCarol, .system(Bench.bob)] {
            for _ in 1...2 { try await bench.say(in: conversation, from: "administrator") }
        }
        func sum() async throws -> [Int] {
            let unread = try await bench.core.places.unread(of: Bench.bob, in: bench.app.id)
            return [unread.messages, unread.conversations]
        }
        #expect(try await sum() == [8, 4])
        try await bench.core.read(withCarol, through: 1, by: Bench.bob, in: bench.app.id)
        #expect(try await sum() == [7, 4])
        try await bench.core.read(withCarol, through: nil, by: Bench.bob, in: bench.app.id)
        #expect(try await sum() == [6, 3])
        for conversation in [self.group, self.pair] {
            try await bench.core.changePlace(in: conversation, of: Bench.bob, in: bench.app.id) { place, _, _ in
                place.isMuted = true
            }
        }
        #expect(try await sum() == [2, 1])
        try await bench.core.changePlace(in: .system(Bench.bob), of: Bench.bob, in: bench.app.id) { place, last, _ in
            place.removedThrough = last
        }
        #expect(try await sum() == [0, 0])
    }

    @Test func nothingWaitsForWhomNothingIsDelivered() async throws {
        let bench = try await Bench.make()
        try await bench.core.changeMember(Bench.bob, of: Bench.group, in: bench.app.id) { member, _ in
            member.delivery = .discard
        }
        try await bench.say("said", in: self.group) { $0.mention = .everyone }
        let summary = try #require(try await bench.list(of: Bench.bob).summaries.first)
        #expect(summary.unread == Unread() && summary.place.isMuted && summary.lastMessage?.text == "said")
        #expect(try await bench.history(of: self.group, for: Bench.bob) == ["said"])
    }

    @Test func whatWasSaidBeforeJoiningIsNotUnread() async throws {
        let bench = try await Bench.make()
        try await bench.core.importUser("erin", in: bench.app.id)
        for (type, visible) in [(GroupType.public, ["new"]), (.community, ["new", "old"])] {
            let group = try await bench.makeGroup(type.rawValue, type, owner: Bench.alice)
            try await bench.say("old", in: .group(group))
            _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: group, users: ["erin"]))
            try await bench.say("new", in: .group(group))
            #expect(try await bench.unread(in: .group(group), of: "erin")?.count == 1)
            #expect(try await bench.history(of: .group(group), for: "erin") == visible)
        }
    }

    @Test(arguments: [GroupType.public, .community])
    func whoComesBackFindsNothingOfHisOldListing(_ type: GroupType) async throws {
        let bench = try await Bench.make()
        let id = try await bench.makeGroup("again", type, owner: Bench.alice, members: [Bench.bob])
        let group = Conversation.group(id)
        try await bench.say("old", in: group)
        try await bench.core.changePlace(in: group, of: Bench.bob, in: bench.app.id) { place, last, now in
            place.pinnedAt = now
            place.removedThrough = last
            place.clearedThrough = last
        }
        try await bench.core.removeMembers(RemoveMembers(app: bench.app.id, group: id, users: [Bench.bob]))
        try await bench.say("away", in: group)
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: id, users: [Bench.bob]))
        let place = try await bench.place(of: Bench.bob, in: group)
        #expect(place.pinnedAt == nil && place.removedThrough == nil)
        #expect(try await bench.unread(in: group, of: Bench.bob)?.count == 0)
        try await bench.say("new", in: group)
        #expect(try await bench.unread(in: group, of: Bench.bob)?.count == 1)
        // What he cleared stays cleared; what was said while he was away depends on the group.
        let expected = type == .community ? ["new", "away"] : ["new"]
        #expect(try await bench.history(of: group, for: Bench.bob) == expected)
        #expect(try await bench.list(of: Bench.bob).summaries.map(\.place.conversation) == [group])
    }

    @Test func typesThatDoNotCountDoNotCount() async throws {
        let bench = try await Bench.make()
        for type in [GroupType.meeting, .avChatRoom] {
            let group = try await bench.makeGroup(type.rawValue, type, owner: Bench.alice, members: [Bench.bob])
            try await bench.say(in: .group(group))
            #expect(try await bench.unread(in: .group(group), of: Bench.bob) == Unread())
        }
        // What nobody keeps is in no list.
        #expect(
            try await bench.list(of: Bench.bob).summaries.map(\.place.conversation)
                == [.group(GroupID(GroupType.meeting.rawValue))])
    }
}
