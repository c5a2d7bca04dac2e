import Foundation
import ParleyClient
import ParleyServer

/// Mixed traffic for a long time: the memory stays where it was, and at the end everything is there.
struct SoakScenario: Scenario {
    static let name = "soak"

    /// The last third's median may be over the first's by so much of it, and by so many bytes.
    static let tolerance = (part: 0.1, bytes: 16 << 20)

    func run(in arena: Arena, _ findings: Findings) async throws {
        let (victim, port, _) = try await Victim.start(try arena.launch("soak"))
        let siege = try Siege(port: port, dice: arena.dice, findings: findings, pause: 20...80)
        let visitors = Visitors(port: port, siege: siege, stop: Latch())
        let visits = visitors.begin()
        let samples = await self.sample(victim, siege, minutes: arena.options.minutes, findings)
        visitors.stop.set()
        for visit in visits { await visit.value }
        await siege.end()
        siege.refusalsAreViolations()
        self.judge(samples, findings)
        visitors.report(findings)
        findings.check(victim.errors == 0, "the server logged \(victim.errors) errors: \(victim.lastWords)")
        let (status, _) = await victim.terminate()
        findings.check(status == 0, "SIGTERM at the end: status \(status), \(victim.lastWords)")
    }

    /// Resident bytes, every second.
    private func sample(_ victim: Victim, _ siege: Siege, minutes: Int, _ findings: Findings) async -> [Int] {
        var samples: [Int] = []
        for second in 1...(minutes * 60) {
            try? await Task.sleep(for: .seconds(1))
            samples.append(victim.memory)
            guard second % 60 == 0 else { continue }
            await siege.look()
            findings.tell("\(second / 60) minutes, \(siege.journal.takenCount) acknowledged, \(victim.memory >> 20) MB")
        }
        return samples
    }

    /// The first fifth is warm-up: caches fill. The rest in thirds.
    private func judge(_ samples: [Int], _ findings: Findings) {
        let warm = samples.dropFirst(samples.count / 5)
        let size = max(1, warm.count / 3)
        let thirds = (0..<3).map { Array(warm.dropFirst($0 * size).prefix(size)).sorted() }
        let medians = thirds.map { $0.isEmpty ? 0 : $0[$0.count / 2] }
        for (index, median) in medians.enumerated() {
            findings.figure("memory, median of third \(index + 1) MB", Double(median) / 1048576)
        }
        findings.figure("memory at most MB", Double(samples.max() ?? 0) / 1048576)
        let bound = Double(medians[0]) * (1 + Self.tolerance.part) + Double(Self.tolerance.bytes)
        findings.check(Double(medians[2]) <= bound, "memory is not flat: medians of thirds \(medians)")
    }
}
