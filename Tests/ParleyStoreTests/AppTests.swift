import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct AppTests {
    private func app(_ id: String, key: String, secret: String = "s") -> App {
        App(
            id: AppID(id), credentials: [Credential(dialect: .parley, key: key, secret: secret)],
            createdAt: Timestamp(seconds: 1))
    }

    @Test(arguments: Place.allCases)
    func everyFieldOfAnAppComesBack(_ place: Place) async throws {
        let scene = try Scene(place)
        var app = self.app("one", key: "k")
        app.credentials.append(
            Credential(dialect: DialectName("a"), key: "k", secret: "", details: ["x": "y"]))
        app.settings.offlineRetentionSeconds = 1
        app.settings.recallWindowSeconds = 2
        app.settings.keepsTargetedHistory = true
        app.settings.devices = .onePerPlatform
        app.settings.rates = ["r": 0, "s": 5]
        var rule = CallbackRule(
            name: "all", dialect: DialectName("a"), url: "https://a.example/?b=\"c\"",
            topics: [.message, .beforeMessage])
        app.settings.callbacks.append(rule)
        rule.name = "more"
        rule.secret = ""
        rule.origins = [.client]
        rule.whenUnanswered = .refuse
        rule.timeoutMilliseconds = 5
        rule.attempts = 2
        rule.isOn = false
        app.settings.callbacks.append(rule)
        app.settings.callbackNetworks = ["loopback", "10.0.0.0/8"]
        app.settings.roomIdleSeconds = 0
        app.settings.roomTypesNeverDropped = ["a", "b"]
        app.settings.roomTypesDroppedFirst = ["c"]
        try await scene.store.save(app)
        try await scene.store.save(self.app("two", key: "k2"))
        #expect(try await scene.store.app(AppID("one")) == app)
        #expect(try await scene.store.app(dialect: DialectName("a"), key: "k") == app)
        #expect(try await scene.store.app(dialect: DialectName("b"), key: "k") == nil)
        #expect(try await scene.store.app(AppID("three")) == nil)
        #expect(try await scene.store.apps().map(\.id.rawValue) == ["one", "two"])
    }

    @Test(arguments: Place.allCases)
    func aCredentialThatIsReplacedIsNoLongerKnown(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app("one", key: "old"))
        #expect(try await scene.store.app(dialect: .parley, key: "old") != nil)
        let new = self.app("one", key: "new")
        try await scene.store.save(new)
        #expect(try await scene.store.app(dialect: .parley, key: "old") == nil)
        #expect(try await scene.store.app(dialect: .parley, key: "new") == new)
        #expect(try await scene.store.app(AppID("one")) == new)
    }

    @Test(arguments: Place.allCases)
    func aCredentialsKeyIsOneAppsOnly(_ place: Place) async throws {
        let scene = try Scene(place)
        let one = self.app("one", key: "k")
        try await scene.store.save(one)
        await #expect(throws: StoreFault.credentialTaken(dialect: "parley", key: "k")) {
            try await scene.store.save(self.app("two", key: "k"))
        }
        #expect(try await scene.store.app(AppID("two")) == nil)
        #expect(try await scene.store.app(dialect: .parley, key: "k") == one)
    }

    @Test(arguments: Place.allCases)
    func whatTwoChangeAtOnceBothHaveChanged(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.save(self.app("one", key: "k"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await scene.store.changeApp(AppID("one")) { $0.settings.rates["\(number)"] = number }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await scene.store.app(AppID("one"))?.settings.rates.count == 50)
        await #expect(throws: Rejection.notPermitted) {
            try await scene.store.changeApp(AppID("one")) { app in
                app.settings.rates = [:]
                throw Rejection.notPermitted
            }
        }
        #expect(try await scene.store.app(dialect: .parley, key: "k")?.settings.rates.count == 50)
        #expect(try await scene.store.changeApp(AppID("none")) { $0.settings.rates = [:] } == nil)
    }

    @Test func topicsOfALaterVersionArePassedOver() async throws {
        let scene = try Scene(.folder)
        var app = self.app("one", key: "k")
        app.settings.callbacks = [
            CallbackRule(name: "r", dialect: .parley, url: "http://a/", topics: [.recall, .group])
        ]
        try await scene.store.save(app)
        try scene.execute(#"UPDATE apps SET settings = replace(settings, '"group"', '"weather"')"#)
        app.settings.callbacks[0].topics = [.recall]
        let again = try scene.reopened()
        #expect(try await again.store.app(AppID("one")) == app)
    }

    @Test func settingsWithoutCallbacksSayNothingOfThem() async throws {
        let scene = try Scene(.folder)
        try await scene.store.save(self.app("one", key: "k"))
        #expect(try scene.count("apps WHERE settings LIKE '%callback%'") == 0)
    }

    @Test func whatAnotherProcessChangesIsSeen() async throws {
        let server = try Scene(.folder)
        let commandLine = try Scene(.folder, folder: server.folder)
        #expect(try await server.store.app(dialect: .parley, key: "k") == nil)
        // A new key is looked for at once.
        let app = self.app("one", key: "k")
        try await commandLine.store.save(app)
        #expect(try await server.store.app(dialect: .parley, key: "k") == app)
        // A known one is looked at again with the next commit, or after a second.
        let rotated = self.app("one", key: "k", secret: "new")
        try await commandLine.store.save(rotated)
        _ = try await server.store.append(server.draft("anything"))
        #expect(try await server.store.app(dialect: .parley, key: "k") == rotated)
    }

    /// No way to run Parley, but no way to break it either.
    @Test func twoServersOnOneFileNumberTheirMessagesTogether() async throws {
        let one = try Scene(.folder)
        let two = try Scene(.folder, folder: one.folder, clock: one.clock)
        let receipts = try await withThrowingTaskGroup(of: [Receipt].self) { group in
            for scene in [one, two] {
                group.addTask {
                    try await (0..<20).asyncMap { try await scene.store.append(scene.draft("\($0)")) }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(receipts.map(\.sequence)) == Set((1...40).map { UInt64($0) }))
        #expect(Set(receipts.map(\.id)).count == 40)
        let entries = try await one.store.entries(of: one.conversation(), after: 0, limit: 100)
        #expect(entries.map(\.id) == entries.map(\.id).sorted())
    }
}
