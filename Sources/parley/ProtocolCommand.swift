import ArgumentParser
import ParleyServer

struct ProtocolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocol",
        abstract: "Print the client protocol as an AsyncAPI document, as docs/asyncapi.json has it.")

    func run() { print(ClientProtocol.asyncAPI, terminator: "") }
}
