import Foundation
import ParleyJSON
import Synchronization

/// What one scenario did and found.
final class Findings: Sendable {
    private struct State {
        var violations: [String] = []
        var violationCount = 0
        var figures: [(name: String, value: Double)] = []
        var skipped: String?
        var seconds = 0.0
    }

    let scenario: String
    private let isQuiet: Bool
    private let state = Mutex(State())

    /// - Parameter isQuiet: what is said on the way goes to standard error, so that standard output is JSON and nothing else.
    init(_ scenario: String, isQuiet: Bool) {
        self.scenario = scenario
        self.isQuiet = isQuiet
    }

    /// What the server must never do. The first hundred are kept in words.
    func violation(_ text: String) {
        let count = self.state.withLock { state in
            state.violationCount += 1
            if state.violationCount <= 100 { state.violations.append(text) }
            return state.violationCount
        }
        if count <= 100 { self.tell("VIOLATION: \(text)") }
    }

    func check(_ isSo: Bool, _ text: @autoclosure () -> String) { if !isSo { self.violation(text()) } }

    func figure(_ name: String, _ value: some BinaryInteger) { self.figure(name, Double(value)) }

    func figure(_ name: String, _ value: Double) {
        self.state.withLock { state in
            if let index = state.figures.firstIndex(where: { $0.name == name }) {
                state.figures[index].value = value
            } else {
                state.figures.append((name, value))
            }
        }
    }

    /// It cannot be tried on this machine.
    func skip(_ reason: String) { self.state.withLock { $0.skipped = reason } }

    func took(_ duration: Duration) { self.state.withLock { $0.seconds = duration.seconds } }

    func tell(_ text: String) {
        let line = "  \(self.scenario): \(text)"
        if self.isQuiet { FileHandle.standardError.write(Data((line + "\n").utf8)) } else { say(line) }
    }

    var violationCount: Int { self.state.withLock { $0.violationCount } }

    var text: String {
        let state = self.state.withLock { $0 }
        if let skipped = state.skipped { return "\(self.scenario): SKIPPED, \(skipped)" }
        let verdict = state.violationCount == 0 ? "held" : "\(state.violationCount) VIOLATIONS"
        let figures = state.figures.map { "  \($0.name) \(Self.short($0.value))" }
        return (["\(self.scenario): \(verdict), \(Self.short(state.seconds)) s"] + figures).joined(separator: "\n")
    }

    func write(to json: inout JSONWriter) {
        let state = self.state.withLock { $0 }
        json.object {
            $0.field("scenario", self.scenario)
            $0.field("seconds", state.seconds)
            if let skipped = state.skipped { $0.field("skipped", skipped) }
            $0.field("violations", state.violationCount)
            $0.field("found", state.violations)
            $0.field("figures") { json in
                json.object { for (name, value) in state.figures { $0.field(name, value) } }
            }
        }
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(format: "%.2f", value)
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
