import ArgumentParser

struct BenchLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "What this machine gives to anybody: writes to loopback, flushes of its disk.")

    @Option(help: "Seconds for each, 0.1 to 10.")
    var seconds = 2.0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0.1...10).contains(self.seconds) else { throw ValidationError("--seconds 0.1 to 10") }
    }

    func run() async throws {
        var finding = Finding("limits")
        for frames in [1, 16] {
            let result = try LoopbackProbe(framesPerWrite: frames).measure(seconds: self.seconds)
            finding.add("loopbackWritesPerSecond\(frames)", result.writesPerSecond, digits: 0)
            finding.add("loopbackFramesPerSecond\(frames)", result.framesPerSecond, digits: 0)
            finding.add("loopbackMicrosecondsPerFrame\(frames)", result.microsecondsPerFrame, digits: 3)
        }
        let calm = try LoopbackProbe(framesPerWrite: 1, pauseMilliseconds: 10).measure(seconds: self.seconds)
        finding.add("roundMilliseconds", calm.millisecondsPerRound, digits: 2)
        finding.add("roundMicrosecondsPerFrame", calm.microsecondsPerFrame, digits: 2)
        let disk = try DiskProbe.measure(seconds: self.seconds)
        finding.add("flushesPerSecond", disk.flushesPerSecond, digits: 0)
        finding.add("flush", disk.flushes)
        finding.add("commitsPerSecond", disk.commitsPerSecond, digits: 0)
        print(self.json ? finding.json : finding.text)
    }
}
