import ParleyJSON

/// What a value of the API looks like: for its document, and for the test that holds answers to it.
indirect enum Shape: Sendable {
    case text
    case integer
    case number
    case flag
    case choice([String])
    case list(Shape)
    case object([Field])
    /// Any JSON.
    case anything
}

/// A member of an object, or a parameter of a query.
struct Field: Sendable {
    var name: String
    var shape: Shape
    /// In a few words.
    var meaning: String
    var isRequired: Bool

    init(_ name: String, _ shape: Shape = .text, _ meaning: String = "", isRequired: Bool = true) {
        self.name = name
        self.shape = shape
        self.meaning = meaning
        self.isRequired = isRequired
    }

    static func optional(_ name: String, _ shape: Shape = .text, _ meaning: String = "") -> Field {
        Field(name, shape, meaning, isRequired: false)
    }
}

extension Shape {
    /// Where a value is not as it is declared; nil: it is.
    func complaint(about json: JSON, at place: String = "") -> String? {
        let here = place.isEmpty ? "the value" : place
        switch self {
        case .text: return json.kind == .string ? nil : "\(here): no string"
        case .integer: return json.int != nil ? nil : "\(here): no integer"
        case .number: return json.kind == .number ? nil : "\(here): no number"
        case .flag: return json.kind == .bool ? nil : "\(here): neither true nor false"
        case .choice(let values):
            return json.string.map(values.contains) ?? false
                ? nil : "\(here): none of \(values.joined(separator: ", "))"
        case .list(let element):
            guard let elements = json.array else { return "\(here): no array" }
            for (index, value) in elements.enumerated() {
                if let complaint = element.complaint(about: value, at: "\(place)[\(index)]") { return complaint }
            }
            return nil
        case .object(let members): return Self.complaint(about: json, members, at: place)
        case .anything: return nil
        }
    }

    private static func complaint(about json: JSON, _ members: [Field], at place: String) -> String? {
        guard let found = json.members else { return "\(place.isEmpty ? "the value" : place): no object" }
        for member in members {
            let name = place.isEmpty ? member.name : "\(place).\(member.name)"
            if let value = json[member.name] {
                if let complaint = member.shape.complaint(about: value, at: name) { return complaint }
            } else if member.isRequired {
                return "\(name): missing"
            }
        }
        let known = Set(members.map(\.name))
        return found.first { !known.contains($0.key) }.map { "\(place): `\($0.key)` is not declared" }
    }
}

extension JSONWriter {
    /// As JSON Schema.
    mutating func schema(_ shape: Shape, _ meaning: String = "") {
        self.object { json in
            switch shape {
            case .text: json.field("type", "string")
            case .integer: json.field("type", "integer")
            case .number: json.field("type", "number")
            case .flag: json.field("type", "boolean")
            case .choice(let values):
                json.field("type", "string")
                json.field("enum", values)
            case .list(let element):
                json.field("type", "array")
                json.field("items") { $0.schema(element) }
            case .object(let members):
                json.field("type", "object")
                json.field("properties") { json in
                    json.object { json in
                        for member in members { json.field(member.name) { $0.schema(member.shape, member.meaning) } }
                    }
                }
                let required = members.filter(\.isRequired).map(\.name)
                if !required.isEmpty { json.field("required", required) }
            case .anything: break
            }
            if !meaning.isEmpty { json.field("description", meaning) }
        }
    }
}
