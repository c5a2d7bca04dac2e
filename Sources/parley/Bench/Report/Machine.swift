import Foundation

/// What the figures were measured on.
struct Machine: Sendable {
    var date: String
    var cores: Int
    var processor: String
    var memoryGigabytes: Int
    var kernel: String
    /// Of the folder in which the servers had their data.
    var disk: String

    static var this: Machine {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withFullDate]
        let folder = FileManager.default.temporaryDirectory.path
        return Machine(
            date: formatter.string(from: Date()), cores: ProcessInfo.processInfo.activeProcessorCount,
            processor: self.processor(read("/proc/cpuinfo")),
            memoryGigabytes: Int((Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)).rounded()),
            kernel: read("/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
            disk: self.disk(of: folder, mounts: read("/proc/mounts")))
    }

    private static func read(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    /// From the text of /proc/cpuinfo.
    static func processor(_ text: String) -> String {
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    }

    /// From the text of /proc/mounts: the file system that a folder is on.
    static func disk(of folder: String, mounts: String) -> String {
        let mounts = mounts.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 2 }
        let holding = mounts.filter { mount in
            mount[1] == "/" || folder == mount[1] || folder.hasPrefix(mount[1] + "/")
        }
        // The last mounted of those that lie deepest.
        guard let mount = holding.max(by: { $0[1].count < $1[1].count }) else { return "unknown" }
        return "\(mount[2]) on \(mount[0])"
    }
}
