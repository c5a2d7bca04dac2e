import Foundation
package import ParleyCore

/// What of an App is shown and changed: its settings, and what its credentials say beside key and secret.
extension App {
    /// Secrets are masked.
    package var rows: [(key: String, value: String)] { self.rows(showingSecrets: false) }

    package func rows(showingSecrets: Bool) -> [(key: String, value: String)] {
        let details = self.credentials.first { $0.dialect == Self.rongCloud }?.details ?? [:]
        return self.settings.rows(showingSecrets: showingSecrets) + [
            (Self.toleranceKey, details["signatureToleranceSeconds"] ?? "off"),
            (Self.singleUseKey, details["singleUseNonces"] ?? "off"),
            (Self.navigationKey, details["navigation"] ?? "none"),
        ]
    }

    /// - Parameter change: `key=value`.
    /// - Throws: ``ConfigurationError`` naming the key.
    package mutating func apply(_ change: String) throws(ConfigurationError) {
        let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, [Self.toleranceKey, Self.singleUseKey, Self.navigationKey].contains(parts[0]) else {
            return try self.settings.apply(change)
        }
        let (key, value) = (parts[0], parts[1])
        guard let index = self.credentials.firstIndex(where: { $0.dialect == Self.rongCloud }) else {
            throw ConfigurationError(key: key, reason: "the app has no credential in rongcloud")
        }
        if key == Self.navigationKey {
            self.credentials[index].details["navigation"] = value == "none" ? nil : try Self.addresses(value)
        } else if key == Self.toleranceKey {
            let seconds = Int64(value) ?? 0
            guard value == "off" || (1...86_400).contains(seconds) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither off nor 1 to 86400 seconds")
            }
            self.credentials[index].details["signatureToleranceSeconds"] = value == "off" ? nil : value
        } else {
            guard ["on", "off"].contains(value) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither on nor off")
            }
            self.credentials[index].details["singleUseNonces"] = value == "off" ? nil : value
        }
    }

    private static let rongCloud = DialectName("rongcloud")
    private static let toleranceKey = "rongcloud.signature-tolerance-seconds"
    /// Of use only beside a tolerance.
    private static let singleUseKey = "rongcloud.single-use-nonces"
    /// Where clients that have been told nothing else find this server: it is in their tokens.
    private static let navigationKey = "rongcloud-navigation"
    /// SDKs try one after the other.
    private static let mostAddresses = 8

    /// Some SDKs keep no path and no scheme of an address, so a host and a port is all that one may have.
    private static func addresses(_ value: String) throws(ConfigurationError) -> String {
        let addresses = value.split(separator: ";", omittingEmptySubsequences: false)
        guard (1...Self.mostAddresses).contains(addresses.count), addresses.allSatisfy(Self.isAddress) else {
            throw ConfigurationError(
                key: Self.navigationKey,
                reason:
                    "is '\(value)', neither none nor 1 to \(Self.mostAddresses) addresses http://host:port or https://host:port parted by ;"
            )
        }
        return value
    }

    private static func isAddress(_ text: Substring) -> Bool {
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x40 }),
            let url = URLComponents(string: String(text)), let scheme = url.scheme, let host = url.host, !host.isEmpty
        else { return false }
        // Nothing else is in it.
        let port = url.port.map { ":\($0)" } ?? ""
        return ["http", "https"].contains(scheme) && url.port.map { (1...65535).contains($0) } ?? true
            && text == "\(scheme)://\(host)\(port)"
    }
}

/// An App's settings as `parley app show` and `parley app set` have them.
extension AppSettings {
    /// Secrets are masked.
    package var rows: [(key: String, value: String)] { self.rows(showingSecrets: false) }

    package func rows(showingSecrets: Bool) -> [(key: String, value: String)] {
        [
            ("offline-retention-seconds", String(self.offlineRetentionSeconds)),
            ("recall-window-seconds", String(self.recallWindowSeconds)),
            ("targeted-history", self.keepsTargetedHistory ? "on" : "off"),
            ("devices", self.devices.rawValue),
            ("room-idle-seconds", String(self.roomIdleSeconds)),
        ] + self.rates.sorted { $0.key < $1.key }.map { ("rate.\($0.key)", String($0.value)) }
            + self.callbackRows(showingSecrets) + self.pushRows(showingSecrets)
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
        case "room-idle-seconds": self.roomIdleSeconds = Int64(try Self.number(value, 0...604_800, key))
        case _ where key.hasPrefix("rate."):
            guard let count = Int(value), count >= 0 else {
                throw ConfigurationError(key: key, reason: "is '\(value)', not a number of calls")
            }
            self.rates[String(key.dropFirst(5))] = count
        case Self.callbackNetworksKey: self.applyCallbackNetworks(value)
        case _ where key.hasPrefix(Self.callbackPrefix): try self.applyCallback(key, value)
        case Self.pushOffsetKey: self.pushOffsetMinutes = try Self.number(value, -12 * 60...14 * 60, key)
        case Self.largestPushedGroupKey: self.largestPushedGroup = try Self.number(value, 0...1_000_000, key)
        case _ where key.hasPrefix(Self.pushPrefix): try self.applyPush(key, value)
        default: throw ConfigurationError(key: key, reason: "is no setting of an app")
        }
    }

    private static func number(
        _ value: String, _ range: ClosedRange<Int>, _ key: String
    ) throws(ConfigurationError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw ConfigurationError(
                key: key, reason: "is '\(value)', not \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func seconds(_ value: String, _ key: String) throws(ConfigurationError) -> Int64 {
        guard let seconds = Int64(value), seconds > 0 else {
            throw ConfigurationError(key: key, reason: "is '\(value)', not a number of seconds")
        }
        return seconds
    }
}
