import Foundation

/// `parley-fuzz TARGET [libFuzzer's arguments]`, `parley-fuzz targets`, `parley-fuzz seeds TARGET FOLDER`.
///
/// Built only by `make fuzz` (`Package.swift` says how); docs/testing.md has what it is for.
@main
struct Fuzzer {
    static func main() throws {
        let words = CommandLine.arguments
        switch words.dropFirst().first {
        case "targets": print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
        case "seeds" where words.count == 4: try self.writeSeeds(of: self.target(words[2]), to: words[3])
        case let name?: self.run(self.target(name))
        case nil: print("parley-fuzz TARGET [arguments] | targets | seeds TARGET FOLDER")
        }
    }

    private static func target(_ name: String) -> FuzzTarget {
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            print("There is no target \(name).")
            exit(2)
        }
        return target
    }

    /// The seeds, and the words in them for libFuzzer's `-dict`.
    private static func writeSeeds(of target: FuzzTarget, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let seeds = target.seeds() + target.cases().map(\.bytes)
        for (number, seed) in seeds.enumerated() {
            try Data(seed).write(to: URL(fileURLWithPath: "\(folder)/seed-\(number)"))
        }
        let words = Set(seeds.flatMap { Words.of($0) }).sorted().map { "\"\($0)\"" }
        try Data(words.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: folder + ".dict"))
    }

    nonisolated(unsafe) private static var body: (([UInt8]) throws -> Void)!

    private static func run(_ target: FuzzTarget) -> Never {
        self.body = target.run
        // What libFuzzer is told begins behind the target's name.
        var arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>(CommandLine.unsafeArgv) + 1
        var count = CommandLine.argc - 1
        exit(
            runDriver(&count, &arguments) { start, count in
                do {
                    try Fuzzer.body(Array(UnsafeBufferPointer(start: start, count: count)))
                } catch {
                    fatalError("\(error)")
                }
                return 0
            })
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
