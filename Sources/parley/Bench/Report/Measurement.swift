import ParleyJSON

/// A finding as it is read back from a measurement's JSON.
struct Measurement: Sendable {
    private let json: JSON

    /// Nil: it is no finding.
    init?(_ line: String) {
        guard let json = try? JSON(parsing: line), json["scenario"]?.string != nil else { return nil }
        self.json = json
    }

    var scenario: String { self.json["scenario"]?.string ?? "" }
    subscript(name: String) -> Double { self.json[name]?.double ?? .nan }
    func text(_ name: String) -> String { self.json[name]?.string ?? "" }
    func has(_ name: String) -> Bool { self.json[name] != nil }

    /// Everything that was taken has arrived everywhere, once, and in one order. True where nothing was to arrive.
    var isExact: Bool {
        let faults = ["missing", "repeated", "outOfOrder", "differentSequences", "lostConnections"]
        return self.json["complete"]?.bool != false && faults.allSatisfy { self.json[$0]?.double ?? 0 == 0 }
    }
}
