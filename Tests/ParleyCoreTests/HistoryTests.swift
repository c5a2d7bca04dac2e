import ParleyCore
import ParleyTesting
import Testing

@Suite struct HistoryTests {
    private let group = Conversation.group(Bench.group)

    /// All pages, one after the other, as a client asks for them.
    private func pages(
        _ bench: Bench, of conversation: Conversation, for user: UserID, from start: HistoryQuery.Start, limit: Int
    ) async throws -> [Entry] {
        var (found, from) = ([Entry](), start)
        while true {
            let page = try await bench.core.history(
                HistoryQuery(app: bench.app.id, conversation: conversation, user: user, from: from, limit: limit))
            #expect(page.entries.count <= limit)
            found += page.entries
            guard let next = page.next else { return found }
            // Nothing follows an empty page but in conversations where thousands are not for this user.
            #expect(page.entries.count == limit)
            if case .after = start { from = .after(next) } else { from = .before(next) }
        }
    }

    /// A conversation with everything in it that may not be shown to somebody, longer than what is read at a time.
    private func fill(_ bench: Bench, _ conversation: Conversation) async throws {
        var ids: [MessageID] = []
        for number in 0..<260 {
            let sender: UserID = number % 3 == 0 ? Bench.alice : Bench.bob
            let audience: Audience = number % 7 == 2 ? .only([number % 2 == 0 ? "carol" : "dave"]) : .everyone
            ids.append(
                try await bench.say("\(number)", in: conversation, from: sender, to: audience) { options in
                    options.keptInHistory = number % 11 != 5
                    options.isLiveOnly = number % 13 == 6
                    options.reachesSender = number % 17 != 7
                    options.updatesConversation = number % 5 != 0
                    if number % 19 == 8 { options.hiddenFromHistoryOf = ["carol", Bench.alice] }
                })
        }
        for number in stride(from: 4, to: 260, by: 29) {
            var recall = RecallMessage(
                app: bench.app.id, target: .id(ids[number]), by: Bench.bob, byAdministrator: true)
            recall.leavesNoTrace = number % 2 == 0
            try await bench.core.recall(recall)
        }
        try await bench.core.delete(
            stride(from: 3, to: 260, by: 23).map { ids[$0] }, of: conversation, for: "carol", in: bench.app.id)
    }

    @Test func pagesTogetherAreOneBigFilterWhateverTheirLimit() async throws {
        let bench = try await Bench.make()
        try await self.fill(bench, self.group)
        try await bench.core.changePlace(in: self.group, of: "dave", in: bench.app.id) { place, _, _ in
            place.clearedThrough = 100
        }
        let entries = try await bench.entries(of: self.group)
        for user in [Bench.alice, Bench.bob, "carol", "dave"] {
            let id = ConversationID(app: bench.app.id, self.group)
            var viewer = try await bench.core.viewer(user, of: id)
            viewer.hidden = try await bench.core.places.hidden(from: user, in: id, 1...UInt64.max)
            let visible = entries.filter { $0.isVisible(to: viewer, for: .history) }.map(\.id)
            #expect(visible.count > 100 && visible.count < 240)
            let count = visible.count
            for limit in (user == "carol" ? [1, 7] : []) + [50, 199, 200, 201, count - 1, count, count + 1, 1000] {
                let backwards = try await self.pages(bench, of: self.group, for: user, from: .newest, limit: limit)
                #expect(backwards.map(\.id) == visible.reversed())
                let forwards = try await self.pages(bench, of: self.group, for: user, from: .after(0), limit: limit)
                #expect(forwards.map(\.id) == visible)
            }
        }
    }

    @Test func aPageBeginsBesideWhatIsNamed() async throws {
        let bench = try await Bench.make()
        for number in 1...5 { try await bench.say("\(number)", in: self.group) }
        let cases: [(HistoryQuery.Start, [String])] = [
            (.newest, ["5", "4"]), (.before(5), ["4", "3"]), (.before(3), ["2", "1"]), (.before(2), ["1"]),
            (.before(1), []), (.before(0), []), (.before(.max), ["5", "4"]), (.after(0), ["1", "2"]),
            (.after(3), ["4", "5"]), (.after(4), ["5"]), (.after(5), []), (.after(.max), []),
        ]
        for (start, expected) in cases {
            #expect(try await bench.history(of: self.group, for: Bench.bob, from: start, limit: 2) == expected)
        }
        #expect(try await bench.history(of: self.group, for: Bench.bob, limit: 0) == ["5"])
        #expect(try await bench.history(of: self.group, for: Bench.bob, limit: .max).count == 5)
    }

    /// Whichever way, however many at a time, and whatever is asked for: nothing twice, and nothing left out.
    @Test func pagesOfWhatIsAskedForTogetherAreOneBigFilter() async throws {
        let bench = try await Bench.make()
        try await self.fill(bench, self.group)
        let messages = try await bench.entries(of: self.group).filter { $0.message != nil }
        let everything = HistoryQuery(app: bench.app.id, conversation: self.group, user: Bench.bob, limit: 1)
        let seen = try await self.pages(bench, of: self.group, for: Bench.bob, from: .after(0), limit: 300)
        func query(_ change: (inout HistoryQuery) -> Void) -> HistoryQuery {
            var query = everything
            change(&query)
            return query
        }
        let (early, late) = (messages[40].sentAt, messages[230].sentAt)
        let rare: @Sendable (Entry) -> Bool = { $0.text.hasSuffix("7") && $0.message?.sender == Bench.alice }
        let cases: [(HistoryQuery, (Entry) -> Bool)] = [
            (query { $0.includes = rare }, { rare($0) }),
            (query { $0.since = early }, { $0.sentAt >= early }),
            (query { $0.until = late }, { $0.sentAt <= late }),
            (query { ($0.since, $0.until) = (early, late) }, { $0.sentAt >= early && $0.sentAt <= late }),
            (
                query { ($0.since, $0.until, $0.includes) = (early, late, rare) },
                { $0.sentAt >= early && $0.sentAt <= late && rare($0) }
            ),
            (query { ($0.since, $0.until) = (late, early) }, { _ in false }),
            (query { $0.since = late.adding(seconds: 10_000) }, { _ in false }),
            (query { $0.until = Timestamp(milliseconds: 1) }, { _ in false }),
            (query { $0.includes = { _ in false } }, { _ in false }),
        ]
        for (query, isMeant) in cases {
            let expected = seen.filter(isMeant).map(\.id)
            for limit in [1, 3, 20, 199, 200, 300] {
                #expect(try await self.ids(bench, query, .after(0), limit) == expected)
                #expect(try await self.ids(bench, query, .newest, limit) == expected.reversed())
            }
        }
    }

