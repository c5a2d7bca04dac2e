import Foundation
import NIOPosix
import ParleyClient
import Synchronization
import Testing

/// The real program, as its user runs it: a process on a free port, with a folder of its own.
final class ParleyProcess: Sendable {
    let port: Int
    private let process: RunningProcess

    /// Starts `parley demo` and waits until it says where it is.
    static func demo(folder: URL, environment: [String: String] = [:]) async throws -> ParleyProcess {
        let process = try RunningProcess(["demo", "--port", "0", "--data", folder.path], environment: environment)
        for await line in process.lines {
            if let match = line.firstMatch(of: /Parley is running\. +http:\/\/127\.0\.0\.1:(\d+)/) {
                return ParleyProcess(port: Int(match.1)!, process: process)
            }
        }
        throw Failure(text: "parley demo ended: \(process.status)")
    }

    private init(port: Int, process: RunningProcess) {
        self.port = port
        self.process = process
    }

    func kill() -> Int32 { self.process.end(SIGKILL) }
    func terminate() -> Int32 { self.process.end(SIGTERM) }

    /// Runs a command to its end.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
        status: Int32, output: String
    ) {
        let process = try RunningProcess(arguments, environment: environment)
        var output = ""
        for await line in process.lines { output += line + "\n" }
        return (process.status, output)
    }

    struct Failure: Error { let text: String }
}

final class RunningProcess: Sendable {
    let lines: AsyncStream<String>
    private let process: Mutex<Process>

    /// Standard output, line by line, and standard error with it.
    init(_ arguments: [String], environment: [String: String]) throws {
        let process = Process()
        process.executableURL = Self.executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        let partial = Mutex("")
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            let complete = partial.withLock { text -> [String] in
                text += String(decoding: data, as: UTF8.self)
                var parts = text.components(separatedBy: "\n")
                text = parts.removeLast()
                return parts
            }
            for line in complete { continuation.yield(line) }
            if data.isEmpty {
                handle.readabilityHandler = nil
                let rest = partial.withLock { $0 }
                if !rest.isEmpty { continuation.yield(rest) }
                continuation.finish()
            }
        }
        try process.run()
        self.process = Mutex(process)
    }

    var status: Int32 {
        self.process.withLock {
            $0.waitUntilExit()
            return $0.terminationStatus
        }
    }

    func end(_ signal: Int32) -> Int32 {
        self.process.withLock {
            if $0.isRunning { _ = Foundation.kill($0.processIdentifier, signal) }
            $0.waitUntilExit()
            return $0.terminationStatus
        }
    }

    deinit { _ = self.end(SIGKILL) }

    /// Beside the test bundle.
    private static var executable: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("parley")
    }
}

/// A folder that is gone after the test.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        self.url = FileManager.default.temporaryDirectory.appendingPathComponent("parley-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: self.url) }
}
