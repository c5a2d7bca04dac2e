import Foundation
import Glibc

/// What the kernel says of a process, or of a family of them: CPU time to the nanosecond, and memory.
struct ServerProcess: Sendable {
    let id: Int32
    private let clock: clockid_t

    /// Nil: there is no such process.
    init?(id: Int32) {
        var clock = clockid_t()
        guard id > 0, kill(id, 0) == 0, clock_getcpuclockid(id, &clock) == 0 else { return nil }
        self.id = id
        self.clock = clock
    }

    /// User and system time so far, of all threads, those that have ended too.
    var cpuSeconds: Double {
        var time = timespec()
        guard clock_gettime(self.clock, &time) == 0 else { return 0 }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Resident memory, in bytes.
    var residentBytes: Int {
        (try? String(contentsOfFile: "/proc/\(self.id)/status", encoding: .utf8)).flatMap(Self.residentBytes) ?? 0
    }

    /// From the text of `/proc/…/status`.
    static func residentBytes(status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return kilobytes * 1024
    }

    /// The processes that it has started.
    var children: [ServerProcess] {
        let text = try? String(contentsOfFile: "/proc/\(self.id)/task/\(self.id)/children", encoding: .utf8)
        return (text ?? "").split(separator: " ").compactMap { Int32($0).flatMap(ServerProcess.init(id:)) }
    }

    /// The load generator.
    static var own: ServerProcess { ServerProcess(id: getpid())! }
}
