import Foundation
import NIOCore
import ParleyCore
import ParleyServer
import Testing

struct SettingsTests {
    private func configuration(
        _ commandLine: [String: String] = [:], environment: [String: String] = [:], yaml: String? = nil
    ) async throws -> (ServerConfiguration, Settings) {
        var path: String?
        if let yaml {
            path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml").path
            try yaml.write(toFile: path!, atomically: true, encoding: .utf8)
        }
        defer { if let path { try? FileManager.default.removeItem(atPath: path) } }
        let settings = try await Settings(commandLine: commandLine, environment: environment, file: path)
        return (try ServerConfiguration(settings: settings), settings)
    }

    @Test func theCommandLineGoesBeforeTheEnvironmentBeforeTheFileBeforeDefaults() async throws {
        let yaml = "http:\n  port: 1001\n  host: 127.0.0.9\nlimits:\n  rates: off\n"
        let (fromFile, _) = try await self.configuration(yaml: yaml)
        #expect(fromFile.http.port == 1001)
        #expect(fromFile.http.host == "127.0.0.9")
        #expect(!fromFile.limitsRates)
        let (fromEnvironment, _) = try await self.configuration(environment: ["PARLEY_HTTP_PORT": "1002"], yaml: yaml)
        #expect(fromEnvironment.http.port == 1002)
        let (fromCommandLine, settings) = try await self.configuration(
            ["http.port": "1003"], environment: ["PARLEY_HTTP_PORT": "1002"], yaml: yaml)
        #expect(fromCommandLine.http.port == 1003)
        #expect(settings.rows.first { $0.key == "http.port" }?.source == "command line")
        #expect(settings.rows.first { $0.key == "data.folder" }?.source == "default")
    }

    @Test func howLongARequestMayTakeIsConfiguration() async throws {
        let (configuration, _) = try await self.configuration([
            "http.idle-seconds": "10", "http.stalled-seconds": "11", "http.request-seconds": "12",
        ])
        let timeouts = configuration.http.timeouts
        #expect((timeouts.idle, timeouts.stalled, timeouts.request) == (.seconds(10), .seconds(11), .seconds(12)))
        let (standard, _) = try await self.configuration()
        #expect(standard.http.timeouts == HTTPTimeouts())
    }

    @Test(arguments: ["off", "OFF", "false", "no", "0"])
    func ratesAreTurnedOffFromTheEnvironment(_ word: String) async throws {
        let (configuration, _) = try await self.configuration(environment: ["PARLEY_LIMITS_RATES": word])
        #expect(!configuration.limitsRates)
        #expect(configuration.core.groupMessagesPerSecond == 0)
    }

    @Test(arguments: [
        ("http.port", "many"), ("http.port", "65536"), ("limits.rates", "perhaps"), ("log.level", "loud"),
        ("http.loops", "-1"),
    ])
    func whatCannotBeReadNamesItsKey(_ key: String, _ value: String) async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await self.configuration([key: value]) }
        #expect(error?.key == key)
    }
}
