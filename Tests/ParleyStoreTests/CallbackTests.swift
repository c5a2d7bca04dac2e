import GRDB
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct CallbackTests {
    private static let start = MessageID(rawValue: 0)
    private static let other = AppID("other")

    /// The App as it is when it has these rules.
    private func app(_ id: AppID = Scene.app, rules: [String]) -> App {
        var app = App(
            id: id, credentials: [Credential(dialect: .parley, key: id.rawValue, secret: "s")],
            createdAt: .distantPast)
        app.settings.callbacks = rules.map {
            CallbackRule(name: $0, dialect: .parley, url: "http://a/", topics: [.message])
        }
        return app
    }

    private func record(
        _ number: UInt64, rule: String = "r", _ outcome: CallbackRecord.Outcome = .accepted,
        at moment: Timestamp = Timestamp(seconds: 9), status: Int? = 200
    ) -> CallbackRecord {
        CallbackRecord(
            rule: rule, call: "Group.CallbackAfterSendMsg", entry: MessageID(rawValue: number), sentAt: moment,
            milliseconds: 12, attempts: 1, outcome: outcome, status: status, detail: "d")
    }

    private func foreign(_ text: String) -> Draft {
        Draft(conversation: ConversationID(app: Self.other, .group(GroupID("g"))), body: .text(text))
    }

    // MARK: The log

    @Test(arguments: Place.allCases)
    func thingsComeInTheOrderInWhichTheyWereSaidWhateverTheConversation(_ place: Place) async throws {
        let scene = try Scene(place)
        #expect(try await scene.store.end() == Self.start)
        let receipts = try await scene.store.append([
            scene.draft("1"), scene.draft("2", to: "h"), scene.draft("3"),
            Draft(conversation: scene.conversation("h"), body: .notice(.joined(["bob"], by: nil))),
        ])
        let (first, middle) = try await scene.store.entries(in: Scene.app, after: Self.start, limit: 2)
        #expect(first.map(\.text) == ["1", "2"] && first.map(\.conversation) == ["g", "h"].map(scene.conversation))
        #expect(middle == receipts[1].id)
        let (rest, end) = try await scene.store.entries(in: Scene.app, after: middle, limit: 10)
        #expect(rest.map(\.id) == receipts[2...].map(\.id) && end == receipts[3].id)
        let (none, same) = try await scene.store.entries(in: Scene.app, after: end, limit: 10)
        #expect(none.isEmpty && same == end)
        #expect(try await scene.store.end() == end)
    }

    @Test(arguments: Place.allCases)
    func whatIsSaidInOtherAppsIsPassedOver(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append((1...5).map { self.foreign("\($0)") } + [scene.draft("own")])
        let (none, through) = try await scene.store.entries(in: Scene.app, after: Self.start, limit: 5)
        #expect(none.isEmpty && through == receipts[4].id)
        let (own, _) = try await scene.store.entries(in: Scene.app, after: through, limit: 5)
        #expect(own.map(\.text) == ["own"])
        let (others, _) = try await scene.store.entries(in: Self.other, after: Self.start, limit: 9)
        #expect(others.count == 5)
    }

    @Test(arguments: Place.allCases)
    func conversationsThatEndedArePassedOver(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("h")
        let receipts = try await scene.store.append([scene.draft("gone", to: "h"), scene.draft("here")])
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("h")) }
        let (none, through) = try await scene.store.entries(in: Scene.app, after: Self.start, limit: 1)
        #expect(none.isEmpty && through == receipts[0].id)
        let (rest, _) = try await scene.store.entries(in: Scene.app, after: Self.start, limit: 9)
        #expect(rest.map(\.text) == ["here"])
        try await scene.store.maintain()
        #expect(try await scene.store.end() == receipts[1].id)
    }

    /// However long the log is.
    @Test func readingOnIsARangeOfTheLog() async throws {
        let scene = try Scene(.folder)
        let plan = try await scene.store.database.read {
            try $0.all("EXPLAIN QUERY PLAN " + SQLConnection.entriesInOrder, [.int(0), .int(1)]) { $0.text(3) }
        }
        try #require(plan.count == 2)
        #expect(plan[0].hasPrefix("SEARCH e USING INTEGER PRIMARY KEY (rowid>"))
        #expect(plan[1].hasPrefix("SEARCH c USING INTEGER PRIMARY KEY (rowid="))
    }

    // MARK: Progress

    @Test(arguments: Place.allCases)
    func progressIsEachRulesOwnAndNeverMovesBack(_ place: Place) async throws {
        let scene = try Scene(place)
        #expect(try await scene.store.progress(of: "r", in: Scene.app) == nil)
        for through in [5, 3] as [UInt64] {
            try await scene.store.note(MessageID(rawValue: through), of: "r", in: Scene.app, [] as [CallbackRecord])
            #expect(try await scene.store.progress(of: "r", in: Scene.app) == MessageID(rawValue: 5))
        }
        try await scene.store.note(nil, of: "s", in: Scene.app, [self.record(1, rule: "s")])
        #expect(try await scene.store.progress(of: "s", in: Scene.app) == nil)
        #expect(try await scene.store.progress(of: "r", in: Self.other) == nil)
    }

    @Test(arguments: Place.allCases)
    func aRuleThatIsMadeAgainIsNew(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app(rules: ["r", "s"]))
        for rule in ["r", "s"] {
            try await scene.store.note(MessageID(rawValue: 5), of: rule, in: Scene.app, [] as [CallbackRecord])
        }
        try await scene.store.save(self.app(rules: ["s"]))
        // Who has not heard of it yet notes once more.
        try await scene.store.note(MessageID(rawValue: 6), of: "r", in: Scene.app, [] as [CallbackRecord])
        try await scene.store.save(self.app(rules: ["s", "r"]))
        let end = try await scene.store.end()
        #expect(try await scene.store.progress(of: "r", in: Scene.app) == end)
        #expect(try await scene.store.progress(of: "s", in: Scene.app) == MessageID(rawValue: 5))
    }

    @Test func notingDoesNotMakeTheDiskFlush() async throws {
        let scene = try Scene(.folder)
        let commits = scene.store.counters.commits
        try await scene.store.note(MessageID(rawValue: 1), of: "r", in: Scene.app, [self.record(1)])
        #expect(scene.store.counters.commits == commits)
        #expect(try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9).count == 1)
    }

    // MARK: Records

    @Test(arguments: Place.allCases)
    func everyFieldOfARecordComesBackNewestFirst(_ place: Place) async throws {
        let scene = try Scene(place)
        let noted = [
            self.record(1), self.record(2, rule: "s", .givenUp, status: nil), self.record(3, .refused),
            self.record(4, .givenUp),
        ]
        try await scene.store.note(nil, of: "r", in: Scene.app, noted)
        let all = try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9)
        #expect(
            all.map { record in
                var record = record
                record.id = nil
                return record
            } == noted.reversed())
        let ids = all.compactMap(\.id)
        #expect(ids == ids.sorted(by: >) && Set(ids).count == 4)
        func numbers(
            _ rule: String? = nil, _ outcome: CallbackRecord.Outcome? = nil, before: Int64? = nil, limit: Int = 9
        ) async throws -> [UInt64] {
            try await scene.store.records(in: Scene.app, rule: rule, outcome: outcome, before: before, limit: limit)
                .map(\.entry.rawValue)
        }
        #expect(try await numbers("r") == [4, 3, 1])
        #expect(try await numbers(nil, .givenUp) == [4, 2])
        #expect(try await numbers("s", .givenUp) == [2])
        #expect(try await numbers("s", .refused) == [])
        #expect(try await numbers(before: all[1].id, limit: 1) == [2])
    }

    @Test(arguments: Place.allCases)
    func whatWasGivenUpIsSentAgainOnRequestUntilItIsNotedAnew(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.note(
            nil, of: "r", in: Scene.app, [self.record(1, .givenUp), self.record(2), self.record(3, .givenUp)])
        try await scene.store.note(nil, of: "s", in: Scene.app, [self.record(4, rule: "s", .givenUp)])
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: "r", records: nil) == 2)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: nil, records: nil) == 1)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: nil, records: nil) == 0)
        let waiting = try await scene.store.awaitingAnother(of: "r", in: Scene.app, limit: 9)
        #expect(waiting.map(\.entry.rawValue) == [1, 3])
        #expect(try await scene.store.awaitingAnother(of: "r", in: Scene.app, limit: 1) == [waiting[0]])
        #expect(try await scene.store.awaitingAnother(of: "s", in: Scene.app, limit: 9).count == 1)

        var (done, failed) = (waiting[0], waiting[1])
        done.outcome = .accepted
        done.attempts += 1
        failed.attempts += 3
        try await scene.store.note(nil, of: "r", in: Scene.app, [done, failed])
        #expect(try await scene.store.awaitingAnother(of: "r", in: Scene.app, limit: 9) == [])
        let records = try await scene.store.records(in: Scene.app, rule: "r", outcome: nil, before: nil, limit: 9)
        #expect(records.count == 3 && records.first == failed && records.last == done)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: "r", records: nil) == 1)
    }

    @Test(arguments: Place.allCases)
    func onlyTheseAreSentAgainAndOnlyIfTheyWereGivenUp(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.note(
            nil, of: "r", in: Scene.app, [self.record(1, .givenUp), self.record(2), self.record(3, .givenUp)])
        let ids = try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9)
            .compactMap(\.id)
        #expect(try await scene.store.sendAgain(in: Self.other, rule: nil, records: ids) == 0)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: "s", records: ids) == 0)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: nil, records: []) == 0)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: nil, records: [ids[0], ids[1], 4711]) == 1)
        let waiting = try await scene.store.awaitingAnother(of: "r", in: Scene.app, limit: 9)
        #expect(waiting.map(\.entry.rawValue) == [3])
    }

    @Test(arguments: Place.allCases)
    func anAppDoesNotSeeAnothersCalls(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.note(MessageID(rawValue: 7), of: "r", in: Scene.app, [self.record(1, .givenUp)])
        let own = try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9)
        #expect(try await scene.store.sendAgain(in: Self.other, rule: nil, records: nil) == 0)
        #expect(try await scene.store.sendAgain(in: Scene.app, rule: nil, records: nil) == 1)
        #expect(try await scene.store.awaitingAnother(of: "r", in: Self.other, limit: 9) == [])
        #expect(
            try await scene.store.records(in: Self.other, rule: nil, outcome: nil, before: nil, limit: 9) == [])
        var stolen = own[0]
        stolen.detail = "changed"
        try await scene.store.note(nil, of: "r", in: Self.other, [stolen])
        #expect(try await scene.store.awaitingAnother(of: "r", in: Scene.app, limit: 9) == own)
    }

    @Test func whatAnotherProcessAsksForIsSeen() async throws {
        let server = try Scene(.folder)
        let calls = (1...1500).map { self.record($0, .givenUp) }
        try await server.store.note(nil, of: "r", in: Scene.app, calls)
        let commandLine = try Scene(.folder, folder: server.folder)
        #expect(try await commandLine.store.sendAgain(in: Scene.app, rule: "r", records: nil) == 1500)
        #expect(try await server.store.awaitingAnother(of: "r", in: Scene.app, limit: 9999).count == 1500)
    }

    @Test func progressAndRecordsAreThereAfterAStart() async throws {
        let scene = try Scene(.folder)
        let receipt = try await scene.store.append(scene.draft("one"))
        try await scene.store.note(receipt.id, of: "r", in: Scene.app, [self.record(1, .givenUp), self.record(2)])
        _ = try await scene.store.sendAgain(in: Scene.app, rule: nil, records: nil)
        let before = try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9)
        let again = try scene.reopened()
        #expect(try await again.store.progress(of: "r", in: Scene.app) == receipt.id)
        #expect(try await again.store.end() == receipt.id)
        #expect(try await again.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9) == before)
        #expect(try await again.store.awaitingAnother(of: "r", in: Scene.app, limit: 9) == [before[1]])
    }

    // MARK: Maintenance

    @Test(arguments: Place.allCases)
    func recordsGoAfterTheirTimeAndProgressStays(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app(rules: ["r"]))
        let old = scene.clock.now()
        let calls = (1...1200).map { self.record($0, .givenUp, at: old) }
        try await scene.store.note(MessageID(rawValue: 1), of: "r", in: Scene.app, calls)
        scene.clock.advance(seconds: 7 * 24 * 3600)
        try await scene.store.note(nil, of: "r", in: Scene.app, [self.record(9, at: scene.clock.now())])
        try await scene.store.maintain()
        #expect(
            try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9999).count
                == 1201)
        scene.clock.advance(seconds: 1)
        try await scene.store.maintain()
        let left = try await scene.store.records(in: Scene.app, rule: nil, outcome: nil, before: nil, limit: 9999)
        #expect(left.map(\.entry.rawValue) == [9])
        #expect(try await scene.store.progress(of: "r", in: Scene.app) == MessageID(rawValue: 1))
    }

    @Test(arguments: Place.allCases)
    func ofEachAppsRecordsTheNewestAreKept(_ place: Place) async throws {
        let scene = try Scene(place) { $0.callbackRecordLimit = 3 }
        try await scene.store.save(self.app(rules: []))
        try await scene.store.save(self.app(Self.other, rules: []))
        let now = scene.clock.now()
        try await scene.store.note(nil, of: "r", in: Self.other, (1...3).map { self.record($0, at: now) })
        try await scene.store.note(nil, of: "r", in: Scene.app, (1...1500).map { self.record($0, at: now) })
        try await scene.store.maintain()
        func numbers(_ app: AppID) async throws -> [UInt64] {
            try await scene.store.records(in: app, rule: nil, outcome: nil, before: nil, limit: 9999)
                .map(\.entry.rawValue)
        }
        #expect(try await numbers(Scene.app) == [1500, 1499, 1498])
        #expect(try await numbers(Self.other) == [3, 2, 1])
    }
}