    private func ids(
        _ bench: Bench, _ query: HistoryQuery, _ start: HistoryQuery.Start, _ limit: Int
    ) async throws -> [MessageID] {
        var (found, query) = ([MessageID](), query)
        (query.from, query.limit) = (start, limit)
        while true {
            let page = try await bench.core.history(query)
            #expect(page.entries.count <= limit)
            found += page.entries.map(\.id)
            guard let next = page.next else { return found }
            query.from = start == .newest ? .before(next) : .after(next)
        }
    }

    @Test func thereIsANextOnlyWhenSomethingFollows() async throws {
        let bench = try await Bench.make()
        for number in 1...4 { try await bench.say("\(number)", in: self.group) }
        try await bench.say(in: self.group) { $0.keptInHistory = false }
        func next(_ start: HistoryQuery.Start, _ limit: Int) async throws -> UInt64? {
            try await bench.core.history(
                HistoryQuery(
                    app: bench.app.id, conversation: self.group, user: Bench.bob, from: start, limit: limit)
            ).next
        }
        #expect(try await next(.newest, 3) == 2)
        #expect(try await next(.newest, 4) == nil)
        #expect(try await next(.after(0), 3) == 3)
        // What follows is not for him to see.
        #expect(try await next(.after(0), 4) == nil)
        #expect(try await next(.after(1), 3) == nil)
    }

    @Test func whoJoinedLaterDoesNotFindWhatWasSaidBefore() async throws {
        let bench = try await Bench.make()
        try await bench.core.importUser("erin", in: bench.app.id)
        for type in [GroupType.public, .community] {
            let id = try await bench.makeGroup(type.rawValue, type, owner: Bench.alice)
            for number in 1...3 { try await bench.say("\(number)", in: .group(id)) }
            _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: id, users: ["erin"]))
            for number in 4...5 { try await bench.say("\(number)", in: .group(id)) }
            let expected = type == .community ? ["1", "2", "3", "4", "5"] : ["4", "5"]
            for limit in 1...6 {
                let forwards = try await self.pages(bench, of: .group(id), for: "erin", from: .after(0), limit: limit)
                #expect(forwards.map(\.text) == expected)
                let backwards = try await self.pages(bench, of: .group(id), for: "erin", from: .newest, limit: limit)
                #expect(backwards.map(\.text) == expected.reversed())
            }
        }
    }

    /// Where thousands of messages are for others a page may be short, and `next` still leads to the end.
    @Test func aPageDoesNotReadOnForEver() async throws {
        let bench = try await Bench.make()
        try await bench.say("first", in: self.group)
        var targeted = bench.send(to: self.group)
        targeted.message.audience = .only(["carol"])
        for _ in 0..<5 { _ = try await bench.core.send(Array(repeating: targeted, count: 500)) }
        try await bench.say("last", in: self.group)
        for (start, expected) in [(HistoryQuery.Start.newest, ["last"]), (.after(0), ["first"])] {
            let page = try await bench.core.history(
                HistoryQuery(app: bench.app.id, conversation: self.group, user: Bench.bob, from: start, limit: 10))
            #expect(page.entries.map(\.text) == expected)
            let next = try #require(page.next)
            let rest = try await bench.history(
                of: self.group, for: Bench.bob, from: start == .newest ? .before(next) : .after(next))
            #expect(rest == (start == .newest ? ["first"] : ["last"]))
        }
    }

    @Test func whatTheUserDeletedIsHiddenFromHimAlone() async throws {
        let bench = try await Bench.make()
        let ids = [try await bench.say("one", in: self.group), try await bench.say("two", in: self.group)]
        let elsewhere = try await bench.say(in: .direct(Bench.alice, Bench.bob))
        let recall = try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(elsewhere), by: Bench.alice, byAdministrator: false))
        let asked = [ids[1], ids[1], elsewhere, recall.id, MessageID(rawValue: 1)]
        #expect(try await bench.core.delete(asked, of: self.group, for: Bench.bob, in: bench.app.id) == [ids[1]])
        #expect(bench.signals.announcements.map(\.event) == [.deleted(self.group, [ids[1]])])
        #expect(bench.signals.announcements.map(\.recipients) == [.users([Bench.bob])])
        #expect(try await bench.history(of: self.group, for: Bench.bob) == ["one"])
        #expect(try await bench.summary(of: self.group, for: Bench.bob)?.lastMessage?.text == "one")
        #expect(try await bench.history(of: self.group, for: Bench.alice) == ["two", "one"])
        #expect(try await bench.core.delete(asked, of: self.group, for: Bench.bob, in: bench.app.id).isEmpty)
        #expect(bench.signals.announcements.count == 1)
    }
}
