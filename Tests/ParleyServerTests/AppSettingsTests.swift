import ParleyCore
import ParleyDialectKit
import ParleyServer
import Testing

struct AppSettingsTests {
    @Test func whatIsShownCanBeSet() throws {
        var settings = AppSettings()
        let changes = [
            "recall-window-seconds=5", "targeted-history=on", "devices=onePerPlatform",
            "rate.rongcloud.group-message=200", "room-idle-seconds=0",
        ]
        for change in changes { try settings.apply(change) }
        #expect(settings.recallWindowSeconds == 5)
        #expect(settings.keepsTargetedHistory)
        #expect(settings.devices == .onePerPlatform)
        #expect(settings.rates == ["rongcloud.group-message": 200])
        #expect(settings.roomIdleSeconds == 0)
        var again = AppSettings()
        for row in settings.rows { try again.apply("\(row.key)=\(row.value)") }
        #expect(again == settings)
    }

    @Test func signaturesMayBeBoundedInAgeAndInUse() throws {
        var app = App(
            id: AppID("a"), credentials: [Credential(dialect: DialectName("rongcloud"), key: "a", secret: "s")],
            createdAt: .distantPast)
        let before = app
        try app.apply("rongcloud.signature-tolerance-seconds=300")
        try app.apply("rongcloud.single-use-nonces=on")
        try app.apply("recall-window-seconds=5")
        #expect(app.credentials[0].details == ["signatureToleranceSeconds": "300", "singleUseNonces": "on"])
        #expect(app.settings.recallWindowSeconds == 5)
        var again = before
        for row in app.rows { try again.apply("\(row.key)=\(row.value)") }
        #expect(again == app)
        for row in before.rows { try again.apply("\(row.key)=\(row.value)") }
        #expect(again == before)
        for wrong in [
            "rongcloud.signature-tolerance-seconds=0", "rongcloud.signature-tolerance-seconds=soon",
            "rongcloud.single-use-nonces=1", "rongcloud.nonsense=1",
        ] {
            #expect(throws: ConfigurationError.self) { try app.apply(wrong) }
        }
    }

    @Test func rongCloudTokensMayTellWhereToConnect() throws {
        var app = App(
            id: AppID("a"), credentials: [Credential(dialect: DialectName("rongcloud"), key: "a", secret: "s")],
            createdAt: .distantPast)
        let before = app
        let addresses = "http://127.0.0.1:8080;https://im.example.com;https://[::1]:443"
        try app.apply("rongcloud-navigation=\(addresses)")
        #expect(app.credentials[0].details == ["navigation": addresses])
        var again = before
        for row in app.rows { try again.apply("\(row.key)=\(row.value)") }
        #expect(again == app)
        for wrong in [
            "im.example.com", "http://", "ws://im.example.com", "http://im.example.com/path", "http://a@b", "http://a;",
            "http://a;;http://b", "http://a:0", "http://a:65536", "http://a b", "http://a?x", "http://a#x",
            Array(repeating: "http://a", count: 9).joined(separator: ";"),
        ] {
            #expect(throws: ConfigurationError.self, "\(wrong)") { try app.apply("rongcloud-navigation=\(wrong)") }
        }
        try app.apply("rongcloud-navigation=none")
        #expect(app == before)
    }

    @Test(arguments: [
        "nonsense=1", "recall-window-seconds=soon", "targeted-history=perhaps", "devices=two", "rate.x=-1", "rate.x",
        "room-idle-seconds=-1",
    ])
    func whatCannotBeSetIsRefused(_ change: String) {
        var settings = AppSettings()
        #expect(throws: ConfigurationError.self) { try settings.apply(change) }
        #expect(settings == AppSettings())
    }

    // MARK: Callbacks

    private func app(_ changes: [String] = []) throws -> App {
        var app = App(id: AppID("a"), credentials: [], createdAt: .distantPast)
        for change in changes { try app.apply(change) }
        return app
    }

