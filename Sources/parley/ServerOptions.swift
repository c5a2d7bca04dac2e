import ArgumentParser
import Foundation
import Logging
import ParleyServer

/// What `serve`, `demo` and the commands that open the store share.
struct ServerOptions: ParsableArguments {
    @Option(help: "A YAML file with the configuration.")
    var config: String?

    @Option(help: "The address to listen on (http.host).")
    var host: String?

    @Option(help: "The port to listen on; 0 takes a free one (http.port).")
    var port: Int?

    @Option(help: "The folder for messages and files (data.folder).")
    var data: String?

    @Option(name: .customLong("set"), help: "Any configuration key: --set log.level=debug. Can be repeated.")
    var set: [String] = []

    func settings() async throws -> Settings {
        var values: [String: String] = [:]
        for pair in self.set {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw ValidationError("--set takes key=value, not '\(pair)'") }
            values[parts[0]] = parts[1]
        }
        if let host { values["http.host"] = host }
        if let port { values["http.port"] = String(port) }
        if let data { values["data.folder"] = data }
        return try await Settings(commandLine: values, file: self.config)
    }
}

extension ServerConfiguration {
    /// A logger to standard error, at the configured level.
    func makeLogger() -> Logger {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "parley")
        logger.logLevel = Logger.Level(rawValue: self.logLevel) ?? .notice
        return logger
    }
}
