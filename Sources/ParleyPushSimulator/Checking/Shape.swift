import ParleyJSON

/// What a documented JSON object may hold.
struct Shape: Sendable {
    private let fields: [String: Rule]
    private let required: [String]
    /// Google's: `channelId` is `channel_id`.
    private let allowsCamelCase: Bool

    init(_ fields: [String: Rule], required: [String] = [], allowsCamelCase: Bool = false) {
        self.fields = fields
        self.required = required
        self.allowsCamelCase = allowsCamelCase
    }

    /// What does not fit; unknown fields last. A null stands for an absent field.
    func faults(in json: JSON, at path: String = "") -> [Fault] {
        guard let members = json.members else { return [Fault(.wrong, path, "has to be an object")] }
        let present = members.filter { !$0.value.isNull }
        let missing = self.required.filter { name in !present.contains { self.name(of: $0.key) == name } }
        var faults = missing.map { Fault(.missing, Self.join(path, $0), "is missing") }
        var unknown: [Fault] = []
        for (key, value) in present {
            let place = Self.join(path, key)
            if let rule = self.fields[self.name(of: key)] {
                let (grave, light) = rule.faults(in: value, at: place).split { $0.kind == .unknown }
                faults += grave
                unknown += light
            } else {
                unknown.append(Fault(.unknown, place, "is not a documented field"))
            }
        }
        return faults + unknown
    }

    private func name(of key: String) -> String {
        guard self.allowsCamelCase else { return key }
        return key.reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.lowercased()
        }
    }

    private static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

struct Fault: Hashable, Sendable, CustomStringConvertible {
    enum Kind: Hashable, Sendable {
        case missing
        case wrong
        case unknown
    }

    var kind: Kind
    var path: String
    var reason: String

    init(_ kind: Kind, _ path: String, _ reason: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
    }

    var description: String { "\(self.path) \(self.reason)" }
}

extension [Fault] {
    /// Those that are not meant, and those that are.
    func split(_ isLight: (Fault) -> Bool) -> (grave: [Fault], light: [Fault]) {
        (self.filter { !isLight($0) }, self.filter(isLight))
    }
}

/// What a documented field may be.
indirect enum Rule: Sendable {
    case any
    /// Characters.
    case text(ClosedRange<Int>)
    case choice([String])
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    case flag
    case list(Rule, ClosedRange<Int>)
    /// Of strings.
    case map
    /// An object with any members.
    case members
    case object(Shape)
    /// A string that has to be something.
    case like(String, @Sendable (String) -> Bool)
    case either(Rule, Rule)

    static let text = Rule.text(0...Int.max)
    static let integer = Rule.integer(Int64.min...Int64.max)
    static let texts = Rule.list(.text, 0...Int.max)
    /// 0 or 1.
    static let bit = Rule.integer(0...1)
    /// A JSON text in a string, as Chinese providers like it.
    static let nested = Rule.like("JSON in a string") { (try? JSON(parsing: $0)) != nil }

    func faults(in json: JSON, at path: String) -> [Fault] {
        switch self {
        case .object(let shape): return shape.faults(in: json, at: path)
        case .list(let rule, let count): return Self.faults(in: json, at: path, rule, count)
        case .either(let one, let other):
            // An object is judged by what is wrong in it, not by being none of the others.
            let faults = [one, other].map { $0.faults(in: json, at: path) }
            return faults.min { $0.count { $0.path == path } < $1.count { $0.path == path } } ?? []
        case .any, .text, .choice, .integer, .number, .flag, .map, .members, .like:
            return self.complaint(json).map { [Fault(.wrong, path, $0)] } ?? []
        }
    }

    private static func faults(in json: JSON, at path: String, _ rule: Rule, _ count: ClosedRange<Int>) -> [Fault] {
        guard let elements = json.array else { return [Fault(.wrong, path, "has to be an array")] }
        guard count.contains(elements.count) else {
            return [
                Fault(.wrong, path, "has \(elements.count) elements, not \(count.lowerBound) to \(count.upperBound)")
            ]
        }
        return elements.enumerated().flatMap { rule.faults(in: $1, at: "\(path)[\($0)]") }
    }

    /// Nil: it fits.
    private func complaint(_ json: JSON) -> String? {
        switch self {
        case .any, .object, .list, .either: return nil
        case .text(let length):
            guard let text = json.string else { return "has to be a string" }
            let count = text.unicodeScalars.count
            if length.contains(count) { return nil }
            return count > length.upperBound
                ? "has \(count) characters, more than \(length.upperBound)" : "is shorter than \(length.lowerBound)"
        case .choice(let values):
            return json.string.map(values.contains) == true ? nil : "is none of \(values.joined(separator: ", "))"
        case .integer(let range):
            guard let value = json.int else { return "has to be an integer" }
            return range.contains(value) ? nil : "is \(value), not \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            guard let value = json.double else { return "has to be a number" }
            return range.contains(value) ? nil : "is \(value), not \(range.lowerBound) to \(range.upperBound)"
        case .flag: return json.bool != nil ? nil : "has to be true or false"
        case .map:
            guard let members = json.members else { return "has to be an object" }
            return members.first { $0.value.string == nil }.map { "has \($0.key), which is not a string" }
        case .members: return json.kind == .object ? nil : "has to be an object"
        case .like(let what, let isOne): return json.string.map(isOne) == true ? nil : "is not \(what)"
        }
    }
}
