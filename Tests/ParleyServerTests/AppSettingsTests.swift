import ParleyCore
import ParleyServer
import Testing

struct AppSettingsTests {
    @Test func whatIsShownCanBeSet() throws {
        var settings = AppSettings()
        for change in ["recall-window-seconds=5", "targeted-history=on", "rate.rongcloud.group-message=200"] {
            try settings.apply(change)
        }
        #expect(settings.recallWindowSeconds == 5)
        #expect(settings.keepsTargetedHistory)
        #expect(settings.rates == ["rongcloud.group-message": 200])
        var again = AppSettings()
        for row in settings.rows { try again.apply("\(row.key)=\(row.value)") }
        #expect(again == settings)
    }

    @Test(arguments: ["nonsense=1", "recall-window-seconds=soon", "targeted-history=perhaps", "rate.x=-1", "rate.x"])
    func whatCannotBeSetIsRefused(_ change: String) {
        var settings = AppSettings()
        #expect(throws: ConfigurationError.self) { try settings.apply(change) }
        #expect(settings == AppSettings())
    }
}
