import ArgumentParser
import Foundation

/// One thing that happens to servers.
protocol Scenario: Sendable {
    static var name: String { get }
    func run(in arena: Arena, _ findings: Findings) async throws
}

/// Where scenarios run: their options, their chance, and a folder that is gone afterwards.
struct Arena: Sendable {
    static let scenarios: [any Scenario] = [
        KillScenario(), TornScenario(), DiskScenario(), ClientsScenario(), ClockScenario(), StopScenario(),
        SoakScenario(),
    ]
    static var scenarioNames: String { self.scenarios.map { type(of: $0).name }.joined(separator: ", ") }

    let options: ChaosOptions
    let dice: Dice
    let folder: String
    let program: String

    init(_ options: ChaosOptions) throws {
        self.options = options
        self.dice = Dice(seed: options.seed ?? UInt64.random(in: 0...UInt64(UInt32.max)))
        self.folder = (options.folder ?? FileManager.default.temporaryDirectory.path) + "/parley-chaos-\(getpid())"
        self.program = try options.program ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard FileManager.default.isExecutableFile(atPath: self.program) else {
            throw ValidationError("\(self.program) is no program")
        }
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        Self.endTogether(self.folder)
    }

    /// A server on a folder of its own.
    func launch(_ name: String, _ environment: [String: String] = [:]) throws -> Launch {
        let folder = "\(self.folder)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var launch = Launch(program: self.program, folder: folder)
        launch.environment.merge(environment) { $1 }
        return launch
    }

    func run(_ scenario: any Scenario) async -> Findings {
        let findings = Findings(type(of: scenario).name, isQuiet: self.options.json)
        let minutes = self.options.limit + (type(of: scenario).name == "soak" ? self.options.minutes : 0)
        let watchdog = Task {
            guard (try? await Task.sleep(for: .seconds(Int64(minutes) * 60))) != nil else { return }
            // Whatever waits for these servers goes on when they are gone.
            findings.violation("it has not ended after \(minutes) minutes")
            Victims.killAll()
            try? await Task.sleep(for: .seconds(10))
            self.clear()
            Foundation.exit(1)
        }
        let began = ContinuousClock.now
        do { try await scenario.run(in: self, findings) } catch { findings.violation("it broke off: \(error)") }
        watchdog.cancel()
        Victims.killAll()
        findings.took(ContinuousClock.now - began)
        try? FileManager.default.removeItem(atPath: "\(self.folder)/\(type(of: scenario).name)")
        return findings
    }

    func clear() { try? FileManager.default.removeItem(atPath: self.folder) }

    /// Who interrupts this process means its servers too.
    private static func endTogether(_ folder: String) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                Victims.killAll()
                try? FileManager.default.removeItem(atPath: folder)
                Foundation.exit(128 + number)
            }
            source.resume()
            Self.sources.append(source)
        }
    }

    private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []
}
