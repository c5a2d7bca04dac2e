import ParleyJSON

/// How many instructions each path may take: `Benchmarks/instructions.json`.
package struct Thresholds: Hashable, Sendable {
    /// More than the threshold by no more than this is let through: the count itself moves a little.
    package var tolerancePercent: Double
    /// By path, for one message.
    package var instructions: [String: Int]

    package init(tolerancePercent: Double, instructions: [String: Int]) {
        self.tolerancePercent = tolerancePercent
        self.instructions = instructions
    }

    /// - Throws: ``PathFailure``, where it is not what this file writes.
    package init(parsing text: String) throws {
        guard let json = try? JSON(parsing: text), let tolerance = json["tolerancePercent"]?.double,
            let paths = json["instructions"]?.members
        else { throw PathFailure(description: "the thresholds cannot be read") }
        var instructions: [String: Int] = [:]
        for (name, value) in paths {
            guard let count = value.int, count > 0 else {
                throw PathFailure(description: "the threshold of \(name) is no number")
            }
            instructions[name] = Int(count)
        }
        self.init(tolerancePercent: tolerance, instructions: instructions)
    }

    package var text: String {
        let lines = self.instructions.sorted { $0.key < $1.key }.map { "        \"\($0.key)\": \($0.value)" }
        return """
            {
                "tolerancePercent": \(self.tolerancePercent),
                "instructions": {
            \(lines.joined(separator: ",\n"))
                }
            }

            """
    }

    package enum Judgement: Hashable, Sendable {
        case within
        /// So much less that the threshold should be renewed, or it guards nothing.
        case below
        case above
        /// There is no threshold.
        case unknown
    }

    package func judge(_ path: String, measured: Int) -> Judgement {
        guard let threshold = self.instructions[path] else { return .unknown }
        let share = self.tolerancePercent / 100
        if Double(measured) > Double(threshold) * (1 + share) { return .above }
        return Double(measured) < Double(threshold) * (1 - 2 * share) ? .below : .within
    }

    /// One line for people: the path, what it may take, what it took.
    package func report(_ path: String, measured: Int) -> String {
        let threshold = self.instructions[path] ?? 0
        let numbers = "\(path): \(measured) instructions a message, threshold \(threshold)"
        switch self.judge(path, measured: measured) {
        case .within: return "ok       \(numbers)"
        case .below: return "less     \(numbers): renew it with `make instructions RENEW=1`"
        case .unknown: return "MISSING  \(path): \(measured) instructions a message, and no threshold"
        case .above:
            let more = (Double(measured) / Double(threshold) - 1) * 100
            return "TOO MANY \(numbers): \(Int(more.rounded())) % more, \(self.tolerancePercent) % are let through"
        }
    }

    /// What a run of one length, and a longer one, took: what one message takes.
    package static func each(short: (count: Int, instructions: Int), long: (count: Int, instructions: Int)) -> Int {
        (long.instructions - short.instructions) / max(1, long.count - short.count)
    }

    /// From what callgrind prints at its end.
    package static func collected(_ output: String) -> Int? {
        output.firstMatch(of: /Collected : (\d+)/).flatMap { Int($0.1) }
    }
}
