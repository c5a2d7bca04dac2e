import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// How a server is started: `parley demo` on a port and a folder.
struct Launch: Sendable {
    /// Put before the program: `nsenter …`.
    var prefix: [String] = []
    var program: String
    var folder: String
    /// 0: a free one.
    var port = 0
    var environment: [String: String] = ["PARLEY_LIMITS_RATES": "off"]
}

/// A server process that things are done to.
final class Victim: Sendable {
    /// It ended before it said where it listens.
    struct NotStarted: Error, CustomStringConvertible {
        var status: Int32
        var output: String
        var description: String { "the server ended with status \(self.status) before it listened: \(self.output)" }
    }

    private let process: Mutex<Process>
    private let began = ContinuousClock.now
    private let port: EventLoopPromise<(Int, Duration)>
    private let ended: EventLoopPromise<Int32>
    private let output = Mutex<[String]>([])
    private let errorLines = Mutex(0)

    /// The process is there; whether it listens is known later.
    init(_ launch: Launch) throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let (port, ended) = (loop.makePromise(of: (Int, Duration).self), loop.makePromise(of: Int32.self))
        let process = Process()
        let command =
            launch.prefix + [
                launch.program, "demo", "--no-push", "--port", String(launch.port), "--data", launch.folder,
            ]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging(launch.environment) { $1 }
        process.terminationHandler = { ended.succeed($0.terminationReason == .exit ? $0.terminationStatus : -1) }
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        self.port = port
        self.ended = ended
        try process.run()
        Victims.add(process.processIdentifier)
        self.process = Mutex(process)
        let lines = pipe.fileHandleForReading
        Thread { [self] in self.read(lines) }.start()
    }

    /// Starts it and waits until it listens.
    static func start(_ launch: Launch) async throws -> (victim: Victim, port: Int, took: Duration) {
        let victim = try Victim(launch)
        let (port, took) = try await victim.listening()
        return (victim, port, took)
    }

    var id: Int32 { self.process.withLock { $0.processIdentifier } }
    var memory: Int { ServerProcess(id: self.id)?.residentBytes ?? 0 }
    var errors: Int { self.errorLines.withLock { $0 } }

    /// What it said last.
    var lastWords: String { self.output.withLock { $0.suffix(12).joined(separator: " | ") } }

    /// The port, and how long it took from the start to there.
    /// - Throws: ``NotStarted``.
    func listening() async throws -> (port: Int, took: Duration) { try await self.port.futureResult.get() }

    /// Exit status; -1 when a signal ended it.
    func status() async -> Int32 { (try? await self.ended.futureResult.get()) ?? -1 }

    /// SIGKILL, and back when it is gone.
    func kill() async {
        self.signal(SIGKILL)
        _ = await self.status()
    }

    /// SIGTERM, its exit status and how long that took.
    func terminate() async -> (status: Int32, took: Duration) {
        let began = ContinuousClock.now
        self.signal(SIGTERM)
        let status = await self.status()
        return (status, ContinuousClock.now - began)
    }

    func signal(_ signal: Int32) {
        self.process.withLock { if $0.isRunning { _ = Glibc.kill($0.processIdentifier, signal) } }
    }

    private func read(_ file: FileHandle) {
        var partial = ""
        while case let data = file.availableData, !data.isEmpty {
            partial += String(decoding: data, as: UTF8.self)
            var lines = partial.components(separatedBy: "\n")
            partial = lines.removeLast()
            for line in lines where !line.isEmpty { self.note(line) }
        }
        if !partial.isEmpty { self.note(partial) }
        self.ended.futureResult.whenSuccess { status in
            self.port.fail(NotStarted(status: status, output: self.lastWords))
            Victims.remove(self.id)
        }
    }

    private func note(_ line: String) {
        self.output.withLock { lines in
            lines.append(line)
            if lines.count > 400 { lines.removeFirst(200) }
        }
        if line.contains(" error ") || line.contains("Fatal error") { self.errorLines.withLock { $0 += 1 } }
        if let match = line.firstMatch(of: /Parley is running\. +http:\/\/127\.0\.0\.1:(\d+)/), let port = Int(match.1)
        {
            self.port.succeed((port, ContinuousClock.now - self.began))
        }
    }
}

/// The servers that this process has started and that are still there: they end with it.
enum Victims {
    private static let ids = Mutex<Set<Int32>>([])

    static func add(_ id: Int32) { _ = self.ids.withLock { $0.insert(id) } }
    static func remove(_ id: Int32) { _ = self.ids.withLock { $0.remove(id) } }
    static func killAll() { for id in self.ids.withLock({ $0 }) { _ = Glibc.kill(id, SIGKILL) } }
}
