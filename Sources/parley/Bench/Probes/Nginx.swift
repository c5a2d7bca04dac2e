import Foundation
import Glibc

/// nginx with one worker that answers everything with the same few bytes: what HTTP costs who does nothing else.
final class Nginx {
    let port: Int
    let worker: ServerProcess
    private let program: Process
    private let folder: URL

    /// Nil: it is not installed.
    static func start() async throws -> Nginx? {
        let paths = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"]
        guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
        return try await Nginx(path)
    }

    private init(_ path: String) async throws {
        self.folder = LocalServer.temporaryFolder
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.port = try FreePort.find()
        let file = self.folder.appendingPathComponent("nginx.conf")
        try Self.configuration(port: self.port, folder: self.folder.path)
            .write(to: file, atomically: true, encoding: .utf8)
        let program = Process()
        program.executableURL = URL(fileURLWithPath: path)
        program.arguments = ["-c", file.path, "-p", self.folder.path, "-e", "stderr"]
        program.standardInput = FileHandle.nullDevice
        program.standardOutput = FileHandle.nullDevice
        program.standardError = FileHandle.nullDevice
        try program.run()
        self.program = program
        for _ in 0..<500 {
            if let worker = ServerProcess(id: program.processIdentifier)?.children.first, FreePort.isTaken(self.port) {
                self.worker = worker
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        program.terminate()
        try? FileManager.default.removeItem(at: self.folder)
        throw BenchFailure("nginx does not start")
    }

    static func configuration(port: Int, folder: String) -> String {
        let answer = #"{"code":200,"messageUIDs":[{"groupId":"demo-group","messageUID":"D1VT-IJ3R-O00C-TKGL"}]}"#
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off; worker_processes 1; pid \(folder)/pid; error_log stderr crit;
            events { worker_connections 4096; }
            http {
                access_log off; keepalive_requests 1000000000; default_type application/json;
                \(places.joined(separator: " "))
                server { listen 127.0.0.1:\(port); location / { return 200 '\(answer)'; } }
            }
            """
    }

    func stop() {
        self.program.terminate()
        self.program.waitUntilExit()
        try? FileManager.default.removeItem(at: self.folder)
    }
}

enum FreePort {
    /// One of loopback's that nobody listens on just now.
    static func find() throws(BenchFailure) -> Int {
        let listener = try Loopback.listen()
        defer { close(listener.descriptor) }
        return listener.port
    }

    static func isTaken(_ port: Int) -> Bool {
        guard let descriptor = Loopback.connect(to: port) else { return false }
        close(descriptor)
        return true
    }
}
