import ArgumentParser
import ParleyCore
import ParleyDialectKit
import ParleyServer

struct CompatibilityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compatibility",
        abstract: "Print what is there of one vendor's API, as docs/compatibility/ has it.")

    @Argument(help: "rongcloud, easemob or tencent.")
    var dialect: String

    func run() throws {
        guard let dialect = Dialects.all.first(where: { $0.name.rawValue == self.dialect }) else {
            throw ValidationError("no dialect is called '\(self.dialect)'")
        }
        print(Compatibility.page(of: dialect), terminator: "")
    }
}
