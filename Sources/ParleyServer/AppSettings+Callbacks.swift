import Foundation
package import ParleyCore
import ParleyDialectKit

/// Who is called, as `parley app show` and `parley app set` have it: `callback.NAME.url` and so on, each rule under its name.
extension AppSettings {
    static let callbackPrefix = "callback."
    static let callbackNetworksKey = "callback-networks"
    /// Each is a follower of the log of its own.
    private static let callbackLimit = 16

    func callbackRows(_ showingSecrets: Bool) -> [(key: String, value: String)] {
        let networks = self.callbackNetworks.isEmpty ? "none" : self.callbackNetworks.joined(separator: ",")
        return self.callbacks.flatMap { rule in
            rule.rows(showingSecrets).map { (key: "\(Self.callbackPrefix)\(rule.name).\($0)", value: $1) }
        } + [(Self.callbackNetworksKey, networks)]
    }

    /// - Parameter key: `callback.NAME.FIELD`, whose rule is made if it is not there; or `callback.NAME`, to be `removed`.
    mutating func applyCallback(_ key: String, _ value: String) throws(ConfigurationError) {
        let parts = key.dropFirst(Self.callbackPrefix.count).split(separator: ".", omittingEmptySubsequences: false)
        let name = String(parts[0])
        let index = self.callbacks.firstIndex { $0.name == name }
        guard parts.count > 1 else { return try self.removeCallback(at: index, key, value) }
        guard parts.count == 2, let field = CallbackRule.Field(rawValue: String(parts[1])) else {
            let known = CallbackRule.Field.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(key: key, reason: "is no setting of a callback: there are \(known)")
        }
        var rule = if let index { self.callbacks[index] } else { try self.newCallback(name, key) }
        try rule.set(field, to: value, key)
        if let index { self.callbacks[index] = rule } else { self.callbacks.append(rule) }
    }

    private mutating func removeCallback(at index: Int?, _ key: String, _ value: String) throws(ConfigurationError) {
        guard value == "removed" else {
            throw ConfigurationError(key: key, reason: "is '\(value)': a callback is 'removed', or named with a field")
        }
        guard let index else { throw ConfigurationError(key: key, reason: "is not there") }
        self.callbacks.remove(at: index)
    }

    private func newCallback(_ name: String, _ key: String) throws(ConfigurationError) -> CallbackRule {
        guard (1...32).contains(name.utf8.count),
            name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D })
        else { throw ConfigurationError(key: key, reason: "a callback's name is 1 to 32 of a-z, 0-9 and -") }
        guard self.callbacks.count < Self.callbackLimit else {
            throw ConfigurationError(key: key, reason: "there are \(Self.callbackLimit) callbacks already")
        }
        return CallbackRule(name: name, dialect: DialectName(""), url: "", topics: [])
    }

    /// Whether an address is one is asked where it is used; an empty list is `none`.
    mutating func applyCallbackNetworks(_ value: String) {
        let networks = value.split(separator: ",").map { String($0.filter { $0 != " " }) }
        self.callbackNetworks = value == "none" ? [] : networks.filter { !$0.isEmpty }
    }
}

extension App {
    /// To be asked after the last of several changes: each rule has what it cannot do without. One that was told no topics gets all that its dialect has.
    ///
    /// - Throws: ``ConfigurationError`` naming the key.
    package mutating func checkCallbacks() throws(ConfigurationError) {
        for index in self.settings.callbacks.indices {
            let rule = self.settings.callbacks[index]
            let key = AppSettings.callbackPrefix + rule.name
            guard !rule.url.isEmpty else { throw ConfigurationError(key: "\(key).url", reason: "is missing") }
            guard !rule.dialect.rawValue.isEmpty else {
                throw ConfigurationError(
                    key: "\(key).dialect", reason: "is missing: one of \(CallbackRule.dialectNames)")
            }
            guard let topics = Dialects.all.first(where: { $0.name == rule.dialect })?.callbacks.topics else {
                throw ConfigurationError(
                    key: "\(key).dialect", reason: "is '\(rule.dialect)', none of \(CallbackRule.dialectNames)")
            }
            guard rule.topics.isSubset(of: topics) else {
                let missing = CallbackRule.text(rule.topics.subtracting(topics))
                throw ConfigurationError(
                    key: "\(key).topics", reason: "\(rule.dialect) has no \(missing), only \(CallbackRule.text(topics))"
                )
            }
            if rule.topics.isEmpty { self.settings.callbacks[index].topics = topics }
        }
    }
}

extension CallbackRule {
    enum Field: String, CaseIterable {
        case url
        case dialect
        case topics
        case secret
        case origins
        case whenUnanswered = "when-unanswered"
        case timeout = "timeout-ms"
        case attempts
        case groupForm = "group-form"
        case route = "env"
        case onlyFrom = "only-from"
        case onlyTo = "only-to"
        case onlyWith = "only-ext"
        case isOn = "on"
    }

    func rows(_ showingSecrets: Bool) -> [(field: String, value: String)] {
        Field.allCases.map { ($0.rawValue, self.value(of: $0, showingSecrets)) }
    }

