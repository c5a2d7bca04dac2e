import Foundation
import ParleyCore
import ParleyServer

/// A token of one of the demo app's users, made here: no process to start for it.
func demoToken(_ user: String) -> String { Demo.signature(of: user, now: SystemClock().now()) }

extension ParleyProcess {
    /// Bytes of memory that the process holds now.
    var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(self.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) * 1024
    }

    func backend() async throws -> Backend {
        try await Backend.connect(port: self.port, userSig: demoToken("administrator"))
    }

    func listen(_ user: String, query: String = "", receiveBuffer: Int? = nil) async throws -> Listener {
        try await Listener.connect(
            port: self.port, token: demoToken(user), query: query, receiveBuffer: receiveBuffer)
    }
}
