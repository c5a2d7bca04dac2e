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

    @Test(arguments: [
        "nonsense=1", "recall-window-seconds=soon", "targeted-history=perhaps", "devices=two", "rate.x=-1", "rate.x",
    ])
    func whatCannotBeSetIsRefused(_ change: String) {
        var settings = AppSettings()
        #expect(throws: ConfigurationError.self) { try settings.apply(change) }
        #expect(settings == AppSettings())
    }
}
