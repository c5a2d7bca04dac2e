package import ParleyCore

/// An App's settings as `parley app show` and `parley app set` have them.
extension AppSettings {
    package var rows: [(key: String, value: String)] {
        [
            ("offline-retention-seconds", String(self.offlineRetentionSeconds)),
            ("recall-window-seconds", String(self.recallWindowSeconds)),
            ("targeted-history", self.keepsTargetedHistory ? "on" : "off"),
            ("devices", self.devices.rawValue),
        ] + self.rates.sorted { $0.key < $1.key }.map { ("rate.\($0.key)", String($0.value)) }
    }

    /// - Parameter change: `key=value`.
    /// - Throws: ``ConfigurationError`` naming the key.
    package mutating func apply(_ change: String) throws(ConfigurationError) {
        let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ConfigurationError(key: change, reason: "is not key=value") }
        let (key, value) = (parts[0], parts[1])
        switch key {
        case "offline-retention-seconds": self.offlineRetentionSeconds = try Self.seconds(value, key)
        case "recall-window-seconds": self.recallWindowSeconds = try Self.seconds(value, key)
        case "targeted-history":
            guard ["on", "off"].contains(value) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither on nor off")
            }
            self.keepsTargetedHistory = value == "on"
        case "devices":
            guard let policy = DevicePolicy(rawValue: value) else {
                let known = DevicePolicy.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(key: key, reason: "is '\(value)', none of \(known)")
            }
            self.devices = policy
        case _ where key.hasPrefix("rate."):
            guard let count = Int(value), count >= 0 else {
                throw ConfigurationError(key: key, reason: "is '\(value)', not a number of calls")
            }
            self.rates[String(key.dropFirst(5))] = count
        default: throw ConfigurationError(key: key, reason: "is no setting of an app")
        }
    }

    private static func seconds(_ value: String, _ key: String) throws(ConfigurationError) -> Int64 {
        guard let seconds = Int64(value), seconds > 0 else {
            throw ConfigurationError(key: key, reason: "is '\(value)', not a number of seconds")
        }
        return seconds
    }
}
