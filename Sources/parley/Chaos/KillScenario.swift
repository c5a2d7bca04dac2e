import Foundation

/// SIGKILL at random moments under load, also while the server is starting.
struct KillScenario: Scenario {
    static let name = "kill"

    func run(in arena: Arena, _ findings: Findings) async throws {
        let kills = arena.options.kills
        let besieged = try await Besieged(try arena.launch("kill"), dice: arena.dice, findings: findings)
        let siege = besieged.siege
        var whileStarting = 0
        var journal = 0
        for number in 1...kills {
            try await Task.sleep(for: arena.dice.milliseconds(10...400))
            await besieged.victim.kill()
            journal = max(journal, fileSize(besieged.folder + "/parley.sqlite-wal"))
            if arena.dice.oneIn(6) {
                whileStarting += 1
                try await besieged.killWhileStarting(after: arena.dice.milliseconds(0...80))
            }
            try await besieged.restart()
            await siege.look()
            if number % 25 == 0 { findings.tell("\(number) kills, \(siege.journal.takenCount) acknowledged") }
        }
        await besieged.end()
        siege.refusalsAreViolations()
        findings.figure("kills under load", kills)
        findings.figure("kills while starting", whileStarting)
        findings.figure("greatest write-ahead log MB", Double(journal) / 1e6)
    }
}

func fileSize(_ path: String) -> Int {
    ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
}