    @Test func aCallbackIsSetFieldByFieldInAnyOrder() throws {
        var app = try self.app([
            "callback.audit-1.topics=message,recall", "callback.audit-1.origins=server",
            "callback.audit-1.when-unanswered=refuse", "callback.audit-1.timeout-ms=30000",
            "callback.audit-1.attempts=10", "callback.audit-1.on=off", "callback.audit-1.dialect=tencent",
            "callback.audit-1.url=https://backend.example:8443/hook?a=b=c", "callback-networks=loopback,10.0.0.0/8",
            "callback.audit-1.group-form=former", "callback.audit-1.env=dev",
            "callback.audit-1.only-from=alice,bob", "callback.audit-1.only-to=g1", "callback.audit-1.only-ext=key",
        ])
        try app.checkCallbacks()
        let rule = try #require(app.settings.callbacks.first)
        #expect(rule.name == "audit-1" && rule.dialect == DialectName("tencent") && rule.topics == [.message, .recall])
        #expect(rule.url == "https://backend.example:8443/hook?a=b=c" && rule.secret == nil && !rule.isOn)
        #expect(rule.origins == [.server] && rule.whenUnanswered == .refuse)
        #expect(rule.timeoutMilliseconds == 30_000 && rule.attempts == 10)
        #expect(rule.groupForm == .former && rule.route == "dev")
        #expect(rule.filter.senders == ["alice", "bob"] && rule.filter.destinations == ["g1"])
        #expect(rule.filter.attachedKeys == ["key"])
        #expect(app.settings.callbackNetworks == ["loopback", "10.0.0.0/8"])
        let again = try self.app(app.settings.rows.map { "\($0.key)=\($0.value)" })
        #expect(again.settings == app.settings)
        for field in ["origins", "timeout-ms", "attempts", "secret", "env"] {
            try app.apply("callback.audit-1.\(field)=default")
        }
        #expect(app.settings.callbacks[0].origins == nil && app.settings.callbacks[0].attempts == nil)
        #expect(app.settings.callbacks[0].timeoutMilliseconds == nil)
        try app.apply("callback.audit-1=removed")
        try app.apply("callback-networks=none")
        #expect(app.settings == AppSettings())
    }

    @Test(arguments: ["rongcloud", "tencent", "easemob"])
    func aCallbackThatIsToldNoTopicsGetsAllOfItsDialect(_ dialect: String) throws {
        let changes = ["callback.x.url=http://127.0.0.1/", "callback.x.dialect=\(dialect)"]
        let topics = try #require(Dialects.all.first { $0.name.rawValue == dialect }).callbacks.topics
        for more in [[], ["callback.x.topics=all"]] {
            var app = try self.app(changes + more)
            try app.checkCallbacks()
            #expect(app.settings.callbacks[0].topics == topics)
        }
    }

    @Test func aSecretIsSetAndNotShown() throws {
        var app = try self.app(["callback.x.secret=open=sesame"])
        #expect(app.settings.callbacks[0].secret == "open=sesame")
        let row = try #require(app.settings.rows.first { $0.key == "callback.x.secret" })
        #expect(row.value == "********")
        #expect(throws: ConfigurationError.self) { try app.apply("callback.x.secret=********") }
        #expect(app.settings.callbacks[0].secret == "open=sesame")
    }

    @Test(arguments: [
        "callback.x", "callback.x=off", "callback.x=removed", "callback.=removed", "callback..url=http://a/",
        "callback.X.url=http://a/", "callback.a_b.url=http://a/", "callback.x.color=red", "callback.x.url.y=http://a/",
        "callback.0123456789012345678901234567890123.url=http://a/", "callback.x.url=ftp://a/", "callback.x.url=a",
        "callback.x.url=http://", "callback.x.url=http:///path", "callback.x.url=http://a b/",
        "callback.x.url=http://me:secret@a/", "callback.x.dialect=parley", "callback.x.topics=message,weather",
        "callback.x.topics=message,", "callback.x.origins=nobody", "callback.x.when-unanswered=wait",
        "callback.x.timeout-ms=0", "callback.x.timeout-ms=30001", "callback.x.attempts=0", "callback.x.attempts=11",
        "callback.x.on=yes", "callback.x.group-form=old", "callback.x.env=", "callback.x.env=a-b",
        "callback.x.env=123456789",
    ])
    func aCallbackThatCannotBeIsRefused(_ change: String) {
        var settings = AppSettings()
        #expect(throws: ConfigurationError.self) { try settings.apply(change) }
        #expect(settings == AppSettings())
    }

    @Test(arguments: [
        (["callback.x.url=http://a/"], "callback.x.dialect"), (["callback.x.dialect=tencent"], "callback.x.url"),
        (["callback.x.on=off"], "callback.x.url"),
    ])
    func aCallbackIsNotLeftHalfDone(_ changes: [String], _ key: String) throws {
        var app = try self.app(changes)
        let error = #expect(throws: ConfigurationError.self) { try app.checkCallbacks() }
        #expect(error?.key == key)
    }

    @Test func topicsThatADialectLacksAreNamed() throws {
        let dialect = try #require(Dialects.all.first { $0.callbacks.topics != Set(CallbackTopic.allCases) })
        let topic = try #require(CallbackTopic.allCases.first { !dialect.callbacks.topics.contains($0) })
        var app = try self.app([
            "callback.x.url=http://a/", "callback.x.dialect=\(dialect.name)", "callback.x.topics=\(topic.rawValue)",
        ])
        let error = #expect(throws: ConfigurationError.self) { try app.checkCallbacks() }
        #expect(error?.key == "callback.x.topics" && error?.reason.contains(topic.rawValue) == true)
    }

    @Test func callbacksAreBoundedInNumber() throws {
        var app = try self.app((1...16).map { "callback.c\($0).url=http://a/" })
        #expect(throws: ConfigurationError.self) { try app.apply("callback.c17.url=http://a/") }
        try app.apply("callback.c16.url=http://b/")
        #expect(app.settings.callbacks.count == 16)
    }
}
