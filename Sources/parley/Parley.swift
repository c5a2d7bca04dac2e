import ArgumentParser
import Foundation
import ParleyServer
import ParleyStore

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
        version: Version.text,
        subcommands: [
            ServeCommand.self, DemoCommand.self, AppCommand.self, TokenCommand.self, CallbacksCommand.self,
            PushCommand.self, PushSimulatorCommand.self, ConnectCommand.self,
            BenchCommand.self, ChaosCommand.self, ConfigCommand.self, CompatibilityCommand.self, ProtocolCommand.self,
            PasswordCommand.self,
        ])

    /// Bad configuration is 78 (`EX_CONFIG`), bad usage ArgumentParser's 64, anything else 1, as the contract has it.
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
        } catch StoreFault.unusable(let path, let code, let reason) {
            let text = "parley: \(path) cannot be used: \(reason) (SQLite code \(code)). Nothing was changed.\n"
            FileHandle.standardError.write(Data(text.utf8))
            Foundation.exit(1)
        } catch {
            Self.exit(withError: error)
        }
    }
}
