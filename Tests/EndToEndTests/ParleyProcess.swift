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
    static func demo(
        folder: URL, port: Int = 0, environment: [String: String] = [:], push: Bool = false, more: [String] = []
    ) async throws -> ParleyProcess {
        // Making keys for the simulator takes a second in a debug build.
        let push = push ? ["--push-port", "0"] : ["--no-push"]
        let process = try RunningProcess(
            ["demo", "--port", String(port), "--data", folder.path] + push + more, environment: environment)
        for await line in process.lines {
            if let match = line.firstMatch(of: /Parley is running\. +http:\/\/127\.0\.0\.1:(\d+)/) {
                return ParleyProcess(port: Int(match.1)!, process: process)
            }
        }
        throw Failure(text: "parley demo ended: \(await process.status)")
    }

    private init(port: Int, process: RunningProcess) {
        self.port = port
        self.process = process
    }

    var processIdentifier: Int32 { self.process.processIdentifier }

    func kill() { self.process.signal(SIGKILL) }

    /// Kills it, and returns when it is gone.
    func killed() async -> Int32 {
        self.process.signal(SIGKILL)
        return await self.process.status
    }

    /// SIGTERM, and the exit status that follows.
    func terminate() async -> Int32 {
        self.process.signal(SIGTERM)
        return await self.process.status
    }

    /// Runs a command to its end.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
        status: Int32, output: String
    ) {
        let process = try RunningProcess(arguments, environment: environment)
        var output = ""
        for await line in process.lines { output += line + "\n" }
        return (await process.status, output)
    }

    struct Failure: Error { let text: String }
}

final class RunningProcess: Sendable {
    /// Standard output, line by line, and standard error with it.
    let lines: AsyncStream<String>
    private let process: Mutex<Process>
    private let input: FileHandle
    private let exits: AsyncStream<Int32>

    /// One at a time: a process started meanwhile would inherit the pipe of another, and keep it open.
    private static let launching = Mutex(())

    /// - Parameter executable: the `parley` that was built, unless told.
    init(_ arguments: [String], environment: [String: String], executable: URL? = nil) throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
        let input = Pipe()
        let process = Process()
        process.executableURL = executable ?? Self.executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(serversSanitizer) { $1 }
            .merging(environment) { $1 }
        process.terminationHandler = {
            exit.yield($0.terminationStatus)
            exit.finish()
        }
        try Self.launching.withLock { _ in
            let pipe = Pipe()
            process.standardInput = input
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let output = pipe.fileHandleForReading
            Thread { Self.read(output, into: continuation) }.start()
        }
        self.lines = lines
        self.input = input.fileHandleForWriting
        self.exits = exits
        self.process = Mutex(process)
    }

    private static func read(_ output: FileHandle, into lines: AsyncStream<String>.Continuation) {
        var partial = ""
        while true {
            let data = output.availableData
            guard !data.isEmpty else { break }
            partial += String(decoding: data, as: UTF8.self)
            var parts = partial.components(separatedBy: "\n")
            partial = parts.removeLast()
            for line in parts { lines.yield(line) }
        }
        if !partial.isEmpty { lines.yield(partial) }
        lines.finish()
    }

    /// A line to its standard input.
    func type(_ line: String) { self.input.write(Data((line + "\n").utf8)) }

    /// There is no more standard input: what its reader sees when this process is gone, too.
    func endInput() { try? self.input.close() }

    /// Its lines up to the one that contains `text`, that one included.
    func lines(until text: String) async -> [String] {
        var lines: [String] = []
        for await line in self.lines {
            lines.append(line)
            if line.contains(text) { break }
        }
        return lines
    }

    /// How it ended. To be asked once.
    var status: Int32 {
        get async {
            for await status in self.exits { return status }
            return -1
        }
    }

    var processIdentifier: Int32 { self.process.withLock { $0.processIdentifier } }

    func signal(_ signal: Int32) {
        self.process.withLock { if $0.isRunning { _ = kill($0.processIdentifier, signal) } }
    }

    deinit { self.signal(SIGKILL) }

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
