import ArgumentParser
import Foundation

/// A demo server that a measurement starts itself, on a folder of its own and a free port, with the vendors' limits off.
final class ChildServer {
    let port: Int
    let process: ServerProcess
    private let child: Process

    /// Returns when the server says where it is.
    static func start(folder: String) throws -> ChildServer {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = ["demo", "--port", "0", "--data", folder]
        var environment = ProcessInfo.processInfo.environment
        environment["PARLEY_LIMITS_RATES"] = "off"
        child.environment = environment
        let output = Pipe()
        child.standardOutput = output
        try child.run()
        var said = ""
        while true {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ValidationError("the server did not start") }
            said += String(decoding: more, as: UTF8.self)
            guard let port = Self.port(in: said) else { continue }
            guard let process = ServerProcess(id: child.processIdentifier) else {
                throw ValidationError("the server has ended")
            }
            output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
            return ChildServer(port: port, process: process, child: child)
        }
    }

    /// Nil: it has not been said yet.
    private static func port(in text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return lines.first { $0.hasPrefix("Parley is running.") }?.split(separator: ":").last.flatMap { Int($0) }
    }

    private init(port: Int, process: ServerProcess, child: Process) {
        self.port = port
        self.process = process
        self.child = child
    }

    func stop() {
        self.child.terminate()
        self.child.waitUntilExit()
    }
}
