import ParleyCore
import ParleyServer
import Testing

struct AppSettingsTests {
    @Test func whatIsShownCanBeSet() throws {
        var settings = AppSettings()
        let changes = [
            "recall-window-seconds=5", "targeted-history=on", "devices=onePerPlatform",
            "rate.rongcloud.group-message=200",
        ]
        for change in changes { try settings.apply(change) }
        #expect(settings.recallWindowSeconds == 5)
        #expect(settings.keepsTargetedHistory)
        #expect(settings.devices == .onePerPlatform)
        #expect(settings.rates == ["rongcloud.group-message": 200])
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

    @Test(arguments: [
        "nonsense=1", "recall-window-seconds=soon", "targeted-history=perhaps", "devices=two", "rate.x=-1", "rate.x",
    ])
    func whatCannotBeSetIsRefused(_ change: String) {
        var settings = AppSettings()
        #expect(throws: ConfigurationError.self) { try settings.apply(change) }
        #expect(settings == AppSettings())
    }
}
