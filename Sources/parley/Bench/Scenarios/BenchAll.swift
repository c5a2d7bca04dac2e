import ArgumentParser
import Foundation

struct BenchAll: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract:
            "The standard run: every scenario once, each with a server and a generator of its own; a table at the end.",
        discussion: "Takes about fifteen minutes and 6 GB of disk, and wants the machine for itself.")

    @Option(help: "The page whose measured part is renewed, as docs/benchmarks.md.")
    var page: String?

    @Option(help: "The commit that is measured, for the page.")
    var commit = "unknown"

    @Option(help: "Only rows whose title contains this.")
    var only: String?

    @Flag(help: "Print what each measurement found, as JSON, and no table.")
    var json = false

    func run() async throws {
        let limits = try self.measure(["limits"])
        var page = Page(machine: .this, commit: self.commit, command: "make bench", lines: [])
        for row in StandardRun.rows where self.only.map({ row.title.contains($0) }) ?? true {
            self.tell("\(row.title) …")
            page.lines.append(self.line(row, limits))
        }
        if !self.json { print(page.table) }
        guard let path = self.page else { return }
        let old = try? String(contentsOfFile: path, encoding: .utf8)
        try page.renewed(old).write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func line(_ row: StandardRow, _ limits: Measurement) -> Page.Line {
        var line = Page.Line(
            title: row.title, target: row.target, measured: "", isMet: nil, limit: "–",
            command: row.arguments.joined(separator: " "))
        do {
            let found = try self.measure(row.arguments)
            line.measured = row.measured(found) + (found.isExact ? "" : "; **deliveries are not exact**")
            line.isMet = row.verdict(found)
            line.limit = row.limit(found, limits)
        } catch {
            line.measured = "failed: \(error)"
            line.isMet = false
        }
        return line
    }

    /// A process for each, so that one does not find what another has left in memory.
    private func measure(_ arguments: [String]) throws -> Measurement {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        program.arguments = ["bench"] + arguments + ["--json"]
        let output = Pipe()
        program.standardOutput = output
        try program.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        program.waitUntilExit()
        if self.json { print(text, terminator: "") }
        guard let line = text.split(separator: "\n").last, let measurement = Measurement(String(line)) else {
            throw BenchFailure(
                "parley bench \(arguments.joined(separator: " ")) ended with \(program.terminationStatus)")
        }
        return measurement
    }

    private func tell(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
