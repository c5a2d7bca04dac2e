import ArgumentParser
import ParleyServer

struct ProtocolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocol",
        abstract: "Print the client protocol as an AsyncAPI document, as docs/asyncapi.json has it.")

    @Flag(help: "The console's API instead, as an OpenAPI document (docs/console-api.json).")
    var console = false

    func run() {
        print(self.console ? ConsoleProtocol.openAPI : ClientProtocol.asyncAPI, terminator: "")
    }
}
