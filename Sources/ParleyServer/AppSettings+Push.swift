import Foundation
package import ParleyCore
import ParleyPush

/// Through whom phones ring, as `parley app show` and `parley app set` have it: `push.NAME.kind`, `push.NAME.url`, and the account under the names of its kind.
extension AppSettings {
    static let pushPrefix = "push."
    static let pushOffsetKey = "push-offset-minutes"
    static let largestPushedGroupKey = "push-largest-group"
    /// Each is a follower of the log of its own.
    private static let providerLimit = 32
    private static let masked = "********"
    /// A service account's key is 2 KB.
    private static let longestField = 16 * 1024

    func pushRows(_ showingSecrets: Bool) -> [(key: String, value: String)] {
        self.pushProviders.flatMap { provider in
            provider.rows(showingSecrets).map { (key: "\(Self.pushPrefix)\(provider.name).\($0)", value: $1) }
        } + [
            (Self.pushOffsetKey, "\(self.pushOffsetMinutes)"),
            (Self.largestPushedGroupKey, "\(self.largestPushedGroup)"),
        ]
    }

    /// - Parameter key: `push.NAME.FIELD`, whose provider is made if it is not there; or `push.NAME`, to be `removed`.
    mutating func applyPush(_ key: String, _ value: String) throws(ConfigurationError) {
        let parts = key.dropFirst(Self.pushPrefix.count).split(separator: ".", omittingEmptySubsequences: false)
        let name = String(parts[0])
        let index = self.pushProviders.firstIndex { $0.name == name }
        guard parts.count > 1 else { return try self.removeProvider(at: index, key, value) }
        guard parts.count == 2 else {
            throw ConfigurationError(key: key, reason: "is no setting of a push provider: push.NAME.FIELD")
        }
        var provider = if let index { self.pushProviders[index] } else { try self.newProvider(name, key) }
        try provider.set(String(parts[1]), to: value, key, isNew: index == nil)
        if let index { self.pushProviders[index] = provider } else { self.pushProviders.append(provider) }
    }

    private mutating func removeProvider(at index: Int?, _ key: String, _ value: String) throws(ConfigurationError) {
        guard value == "removed" else {
            throw ConfigurationError(
                key: key, reason: "is '\(value)': a push provider is 'removed', or named with a field")
        }
        guard let index else { throw ConfigurationError(key: key, reason: "is not there") }
        self.pushProviders.remove(at: index)
    }

    private func newProvider(_ name: String, _ key: String) throws(ConfigurationError) -> PushProvider {
        guard (1...32).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { throw ConfigurationError(key: key, reason: "a push provider's name is 1 to 32 of a-z, 0-9 and -") }
        guard self.pushProviders.count < Self.providerLimit else {
            throw ConfigurationError(key: key, reason: "there are \(Self.providerLimit) push providers already")
        }
        return PushProvider(name: name, kind: .webhook)
    }

    static func shown(_ value: String, isSecret: Bool) -> String { isSecret && !value.isEmpty ? Self.masked : value }

    /// `@PATH` stands for what is in a file: keys have lines.
    static func content(of value: String, _ key: String) throws(ConfigurationError) -> String {
        guard value != Self.masked else {
            throw ConfigurationError(key: key, reason: "is what stands in place of a secret when it is shown")
        }
        guard value.hasPrefix("@") else { return value }
        guard let file = FileManager.default.contents(atPath: String(value.dropFirst())) else {
            throw ConfigurationError(key: key, reason: "cannot read \(value.dropFirst())")
        }
        guard file.count <= Self.longestField, let text = String(data: file, encoding: .utf8) else {
            throw ConfigurationError(key: key, reason: "\(value.dropFirst()) is not text of at most 16 KB")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension App {
    /// To be asked after the last of several changes: each account can be used.
    ///
    /// - Throws: ``ConfigurationError`` naming the key.
    package func checkPush() throws(ConfigurationError) {
        var names: Set<String> = []
        for provider in self.settings.pushProviders {
            let key = AppSettings.pushPrefix + provider.name
            do throws(AccountFault) { _ = try PushAdapters.adapter(for: provider) } catch {
                throw ConfigurationError(key: "\(key).\(error.field)", reason: error.reason)
            }
            for name in [provider.name] + provider.aliases where !names.insert(name).inserted {
                throw ConfigurationError(key: "\(key).aliases", reason: "'\(name)' is another provider's too")
            }
        }
    }
}

extension PushProvider {
    func rows(_ showingSecrets: Bool) -> [(field: String, value: String)] {
        let common = [
            ("kind", self.kind.rawValue), ("url", self.url ?? "default"),
            ("aliases", self.aliases.isEmpty ? "none" : self.aliases.joined(separator: ",")),
            ("timeout", self.timeoutMilliseconds.map { "\($0)" } ?? "default"), ("on", self.isOn ? "on" : "off"),
        ]
        let account = PushAdapters.adapter(of: self.kind).fields.map { field in
            (field.name, AppSettings.shown(self.account[field.name] ?? "", isSecret: field.isSecret && !showingSecrets))
        }
        return common + account
    }

    fileprivate mutating func set(
        _ field: String, to value: String, _ key: String, isNew: Bool
    ) throws(ConfigurationError) {
        switch field {
        case "kind":
            guard let kind = Kind(rawValue: value) else {
                let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(key: key, reason: "is '\(value)', none of \(known)")
            }
            self.kind = kind
        case "url":
            guard value == "default" || value.hasPrefix("http://") || value.hasPrefix("https://"),
                value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), value.utf8.count <= 2048
            else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither default nor an http or https URL")
            }
            self.url = value == "default" ? nil : value
        case "aliases":
            self.aliases = value == "none" ? [] : value.split(separator: ",").map(String.init)
        case "timeout":
            guard value == "default" || (100...60_000) ~= (Int64(value) ?? 0) else {
                throw ConfigurationError(
                    key: key, reason: "is '\(value)', neither default nor 100 to 60000 milliseconds")
            }
            self.timeoutMilliseconds = Int64(value)
        case "on":
            guard ["on", "off"].contains(value) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither on nor off")
            }
            self.isOn = value == "on"
        case _: try self.setAccount(field, to: value, key, isNew: isNew)
        }
    }

    private mutating func setAccount(
        _ field: String, to value: String, _ key: String, isNew: Bool
    ) throws(ConfigurationError) {
        guard !isNew else { throw ConfigurationError(key: key, reason: "comes after its provider's kind") }
        let fields = PushAdapters.adapter(of: self.kind).fields
        guard fields.contains(where: { $0.name == field }) else {
            let known = ["kind", "url", "aliases", "timeout", "on"] + fields.map(\.name)
            throw ConfigurationError(
                key: key, reason: "is no setting of \(self.kind.rawValue): there are \(known.joined(separator: ", "))")
        }
        let content = try AppSettings.content(of: value, key)
        self.account[field] = content.isEmpty ? nil : content
    }
}
