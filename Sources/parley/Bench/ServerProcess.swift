import Foundation
import Glibc

/// What the kernel says of the server's process, from /proc.
struct ServerProcess: Sendable {
    let id: Int32

    /// Nil: there is no such process.
    init?(id: Int32) {
        guard FileManager.default.fileExists(atPath: "/proc/\(id)/stat") else { return nil }
        self.id = id
    }

    /// User and system time so far, of all threads.
    var cpuSeconds: Double {
        // The name may hold spaces, and ends with the last parenthesis; then come the state (3) and the other fields.
        guard let text = try? String(contentsOfFile: "/proc/\(self.id)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident memory, in bytes.
    var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/\(self.id)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes * 1024
    }
}
