import ArgumentParser
import ParleyServer

struct CompatibilityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compatibility",
        abstract: "Print what is there of one vendor's API, or for its client SDKs, as docs/compatibility/ has it.")

    @Argument(help: "rongcloud, easemob, tencent, rongcloud-client or easemob-client.")
    var dialect: String

    func run() throws {
        guard let page = Compatibility.page(named: self.dialect) else {
            throw ValidationError("no dialect is called '\(self.dialect)'")
        }
        print(page, terminator: "")
    }
}
