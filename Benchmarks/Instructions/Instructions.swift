import Foundation
import Glibc
import ParleyPaths

/// Counts the instructions of the paths under callgrind, and compares them with their thresholds.
///
///     parley-instructions judge FILE     every path, against the thresholds in FILE; status 1 if one takes too many
///     parley-instructions renew FILE     the same, and writes what was counted into FILE
///     parley-instructions run PATH N     goes along one path N times: what callgrind watches
@main
enum Instructions {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("run", 3): self.run(arguments[1], Int(arguments[2]) ?? 0)
        case ("judge", 2), ("renew", 2): exit(self.judge(arguments[1], renews: arguments[0] == "renew"))
        default:
            print("usage: parley-instructions judge|renew FILE, or run PATH N")
            exit(64)
        }
    }

    /// The main thread waits in `sleep`: callgrind ends with an error when it is parked as `async` mains are.
    private static func run(_ path: String, _ count: Int) -> Never {
        Task.detached {
            do {
                try await Paths.run(path, count)
                exit(0)
            } catch {
                print("\(path): \(error)")
                exit(1)
            }
        }
        while true { sleep(1000) }
    }

    private static func judge(_ file: String, renews: Bool) -> Int32 {
        do {
            let text = try? String(contentsOfFile: file, encoding: .utf8)
            var thresholds =
                try text.map { try Thresholds(parsing: $0) } ?? Thresholds(tolerancePercent: 5, instructions: [:])
            var isFine = true
            for (path, count) in Paths.all {
                let measured = try self.measure(path, count)
                if renews { thresholds.instructions[path] = measured }
                print(thresholds.report(path, measured: measured))
                fflush(nil)
                isFine = isFine && [.within, .below].contains(thresholds.judge(path, measured: measured))
            }
            if renews { try thresholds.text.write(toFile: file, atomically: true, encoding: .utf8) }
            return isFine ? 0 : 1
        } catch {
            print("parley-instructions: \(error)")
            return 1
        }
    }

    /// The difference of two lengths, so that what is done once does not count.
    private static func measure(_ path: String, _ count: Int) throws -> Int {
        let short = try self.callgrind(path, count / 4)
        let long = try self.callgrind(path, count / 4 + count)
        return Thresholds.each(short: (count / 4, short), long: (count / 4 + count, long))
    }

    private static func callgrind(_ path: String, _ count: Int) throws -> Int {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        program.arguments = [
            "valgrind", "--tool=callgrind", "--zero-before=parley_count_from_here", "--callgrind-out-file=/dev/null",
            executable, "run", path, String(count),
        ]
        let output = Pipe()
        program.standardOutput = output
        program.standardError = output
        try program.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        program.waitUntilExit()
        guard program.terminationStatus == 0, let collected = Thresholds.collected(text) else {
            throw PathFailure(description: "callgrind of \(path) failed:\n\(text.suffix(4000))")
        }
        return collected
    }
}
