/// Whether there is a web console, and who may use it.
package struct ConsoleConfiguration: Sendable {
    package var isOn: Bool
    /// As `parley password` prints it. Nil: whoever is on this machine may.
    package var passwordHash: String?

    init(settings: Settings, host: String) {
        self.passwordHash = settings.secret(
            "console.password", "the hash of the console's password, from `parley password`; empty: this machine alone")
        let isSafe = Demo.isLoopback(host) || self.passwordHash != nil
        self.isOn = settings.isOn(
            "console", "the web console at /console; on for loopback, or with console.password", default: isSafe)
        if let hash = self.passwordHash, !ConsolePasswordHash.isOne(hash) {
            settings.note("console.password", "is not a hash: make one with `parley password`")
        }
        if self.isOn, !isSafe {
            settings.note("console", "is on, on \(host), and console.password is not set")
        }
    }
}
