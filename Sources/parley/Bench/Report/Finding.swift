import Foundation

/// What a measurement found, in the order in which it is shown: as text for people, as one line of JSON for programs.
struct Finding {
    enum Value: Hashable, Sendable {
        case text(String)
        case count(Int)
        /// With so many digits after the point.
        case number(Double, digits: Int)
        case truth(Bool)
    }

    let scenario: String
    private(set) var facts: [(name: String, value: Value, unit: String)] = []

    init(_ scenario: String) { self.scenario = scenario }

    mutating func add(_ name: String, _ value: String) { self.facts.append((name, .text(value), "")) }
    mutating func add(_ name: String, _ value: Int, _ unit: String = "") {
        self.facts.append((name, .count(value), unit))
    }
    mutating func add(_ name: String, _ value: Bool) { self.facts.append((name, .truth(value), "")) }

    mutating func add(_ name: String, _ value: Double, _ unit: String = "", digits: Int = 2) {
        self.facts.append((name, .number(value, digits: digits), unit))
    }

    /// 50th, 99th and 99.9th percentile, and the maximum, in milliseconds.
    mutating func add(_ name: String, _ latencies: Histogram) {
        for (label, quantile) in [("P50", 0.5), ("P99", 0.99), ("P999", 0.999), ("Max", 1)] {
            self.add(name + label, latencies.milliseconds(at: quantile), "ms", digits: 3)
        }
    }

    /// One object, on one line.
    var json: String {
        let members = [("scenario", "\"\(self.scenario)\"")] + self.facts.map { ($0.name, Self.json($0.value)) }
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    private static func json(_ value: Value) -> String {
        switch value {
        case .text(let text): "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        case .count(let count): String(count)
        case .number(let number, let digits): number.isFinite ? String(format: "%.\(digits)f", number) : "null"
        case .truth(let truth): truth ? "true" : "false"
        }
    }

    /// A line for each fact.
    var text: String {
        let width = self.facts.map(\.name.count).max() ?? 0
        let lines = self.facts.map { fact in
            let value =
                if case .text(let text) = fact.value { text } else { Self.json(fact.value) }
            return "  " + fact.name.padding(toLength: width, withPad: " ", startingAt: 0) + "  \(value) \(fact.unit)"
        }
        return ([self.scenario] + lines).joined(separator: "\n")
    }
}
