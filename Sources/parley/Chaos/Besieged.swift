import Foundation
import Synchronization

/// A server process under a ``Siege``: it is ended, and started again on the same folder and port.
final class Besieged: Sendable {
    let siege: Siege
    private let launch: Launch
    private let current: Mutex<Victim>
    private let startTimes: Mutex<[Double]>

    /// Starts the server, and the siege of it.
    init(_ launch: Launch, dice: Dice, findings: Findings) async throws {
        let (victim, port, took) = try await Victim.start(launch)
        var launch = launch
        launch.port = port
        self.launch = launch
        self.current = Mutex(victim)
        self.startTimes = Mutex([took.seconds])
        self.siege = try Siege(port: port, dice: dice, findings: findings)
    }

    var victim: Victim { self.current.withLock { $0 } }
    var folder: String { self.launch.folder }
    private var findings: Findings { self.siege.findings }

    /// - Throws: when it does not start, which is the end of everything.
    func restart() async throws {
        do { try await self.restartIfItCan() } catch {
            self.findings.violation("the server did not start again: \(error)")
            throw error
        }
    }

    /// - Throws: ``Victim/NotStarted``.
    func restartIfItCan() async throws {
        let (victim, _, took) = try await Victim.start(self.launch)
        self.current.withLock { $0 = victim }
        self.startTimes.withLock { $0.append(took.seconds) }
    }

    /// Starts the server and kills it before it has said that it listens, or just after.
    func killWhileStarting(after delay: Duration) async throws {
        let victim = try Victim(self.launch)
        try? await Task.sleep(for: delay)
        await victim.kill()
    }

    /// The senders stop, everything is compared, and SIGTERM ends the server.
    func end() async {
        await self.siege.end()
        let starts = self.startTimes.withLock { $0 }.sorted()
        self.findings.figure("starts", starts.count)
        self.findings.figure("start-up median ms", starts[starts.count / 2] * 1000)
        self.findings.figure("start-up max ms", (starts.last ?? 0) * 1000)
        let (status, _) = await self.victim.terminate()
        self.findings.check(status == 0, "SIGTERM at the end: status \(status), \(self.victim.lastWords)")
    }
}
