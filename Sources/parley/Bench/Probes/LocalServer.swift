import Foundation
import Glibc

/// A demo server of our own with the vendors' limits off, on a free port and, unless one is given, a folder that is gone afterwards.
final class LocalServer {
    let port: Int
    let process: ServerProcess
    let folder: URL
    /// Its data folder.
    let data: String
    private let program: Process

    /// Where data folders are made; on the disk that is to be measured.
    static var temporaryFolder: URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("parley-bench-\(UUID().uuidString)")
    }

    /// - Parameters:
    ///   - executable: the `parley` that serves; this one, unless told.
    ///   - data: a data folder that there is, and that stays.
    init(
        executable: String = "/proc/self/exe", data: String? = nil, environment: [String: String] = [:]
    ) async throws {
        self.folder = Self.temporaryFolder
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.data = data ?? self.folder.appendingPathComponent("data").path
        let log = self.folder.appendingPathComponent("log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let program = Process()
        program.executableURL = URL(fileURLWithPath: executable).resolvingSymlinksInPath()
        program.arguments = [
            "demo", "--no-push", "--port", "0", "--data", self.data,
        ]
        program.environment = ProcessInfo.processInfo.environment
            .merging(["PARLEY_LIMITS_RATES": "off"]) { $1 }.merging(environment) { $1 }
        let output = try FileHandle(forWritingTo: log)
        program.standardInput = FileHandle.nullDevice
        program.standardOutput = output
        program.standardError = output
        try program.run()
        self.program = program
        do {
            self.port = try await Self.port(in: log, of: program)
        } catch {
            program.terminate()
            try? FileManager.default.removeItem(at: self.folder)
            throw error
        }
        guard let process = ServerProcess(id: program.processIdentifier) else {
            throw BenchFailure("the server did not stay")
        }
        self.process = process
    }

    /// Looks until the server has said where it is: at most 30 seconds.
    private static func port(in log: URL, of program: Process) async throws -> Int {
        for _ in 0..<1500 {
            let text = try String(contentsOf: log, encoding: .utf8)
            if let port = self.port(in: text) { return port }
            guard program.isRunning else { throw BenchFailure("the server did not start: \(text)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw BenchFailure("the server does not say where it is")
    }

    static func port(in text: String) -> Int? {
        text.firstMatch(of: /Parley is running\. +http:\/\/127\.0\.0\.1:(\d+)\s/).flatMap { Int($0.1) }
    }

    func stop() {
        self.program.terminate()
        self.program.waitUntilExit()
        try? FileManager.default.removeItem(at: self.folder)
    }
}
