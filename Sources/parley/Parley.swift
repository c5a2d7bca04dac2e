import ArgumentParser
import Foundation
import ParleyServer

@main
struct Parley: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "One messaging server that speaks the server APIs of RongCloud, Easemob and Tencent IM.",
        discussion: """
            Configuration: command line, then environment (PARLEY_HTTP_PORT for http.port), then a YAML file, then defaults; \
            `parley config` lists every key and where its value came from.
            Exit statuses: 0 stopped as asked, 64 bad usage, 78 bad configuration, 1 anything else.
            """,
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, DemoCommand.self, AppCommand.self, TokenCommand.self, ConnectCommand.self,
            BenchCommand.self, ConfigCommand.self, CompatibilityCommand.self, ProtocolCommand.self,
        ])

    /// Bad configuration is 78 (`EX_CONFIG`), as the contract has it; the rest is ArgumentParser's.
    static func main() async {
        do {
            var command = try Self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as ConfigurationError {
            FileHandle.standardError.write(Data("parley: configuration: \(error)\n".utf8))
            Foundation.exit(78)
        } catch {
            Self.exit(withError: error)
        }
    }
}
