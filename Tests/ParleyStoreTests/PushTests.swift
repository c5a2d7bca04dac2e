import GRDB
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct PushTests {
    private static let other = AppID("other")

    /// The App as it is when it has these providers.
    private func app(_ id: AppID = Scene.app, having providers: [PushProvider], offsetMinutes: Int = 480) -> App {
        var app = App(
            id: id, credentials: [Credential(dialect: .parley, key: id.rawValue, secret: "s")],
            createdAt: .distantPast)
        app.settings.pushProviders = providers
        app.settings.pushOffsetMinutes = offsetMinutes
        return app
    }

    private func app(named names: [String]) -> App {
        self.app(having: names.map { PushProvider(name: $0, kind: .apns) })
    }

    private func device(
        _ user: String, _ device: String = "phone", at provider: String = "apns", token: String? = nil,
        registeredAt: Timestamp = Timestamp(seconds: 5)
    ) -> PushDevice {
        PushDevice(
            user: UserID(user), device: device, provider: provider, token: token ?? "\(user)-\(device)",
            dialect: .parley, bundle: user == "alice" ? "org.example" : nil, registeredAt: registeredAt)
    }

    private func register(_ devices: PushDevice..., in scene: Scene) async throws {
        for device in devices { try await scene.store.register(device, in: Scene.app) }
    }

    private func devices(of user: UserID, in scene: Scene) async throws -> [String] {
        try await scene.store.pushDevices(of: user, in: Scene.app).map(\.device)
    }

    /// The tokens of those who take part.
    private func tokens(
        _ conversation: Conversation, at providers: [String] = ["apns"], largestGroup: Int = 9, limit: Int = 99,
        in scene: Scene, _ app: AppID = Scene.app
    ) async throws -> [String] {
        try await scene.store.pushDevices(
            in: ConversationID(app: app, conversation), at: providers, largestGroup: largestGroup, limit: limit
        ).map(\.token)
    }

    private func record(
        _ message: UInt64, to user: String = "alice", provider: String = "p",
        _ outcome: PushRecord.Outcome = .accepted, at moment: Timestamp = Timestamp(seconds: 9), status: Int? = 200
    ) -> PushRecord {
        PushRecord(
            provider: provider, kind: .apns, message: MessageID(rawValue: message), user: UserID(user),
            device: "phone", title: "t", text: "x", sentAt: moment, milliseconds: 12, attempts: 1, outcome: outcome,
            status: status, detail: "d")
    }

    private func note(_ records: [PushRecord], through: UInt64? = nil, in scene: Scene) async throws {
        try await scene.store.note(through.map { MessageID(rawValue: $0) }, of: "p", in: Scene.app, records)
    }

    private func records(_ scene: Scene, _ app: AppID = Scene.app) async throws -> [PushRecord] {
        try await scene.store.pushRecords(
            in: app, provider: nil, outcome: nil, user: nil, before: nil, limit: 9999)
    }

    private func plan(_ sql: String, _ values: [SQLValue], in scene: Scene) async throws -> [String] {
        try await scene.store.database.read {
            try $0.all("EXPLAIN QUERY PLAN " + sql, values) { $0.text(3) }
        }
    }

    // MARK: Devices

    @Test(arguments: Place.allCases)
    func everyFieldOfADeviceComesBackInTheOrderOfRegistration(_ place: Place) async throws {
        let scene = try Scene(place)
        let registered = [
            self.device("alice", "phone"), self.device("alice", "pad", at: "fcm"), self.device("alice", "watch"),
        ]
        for device in registered { try await scene.store.register(device, in: Scene.app) }
        #expect(try await scene.store.pushDevices(of: "alice", in: Scene.app) == registered)
        #expect(try await scene.store.pushDevices(of: "alice", in: Self.other) == [])
        try await self.register(registered[0], in: scene)
        #expect(try await self.devices(of: "alice", in: scene) == ["pad", "watch", "phone"])
    }

    @Test(arguments: Place.allCases)
    func aUsersDeviceHasOneRegistrationAndTheLastCounts(_ place: Place) async throws {
        let scene = try Scene(place)
        let last = self.device("alice", at: "fcm", token: "new", registeredAt: Timestamp(seconds: 6))
        try await self.register(self.device("alice"), last, self.device("bob"), in: scene)
        #expect(try await scene.store.pushDevices(of: "alice", in: Scene.app) == [last])
        #expect(try await self.devices(of: "bob", in: scene) == ["phone"])
    }

    @Test(arguments: Place.allCases)
    func whoRegistersATokenTakesItFromWhoeverHadIt(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app(having: [PushProvider(name: "huawei", kind: .huawei, aliases: ["1049"])]))
        try await self.register(
            self.device("alice", at: "apns", token: "T"), self.device("alice", "pad", at: "1049", token: "H"),
            self.device("carol", at: "fcm", token: "T"), in: scene)
        try await scene.store.register(self.device("dave", token: "T"), in: Self.other)
        try await self.register(
            self.device("bob", at: "apns", token: "T"), self.device("bob", "pad", at: "huawei", token: "H"), in: scene)
        #expect(try await self.devices(of: "alice", in: scene) == [])
        #expect(try await self.devices(of: "bob", in: scene) == ["phone", "pad"])
        #expect(try await self.devices(of: "carol", in: scene) == ["phone"])
        #expect(try await scene.store.pushDevices(of: "dave", in: Self.other).count == 1)
    }

    @Test(arguments: Place.allCases)
    func aDeviceGoesWhenItIsUnregistered(_ place: Place) async throws {
        let scene = try Scene(place)
        try await self.register(self.device("alice"), self.device("alice", "pad"), in: scene)
        #expect(try await scene.store.unregister("phone", of: "alice", in: Scene.app))
        #expect(try await !scene.store.unregister("phone", of: "alice", in: Scene.app))
        #expect(try await !scene.store.unregister("pad", of: "bob", in: Scene.app))
        #expect(try await self.devices(of: "alice", in: scene) == ["pad"])
    }

    @Test(arguments: Place.allCases)
    func aDeviceIsForgottenUnlessItHasRegisteredAnewSince(_ place: Place) async throws {
        let scene = try Scene(place)
        let before = self.device("alice")
        let after = self.device("alice", registeredAt: Timestamp(seconds: 6))
        try await self.register(before, after, in: scene)
        try await scene.store.forget(before, in: Scene.app)
        #expect(try await self.devices(of: "alice", in: scene) == ["phone"])
        try await scene.store.forget(after, in: Scene.app)
        #expect(try await self.devices(of: "alice", in: scene) == [])
    }

    // MARK: Devices of a conversation

    @Test(arguments: Place.allCases)
    func theDevicesOfAConversationAreThoseOfWhoTakesPart(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("g", members: ["alice", "bob", "dave"])
        try await self.register(
            self.device("bob"), self.device("alice"), self.device("alice", "pad", at: "fcm"), self.device("carol"),
            in: scene)
        #expect(try await self.tokens(.direct("alice", "bob"), in: scene) == ["bob-phone", "alice-phone"])
        #expect(try await self.tokens(.direct("alice", "alice"), in: scene) == ["alice-phone"])
        #expect(try await self.tokens(.system("carol"), in: scene) == ["carol-phone"])
        #expect(try await self.tokens(.room(RoomID("r")), in: scene) == [])
        let group = Conversation.group(GroupID("g"))
        #expect(try await self.tokens(group, in: scene) == ["bob-phone", "alice-phone"])
        #expect(
            try await self.tokens(group, at: ["fcm", "apns"], in: scene) == ["bob-phone", "alice-phone", "alice-pad"])
        #expect(try await self.tokens(group, at: ["fcm", "apns"], limit: 2, in: scene).count == 2)
        #expect(try await self.tokens(group, at: [], in: scene) == [])
        #expect(try await self.tokens(group, limit: 0, in: scene) == [])
        #expect(try await self.tokens(group, in: scene, Self.other) == [])
        #expect(try await self.tokens(.group(GroupID("h")), in: scene) == [])
    }

    @Test(arguments: Place.allCases)
    func aGroupThatIsTooLargeHasNone(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("g", members: ["alice", "bob", "carol"])
        try await self.register(self.device("alice"), in: scene)
        #expect(try await self.tokens(.group(GroupID("g")), largestGroup: 3, in: scene).count == 1)
        #expect(try await self.tokens(.group(GroupID("g")), largestGroup: 2, in: scene).count == 0)
    }

    /// Whether the App has fewer devices than the group has members or more.
    @Test(arguments: [0, 1, 40])
    func aGroupsDevicesAreFoundWhicheverIsLess(_ strangers: Int) async throws {
        let scene = try Scene(.memory)
        let members = (1...20).map { "m\($0)" }
        try await scene.makeGroup("g", members: members)
        for number in 0..<strangers { try await self.register(self.device("s\(number)"), in: scene) }
        for member in [members[7], members[2]] { try await self.register(self.device(member), in: scene) }
        #expect(
            try await self.tokens(.group(GroupID("g")), largestGroup: 99, in: scene) == ["m8-phone", "m3-phone"])
        #expect(try await self.tokens(.group(GroupID("g")), largestGroup: 99, limit: 1, in: scene) == ["m8-phone"])
    }

    /// However many devices there are, and however many members.
    @Test func lookingForDevicesIsSearchingInIndexes() async throws {
        let scene = try Scene(.folder)
        let direct = try await self.plan(
            SQLConnection.pushDevicesOfTwo(atProviders: 2), (0..<6).map { .int($0) }, in: scene)
        #expect(direct.first == "SEARCH d USING INDEX push_devices_by_user (app=? AND user_id=?)")
        let count = try await self.plan(
            SQLConnection.countOfPushDevices(atProviders: 2), (0..<4).map { .int($0) }, in: scene)
        #expect(
            count.contains("SEARCH push_devices USING COVERING INDEX push_devices_by_token (app=? AND provider=?)"))
        let byMember = try await self.plan(
            SQLConnection.pushDevicesOfMembers(atProviders: 2), (0..<5).map { .int($0) }, in: scene)
        #expect(byMember.first == "SEARCH m USING COVERING INDEX members_by_group (group_number=?)")
        #expect(byMember.dropFirst().first == "SEARCH d USING INDEX push_devices_by_user (app=? AND user_id=?)")
        let byDevice = try await self.plan(
            SQLConnection.membersOfPushDevices(atProviders: 2), (0..<5).map { .int($0) }, in: scene)
        #expect(byDevice.first == "SEARCH d USING INDEX push_devices_by_token (app=? AND provider=?)")
        #expect(
            byDevice.dropFirst().first
                == "SEARCH m USING COVERING INDEX members_by_group (group_number=? AND user_id=?)")
    }

    @Test(arguments: Place.allCases)
    func whoLeavesTakesHisDevicesAndPreferencesWithHim(_ place: Place) async throws {
        let scene = try Scene(place)
        var quiet = PushPreferences()
        quiet.level = PushLevel.none
        try await self.register(self.device("alice"), self.device("bob"), in: scene)
        for user in ["alice", "bob"] as [UserID] {
            try await scene.store.save(quiet, of: user, for: .everywhere, in: Scene.app)
        }
        try await scene.store.write(in: Scene.app) { try $0.delete("alice" as UserID) }
        #expect(try await self.devices(of: "alice", in: scene) == [])
        #expect(try await scene.store.pushPreferences(of: "alice", in: Scene.app) == [:])
        #expect(try await self.devices(of: "bob", in: scene) == ["phone"])
        #expect(try await scene.store.pushPreferences(of: "bob", in: Scene.app) == [.everywhere: quiet])
    }

    // MARK: Preferences and templates

    @Test(arguments: Place.allCases)
    func everyPreferenceComesBackInItsScope(_ place: Place) async throws {
        let scene = try Scene(place)
        var all = PushPreferences()
        all.level = .mentionsByName
        all.quietHours = QuietHours(start: 22 * 3600, seconds: 8 * 3600, level: .mentions)
        all.quietUntil = Timestamp(milliseconds: 1234)
        all.showsDetails = false
        all.language = "en-US"
        all.template = "night"
        var saved: [PushScope: PushPreferences] = [.everywhere: all]
        let narrower: [PushScope] = [
            .groups, .direct, .conversation(.group(GroupID("everywhere"))), .conversation(.direct("alice", "bob")),
            .conversation(.room(RoomID("r"))), .conversation(.system("alice")),
        ]
        for (scope, level) in zip(narrower, PushLevel.allCases + [.all]) {
            saved[scope] = PushPreferences()
            saved[scope]?.level = level
        }
        for (scope, preferences) in saved {
            try await scene.store.save(preferences, of: "alice", for: scope, in: Scene.app)
        }
        #expect(try await scene.store.pushPreferences(of: "alice", in: Scene.app) == saved)
        #expect(try await scene.store.pushPreferences(of: "bob", in: Scene.app) == [:])
        #expect(try await scene.store.pushPreferences(of: "alice", in: Self.other) == [:])
    }

    @Test(arguments: Place.allCases)
    func aPreferenceIsReplacedAndOneThatSaysNothingIsRemoved(_ place: Place) async throws {
        let scene = try Scene(place)
        var preferences = PushPreferences()
        preferences.level = PushLevel.none
        preferences.language = "zh"
        try await scene.store.save(preferences, of: "alice", for: .groups, in: Scene.app)
        preferences.language = nil
        try await scene.store.save(preferences, of: "alice", for: .groups, in: Scene.app)
        #expect(try await scene.store.pushPreferences(of: "alice", in: Scene.app) == [.groups: preferences])
        try await scene.store.save(PushPreferences(), of: "alice", for: .groups, in: Scene.app)
        #expect(try await scene.store.pushPreferences(of: "alice", in: Scene.app) == [:])
    }

    @Test(arguments: Place.allCases)
    func templatesAreKeptByNameAndLanguageOldestFirst(_ place: Place) async throws {
        let scene = try Scene(place)
        func template(_ name: String, _ language: String, _ text: String, at seconds: Int64) -> PushTemplate {
            PushTemplate(
                name: name, language: language, title: "t", text: text, createdAt: Timestamp(seconds: seconds),
                updatedAt: Timestamp(seconds: 9))
        }
        let (late, early, foreign) = (
            template("a", "zh", "1", at: 3), template("a", "", "2", at: 1), template("b", "zh", "3", at: 2)
        )
        for template in [late, early, foreign] { try await scene.store.save(template, in: Scene.app) }
        let changed = template("a", "zh", "4", at: 3)
        try await scene.store.save(changed, in: Scene.app)
        #expect(try await scene.store.pushTemplates(nil, in: Scene.app) == [early, foreign, changed])
        #expect(try await scene.store.pushTemplates("a", in: Scene.app) == [early, changed])
        #expect(try await scene.store.pushTemplates(nil, in: Self.other) == [])
        #expect(try await scene.store.deletePushTemplate("a", in: Scene.app))
        #expect(try await !scene.store.deletePushTemplate("a", in: Scene.app))
        #expect(try await scene.store.pushTemplates(nil, in: Scene.app) == [foreign])
    }

    // MARK: Settings and progress

    @Test(arguments: Place.allCases)
    func providersAreSettingsOfTheApp(_ place: Place) async throws {
        let scene = try Scene(place)
        var app = self.app(
            having: [
                PushProvider(
                    name: "apple", kind: .apns, aliases: ["dev", "prod"], url: "https://localhost/",
                    account: ["key": "-----\n\"", "team": "T"], isOn: false),
                PushProvider(name: "w", kind: .webhook),
            ], offsetMinutes: -90)
        app.settings.largestPushedGroup = 7
        try await scene.store.save(app)
        #expect(try await scene.store.database.read { try $0.app(Scene.app) } == app)
    }

    @Test(arguments: Place.allCases)
    func progressIsEachProvidersOwnAndNeverMovesBack(_ place: Place) async throws {
        let scene = try Scene(place)
        #expect(try await scene.store.pushProgress(of: "p", in: Scene.app) == nil)
        for through in [5, 3] as [UInt64] {
            try await self.note([], through: through, in: scene)
            #expect(try await scene.store.pushProgress(of: "p", in: Scene.app) == MessageID(rawValue: 5))
        }
        #expect(try await scene.store.pushProgress(of: "q", in: Scene.app) == nil)
        #expect(try await scene.store.pushProgress(of: "p", in: Self.other) == nil)
        #expect(try await scene.store.progress(of: "p", in: Scene.app) == nil)
    }

    @Test(arguments: Place.allCases)
    func aProviderThatIsMadeBeginsAtTheEndAlsoIfItsNameWasThereBefore(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app(named: ["q"]))
        let end = try await scene.store.append(scene.draft("one")).id
        try await scene.store.save(self.app(named: ["p", "q"]))
        #expect(try await scene.store.pushProgress(of: "p", in: Scene.app) == end)
        #expect(try await scene.store.pushProgress(of: "q", in: Scene.app) == MessageID(rawValue: 0))
        try await scene.store.save(self.app(named: ["q"]))
        let later = try await scene.store.append(scene.draft("two")).id
        try await scene.store.save(self.app(named: ["p", "q"]))
        #expect(try await scene.store.pushProgress(of: "p", in: Scene.app) == later)
        #expect(try await scene.store.pushProgress(of: "q", in: Scene.app) == MessageID(rawValue: 0))
    }

    @Test func notingMakesTheDiskFlush() async throws {
        let scene = try Scene(.folder)
        let commits = scene.store.counters.commits
        try await self.note([self.record(1)], in: scene)
        #expect(scene.store.counters.commits == commits + 1)
    }

    // MARK: Records

    @Test(arguments: Place.allCases)
    func everyFieldOfANoticeComesBackNewestFirst(_ place: Place) async throws {
        let scene = try Scene(place)
        let noted = [
            self.record(1), self.record(2, provider: "q", .givenUp, status: nil), self.record(3, to: "bob", .refused),
            self.record(4, .unregistered), self.record(5),
        ]
        try await self.note(noted, in: scene)
        let all = try await self.records(scene)
        #expect(
            all.map { record in
                var record = record
                record.id = nil
                return record
            } == noted.reversed())
        func numbers(
            _ provider: String? = nil, _ outcome: PushRecord.Outcome? = nil, to user: UserID? = nil,
            before: Int64? = nil, limit: Int = 9
        ) async throws -> [UInt64] {
            try await scene.store.pushRecords(
                in: Scene.app, provider: provider, outcome: outcome, user: user, before: before, limit: limit
            ).map(\.message.rawValue)
        }
        #expect(try await numbers("p") == [5, 4, 3, 1])
        #expect(try await numbers(nil, .accepted) == [5, 1])
        #expect(try await numbers(nil, .givenUp) == [2])
        #expect(try await numbers("q", .accepted) == [])
        #expect(try await numbers(to: "bob") == [3])
        #expect(try await numbers("p", .refused, to: "bob") == [3])
        #expect(try await numbers(before: all[1].id, limit: 1) == [3])
        #expect(try await self.records(scene, Self.other) == [])
    }

    @Test(arguments: Place.allCases)
    func whatHasComeToAnEndIsKnownByMessageAndDevice(_ place: Place) async throws {
        let scene = try Scene(place)
        try await self.note(
            [
                self.record(1), self.record(2), self.record(2, to: "bob", .givenUp), self.record(3, provider: "q"),
                self.record(4), self.record(5),
            ], in: scene)
        let pushed = try await scene.store.pushed(
            MessageID(rawValue: 2)...MessageID(rawValue: 4), by: "p", in: Scene.app)
        #expect(pushed == [self.record(2).key, self.record(2, to: "bob").key, self.record(4).key])
        let whole = MessageID(rawValue: 0)...MessageID(rawValue: UInt64.max)
        #expect(try await scene.store.pushed(whole, by: "p", in: Self.other) == [])
        #expect(try await scene.store.pushed(whole, by: "p", in: Scene.app).count == 5)
        let plan = try await self.plan(SQLConnection.pushedMessages, (0..<4).map { .int($0) }, in: scene)
        #expect(
            plan.first?.hasPrefix("SEARCH push_records USING COVERING INDEX push_records_by_message (app=?") == true)
    }

    @Test(arguments: Place.allCases)
    func aNoticeThatIsNotedAgainIsReplaced(_ place: Place) async throws {
        let scene = try Scene(place)
        try await self.note([self.record(1, .givenUp), self.record(2)], in: scene)
        var again = try #require(try await self.records(scene).last)
        again.outcome = .accepted
        again.attempts = 4
        try await scene.store.note(nil, of: "p", in: Self.other, [again])
        #expect(try await self.records(scene).last?.outcome == .givenUp)
        try await self.note([again], in: scene)
        #expect(try await self.records(scene).last == again)
        #expect(try await self.records(scene).count == 2)
    }

    @Test func devicesPreferencesAndRecordsAreThereAfterAStart() async throws {
        let scene = try Scene(.folder)
        var quiet = PushPreferences()
        quiet.quietUntil = Timestamp(seconds: 3)
        try await self.register(self.device("alice"), in: scene)
        try await scene.store.save(quiet, of: "alice", for: .direct, in: Scene.app)
        try await self.note([self.record(1)], through: 1, in: scene)
        let again = try scene.reopened()
        #expect(try await self.devices(of: "alice", in: again) == ["phone"])
        #expect(try await again.store.pushPreferences(of: "alice", in: Scene.app) == [.direct: quiet])
        #expect(try await again.store.pushProgress(of: "p", in: Scene.app) == MessageID(rawValue: 1))
        #expect(try await self.records(again).count == 1)
    }

    // MARK: Counts

    private static let day: Int64 = 24 * 3600

    /// Midnight in China is at four in the afternoon of the day before.
    private func midnight(_ day: Int64) -> Timestamp { Timestamp(seconds: day * Self.day - 8 * 3600) }

    @Test(arguments: Place.allCases)
    func noticesAreCountedByTheAppsDays(_ place: Place) async throws {
        let scene = try Scene(place)
        let (first, second, third) = (self.midnight(10), self.midnight(11), self.midnight(12))
        try await self.note(
            [
                self.record(1, at: first), self.record(2, at: second.adding(milliseconds: -1)),
                self.record(3, .refused, at: second), self.record(4, at: third),
            ], in: scene)
        func counts(_ from: Timestamp, _ to: Timestamp) async throws -> [PushCount] {
            try await scene.store.pushCounts(in: Scene.app, from: from, to: to)
        }
        let expected = [
            PushCount(day: first, kind: .apns, outcome: .accepted, count: 2),
            PushCount(day: second, kind: .apns, outcome: .refused, count: 1),
            PushCount(day: third, kind: .apns, outcome: .accepted, count: 1),
        ]
        #expect(try await counts(first, third.adding(milliseconds: 1)) == expected)
        #expect(try await counts(first, third) == Array(expected[..<2]))
        #expect(try await counts(second.adding(milliseconds: 1), third) == [expected[1]])
        #expect(try await scene.store.pushCounts(in: Self.other, from: first, to: .distantFuture) == [])
    }

    @Test(arguments: Place.allCases)
    func aNoticeThatIsNotedAgainIsCountedOnce(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app(having: [], offsetMinutes: 0))
        let day = Timestamp(seconds: 10 * Self.day)
        try await self.note([self.record(1, .givenUp, at: day)], in: scene)
        var again = try await self.records(scene)[0]
        again.outcome = .accepted
        try await self.note([again], in: scene)
        try await self.note([again], in: scene)
        #expect(
            try await scene.store.pushCounts(in: Scene.app, from: .distantPast, to: .distantFuture)
                == [PushCount(day: day, kind: .apns, outcome: .accepted, count: 1)])
    }

    // MARK: Maintenance

    @Test(arguments: Place.allCases)
    func noticesGoAfterTheirTimeAndProgressAndCountsStay(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app(named: ["p"]))
        let old = scene.clock.now()
        try await self.note((1...1200).map { self.record($0, at: old) }, through: 1, in: scene)
        scene.clock.advance(seconds: 7 * Self.day)
        try await self.note([self.record(9, .refused, at: scene.clock.now())], in: scene)
        try await scene.store.maintain()
        #expect(try await self.records(scene).count == 1201)
        scene.clock.advance(seconds: 1)
        try await scene.store.maintain()
        #expect(try await self.records(scene).map(\.message.rawValue) == [9])
        #expect(try await scene.store.pushProgress(of: "p", in: Scene.app) == MessageID(rawValue: 1))
        let counts = try await scene.store.pushCounts(in: Scene.app, from: .distantPast, to: .distantFuture)
        #expect(counts.map(\.count) == [1200, 1])
    }

    @Test(arguments: Place.allCases)
    func ofEachAppsNoticesTheNewestAreKeptAndThoseThatAreNotToBePushedAgain(_ place: Place) async throws {
        let scene = try Scene(place) { $0.pushRecordLimit = 3 }
        try await scene.store.save(self.app(named: ["p", "q"]))
        try await scene.store.save(self.app(Self.other, having: []))
        let now = scene.clock.now()
        try await scene.store.note(nil, of: "p", in: Self.other, (1...3).map { self.record($0, at: now) })
        let ahead = self.record(8, provider: "q", at: now)
        try await self.note([ahead] + (1...1500).map { self.record($0, at: now) }, through: 1500, in: scene)
        try await scene.store.maintain()
        #expect(try await self.records(scene).map(\.message.rawValue) == [1500, 1499, 1498, 8])
        #expect(try await self.records(scene, Self.other).map(\.message.rawValue) == [3, 2, 1])
        try await scene.store.note(MessageID(rawValue: 8), of: "q", in: Scene.app, [] as [PushRecord])
        try await scene.store.maintain()
        #expect(try await self.records(scene).map(\.message.rawValue) == [1500, 1499, 1498])
    }
}