    private func value(of field: Field, _ showingSecrets: Bool) -> String {
        switch field {
        case .url: self.url
        case .dialect: self.dialect.rawValue
        case .topics: self.topics.isEmpty ? Self.all : Self.text(self.topics)
        case .secret: self.secret.map { showingSecrets ? $0 : Self.masked } ?? Self.usual
        case .origins: self.origins.map(Self.text) ?? Self.usual
        case .whenUnanswered: self.whenUnanswered.rawValue
        case .timeout: self.timeoutMilliseconds.map(String.init) ?? Self.usual
        case .attempts: self.attempts.map(String.init) ?? Self.usual
        case .groupForm: self.groupForm.rawValue
        case .route: self.route ?? Self.usual
        case .onlyFrom: Self.text(self.filter.senders)
        case .onlyTo: Self.text(self.filter.destinations)
        case .onlyWith: Self.text(self.filter.attachedKeys)
        case .isOn: self.isOn ? "on" : "off"
        }
    }

    fileprivate mutating func set(_ field: Field, to value: String, _ key: String) throws(ConfigurationError) {
        switch field {
        case .url: self.url = try Self.url(value, key)
        case .dialect:
            guard Dialects.all.contains(where: { $0.name.rawValue == value }) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', none of \(Self.dialectNames)")
            }
            self.dialect = DialectName(value)
        case .topics: self.topics = value == Self.all ? [] : try Self.set(of: CallbackTopic.self, value, key)
        case .secret:
            // What is shown can be copied and set again, but this is not shown.
            guard value != Self.masked else {
                throw ConfigurationError(key: key, reason: "is what stands in place of a secret when it is shown")
            }
            self.secret = value == Self.usual ? nil : value
        case .origins: self.origins = value == Self.usual ? nil : try Self.set(of: MessageOrigin.self, value, key)
        case .whenUnanswered:
            guard let fate = WhenUnanswered(rawValue: value) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither deliver nor refuse")
            }
            self.whenUnanswered = fate
        case .timeout: self.timeoutMilliseconds = try Self.number(value, 1...30_000, key)
        case .attempts: self.attempts = try Self.number(value, 1...10, key).map { Int($0) }
        case .groupForm:
            guard let form = GroupForm(rawValue: value) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither current nor former")
            }
            self.groupForm = form
        case .route:
            guard (1...8).contains(value.utf8.count), value.utf8.allSatisfy({ $0.isLetterOrDigit }) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', not 1 to 8 letters and digits")
            }
            self.route = value == Self.usual ? nil : value
        case .onlyFrom: self.filter.senders = try Self.names(value, key)
        case .onlyTo: self.filter.destinations = try Self.names(value, key)
        case .onlyWith: self.filter.attachedKeys = try Self.names(value, key)
        case .isOn:
            guard ["on", "off"].contains(value) else {
                throw ConfigurationError(key: key, reason: "is '\(value)', neither on nor off")
            }
            self.isOn = value == "on"
        }
    }

    // MARK: Values

    private static let all = "all"
    /// As the vendor, or the App's credential, has it.
    private static let usual = "default"
    private static let masked = "********"

    fileprivate static var dialectNames: String { Dialects.all.map { $0.name.rawValue }.joined(separator: ", ") }

    fileprivate static func text<Value: Hashable & CaseIterable & RawRepresentable<String>>(
        _ values: Set<Value>
    ) -> String {
        Value.allCases.filter(values.contains).map(\.rawValue).joined(separator: ",")
    }

    private static func text(_ names: Set<String>) -> String {
        names.isEmpty ? Self.all : names.sorted().joined(separator: ",")
    }

    private static func names(_ value: String, _ key: String) throws(ConfigurationError) -> Set<String> {
        guard value != Self.all else { return [] }
        let names = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= CallbackFilter.limit, names.allSatisfy({ !$0.isEmpty }) else {
            throw ConfigurationError(key: key, reason: "is neither \(Self.all) nor 1 to \(CallbackFilter.limit) names")
        }
        return Set(names)
    }

    private static func set<Value: Hashable & CaseIterable & RawRepresentable<String>>(
        of type: Value.Type, _ text: String, _ key: String
    ) throws(ConfigurationError) -> Set<Value> {
        var values: Set<Value> = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = Value(rawValue: String(name)) else {
                let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(key: key, reason: "has '\(name)', none of \(known)")
            }
            values.insert(value)
        }
        return values
    }

    private static func number(
        _ value: String, _ range: ClosedRange<Int64>, _ key: String
    ) throws(ConfigurationError) -> Int64? {
        if value == Self.usual { return nil }
        guard let number = Int64(value), range.contains(number) else {
            throw ConfigurationError(
                key: key, reason: "is '\(value)', neither \(Self.usual) nor \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Whether its address may be called is asked with each call.
    private static func url(_ value: String, _ key: String) throws(ConfigurationError) -> String {
        guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), value.utf8.count <= 2048,
            let url = URLComponents(string: value), ["http", "https"].contains(url.scheme?.lowercased()),
            let host = url.host, !host.isEmpty
        else {
            throw ConfigurationError(
                key: key, reason: "is '\(value)', no http or https URL with a host, in printable ASCII")
        }
        guard url.user == nil, url.password == nil else {
            throw ConfigurationError(key: key, reason: "has a user name or password in it, which would not be sent")
        }
        return value
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
