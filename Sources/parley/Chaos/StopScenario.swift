import Foundation

/// SIGTERM under load: clients are told, what was acknowledged is kept, and it ends by itself. Two servers on one folder: the second refuses.
struct StopScenario: Scenario {
    static let name = "stop"

    /// Answers that are under way have ten seconds, and clients two to read why.
    static let bound = Duration.seconds(15)

    func run(in arena: Arena, _ findings: Findings) async throws {
        let besieged = try await Besieged(try arena.launch("stop"), dice: arena.dice, findings: findings)
        let siege = besieged.siege
        var slowest = Duration.zero
        for _ in 1...arena.options.stops {
            try await Task.sleep(for: arena.dice.milliseconds(50...600))
            try await self.refusesASecond(besieged.folder, arena, findings)
            let (status, took) = await besieged.victim.terminate()
            findings.check(status == 0, "status \(status) after SIGTERM: \(besieged.victim.lastWords)")
            findings.check(took < Self.bound, "it took \(took) to stop")
            slowest = max(slowest, took)
            try await besieged.restart()
            await siege.look()
        }
        await besieged.end()
        // Two followers on ParleyClient each time; one that had not connected yet cannot be told.
        let told = siege.endings["the server is stopping"] ?? 0
        findings.check(told >= arena.options.stops, "followers were told \(told) times that the server stops")
        findings.figure("stops", arena.options.stops)
        findings.figure("slowest stop ms", slowest.seconds * 1000)
        findings.figure("followers told", told)
        findings.figure("sends refused while stopping", siege.journal.refusals.values.reduce(0) { $0 + $1.count })
        for (sender, refusal) in siege.journal.refusals {
            findings.tell("\(sender) was refused while stopping: \(refusal.status) \(refusal.lastBody.prefix(200))")
        }
    }

    private func refusesASecond(_ folder: String, _ arena: Arena, _ findings: Findings) async throws {
        let second = try Victim(Launch(program: arena.program, folder: folder))
        do {
            _ = try await second.listening()
            findings.violation("two servers run on one folder")
            await second.kill()
        } catch {
            let status = await second.status()
            findings.check(status == 78, "the second server on a folder ends with status \(status)")
            findings.check(
                second.lastWords.contains("in use by another parley server"),
                "the second server does not say why: \(second.lastWords)")
        }
    }
}
