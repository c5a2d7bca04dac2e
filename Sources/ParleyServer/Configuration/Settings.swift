import Configuration
import Foundation
import Synchronization
import SystemPackage

/// The configuration as it is read, key by key: remembers where each value came from, and what could not be read.
///
/// Sources in order: command line, environment (`PARLEY_HTTP_PORT` for `http.port`), YAML file, defaults.
package final class Settings: Sendable {
    /// One key as `parley config` prints it.
    package struct Row: Hashable, Sendable {
        package var key: String
        package var value: String
        package var source: String
        package var meaning: String
    }

    private struct State {
        var rows: [Row] = []
        var errors: [ConfigurationError] = []
    }

    private let commandLineKeys: Set<String>
    private let sources: [(name: String, reader: ConfigReader)]
    private let state = Mutex(State())

    /// - Parameters:
    ///   - commandLine: by key.
    ///   - file: a YAML file; nil: none.
    /// - Throws: ``ConfigurationError`` when the file cannot be read.
    package init(
        commandLine: [String: String], environment: [String: String] = ProcessInfo.processInfo.environment,
        file: String?
    ) async throws {
        let values = commandLine.map { key, value in
            (
                AbsoluteConfigKey(key.split(separator: ".").map(String.init)),
                ConfigValue(.string(value), isSecret: false)
            )
        }
        self.commandLineKeys = Set(commandLine.keys)
        var sources: [(String, ConfigReader)] = [
            (
                "command line",
                ConfigReader(provider: InMemoryProvider(values: Dictionary(values) { $1 }))
            ),
            (
                "environment",
                ConfigReader(
                    provider: EnvironmentVariablesProvider(environmentVariables: environment)
                        .prefixKeys(with: "parley"))
            ),
        ]
        if let file {
            do {
                let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(file))
                sources.append((file, ConfigReader(provider: provider)))
            } catch {
                throw ConfigurationError(key: "--config", reason: "cannot read \(file): \(error)")
            }
        }
        self.sources = sources
    }

    package var rows: [Row] { self.state.withLock { $0.rows } }

    /// - Throws: the first ``ConfigurationError`` met while reading; a key on the command line that nobody read is one.
    package func check() throws {
        if let unknown = self.commandLineKeys.subtracting(self.rows.map(\.key)).min() {
            throw ConfigurationError(
                key: unknown, reason: "there is no such key; `parley config` lists those there are")
        }
        if let first = self.state.withLock({ $0.errors.first }) { throw first }
    }

    func string(_ key: String, _ meaning: String, default fallback: String, allowed: Set<String>? = nil) -> String {
        let (value, source) = self.look(up: key) { $0.string(forKey: $1) } ?? (fallback, "default")
        if let allowed, !allowed.contains(value) {
            self.note(key, "is '\(value)', not one of \(allowed.sorted().joined(separator: ", "))")
            return fallback
        }
        self.remember(key, value, source, meaning)
        return value
    }

    /// Shown masked. Nil: it is not set, or empty.
    func secret(_ key: String, _ meaning: String) -> String? {
        let (value, source) = self.look(up: key) { $0.string(forKey: $1) } ?? ("", "default")
        self.remember(key, value.isEmpty ? "" : "********", source, meaning)
        return value.isEmpty ? nil : value
    }

    func int(_ key: String, _ meaning: String, default fallback: Int, in range: ClosedRange<Int>) -> Int {
        guard let (text, source) = self.look(up: key, { Self.text($0, $1) }) else {
            self.remember(key, String(fallback), "default", meaning)
            return fallback
        }
        guard let value = Int(text), range.contains(value) else {
            self.note(key, "is '\(text)', not a whole number from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        self.remember(key, text, source, meaning)
        return value
    }

    /// `on`, `true`, `yes`, `1`; `off`, `false`, `no`, `0`.
    func isOn(_ key: String, _ meaning: String, default fallback: Bool) -> Bool {
        guard let (text, source) = self.look(up: key, { Self.text($0, $1) }) else {
            self.remember(key, fallback ? "on" : "off", "default", meaning)
            return fallback
        }
        switch text.lowercased() {
        case "on", "true", "yes", "1":
            self.remember(key, "on", source, meaning)
            return true
        case "off", "false", "no", "0":
            self.remember(key, "off", source, meaning)
            return false
        default:
            self.note(key, "is '\(text)', neither on nor off")
            return fallback
        }
    }

    /// YAML has numbers and Booleans of its own; the environment has only text.
    private static func text(_ reader: ConfigReader, _ key: ConfigKey) -> String? {
        if let text = reader.string(forKey: key) { return text }
        if let number = reader.int(forKey: key) { return String(number) }
        return reader.bool(forKey: key).map { $0 ? "on" : "off" }
    }

    private func look(
        up key: String, _ read: (ConfigReader, ConfigKey) -> String?
    ) -> (value: String, source: String)? {
        let configKey = ConfigKey(key.split(separator: ".").map(String.init))
        for (name, reader) in self.sources {
            if let value = read(reader, configKey) { return (value, name) }
        }
        return nil
    }

    private func remember(_ key: String, _ value: String, _ source: String, _ meaning: String) {
        self.state.withLock { $0.rows.append(Row(key: key, value: value, source: source, meaning: meaning)) }
    }

    /// For what two keys say together, too.
    func note(_ key: String, _ reason: String) {
        self.state.withLock { $0.errors.append(ConfigurationError(key: key, reason: reason)) }
    }
}

/// The configuration cannot be used: exit status 78.
package struct ConfigurationError: Error, CustomStringConvertible, Hashable, Sendable {
    package var key: String
    package var reason: String
    package var description: String { "\(self.key): \(self.reason)" }

    package init(key: String, reason: String) {
        self.key = key
        self.reason = reason
    }
}
