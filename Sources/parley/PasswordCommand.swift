import ArgumentParser
import ParleyServer

struct PasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Print the hash of a password, read from standard input, for console.password.",
        discussion: "PARLEY_CONSOLE_PASSWORD=$(parley password < FILE) parley serve --host 0.0.0.0")

    func run() throws {
        guard let password = readLine(), !password.isEmpty else {
            throw ValidationError("no password on standard input")
        }
        print(ConsolePasswordHash.make(password))
    }
}
