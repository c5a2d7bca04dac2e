import Foundation
import Logging
import ParleyCore
import ParleyServer
import Synchronization

/// The machine's clock is set, back and forth, up to twelve hours at a time, while people talk, and the server is started again with another time. In this
/// process, because its clock has to be ours.
struct ClockScenario: Scenario {
    static let name = "clock"

    func run(in arena: Arena, _ findings: Findings) async throws {
        let launch = try arena.launch("clock")
        let clock = JumpingClock()
        var server = try await Self.start(launch.folder, port: 0, clock)
        let siege = try Siege(port: server.port, dice: arena.dice, findings: findings)
        var restarts = 0
        for number in 1...arena.options.jumps {
            try await Task.sleep(for: arena.dice.milliseconds(5...60))
            clock.set(toOffset: Self.offset(arena.dice))
            guard number % 20 == 0 else { continue }
            await server.stop()
            clock.set(toOffset: Self.offset(arena.dice))
            server = try await Self.start(launch.folder, port: siege.port, clock)
            restarts += 1
            await siege.look()
        }
        await siege.end()
        await server.stop()
        for (sender, refusal) in siege.journal.refusals {
            findings.tell("\(sender) was refused while stopping: \(refusal.status) \(refusal.lastBody.prefix(200))")
        }
        findings.figure("jumps", arena.options.jumps)
        findings.figure("restarts", restarts)
    }

    /// Most jumps are small, as a time server's are.
    private static func offset(_ dice: Dice) -> Int64 {
        Int64(dice.oneIn(2) ? dice.roll(-3000...3000) : dice.roll(-43_200_000...43_200_000))
    }

    private static func start(_ folder: String, port: Int, _ clock: JumpingClock) async throws -> Server {
        let keys = ["http.port": String(port), "data.folder": folder, "limits.rates": "off"]
        let configuration = try ServerConfiguration(
            settings: try await Settings(commandLine: keys, environment: [:], file: nil))
        return try await Server.start(
            configuration, clock: clock, logger: Logger(label: "chaos", factory: { _ in SwiftLogNoOpLogHandler() }),
            prepare: { try await Demo.seed($0) })
    }
}

private final class JumpingClock: WallClock {
    private let offsetMilliseconds = Atomic<Int64>(0)
    private let system = SystemClock()

    func set(toOffset milliseconds: Int64) { self.offsetMilliseconds.store(milliseconds, ordering: .relaxed) }

    func now() -> Timestamp {
        Timestamp(
            milliseconds: self.system.now().milliseconds + self.offsetMilliseconds.load(ordering: .relaxed))
    }
}
