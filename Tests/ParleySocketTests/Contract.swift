import Foundation
import ParleyJSON
import Testing

/// `docs/asyncapi.json`, as a stranger reads it: every frame and command that tests see must be as it says.
struct Contract: Sendable {
    static let shared = Contract()

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let document: JSON

    private init() {
        let file = Self.root.appendingPathComponent("docs/asyncapi.json")
        guard let bytes = try? Data(contentsOf: file), let json = try? JSON(parsing: Array(bytes)) else {
            preconditionFailure("docs/asyncapi.json is JSON: make docs")
        }
        self.document = json
    }

    /// The types of what a side sends: `client` or `server`.
    func types(of side: String) -> Set<String> {
        let messages = self.document["components"]?["messages"]?.members ?? []
        return Set(messages.lazy.map(\.key).filter { $0.hasPrefix(side + ".") }.map { String($0.dropFirst(7)) })
    }

    /// No member may be there that is not declared: what clients are not told of, they cannot use.
    func checkFrame(_ frame: JSON) { self.check(frame, "server", isStrict: true) }
    func checkCommand(_ command: JSON) { self.check(command, "client", isStrict: false) }

    private func check(_ json: JSON, _ side: String, isStrict: Bool) {
        guard let type = json["type"]?.string, let schema = self.schema("\(side).\(type)") else {
            Issue.record("not in docs/asyncapi.json: \(Self.text(json))")
            return
        }
        let validator = Validator(contract: self, isStrict: isStrict)
        if let complaint = validator.complaint(about: json, schema, at: type) {
            Issue.record("\(complaint): \(Self.text(json))")
        }
    }

    func schema(_ name: String) -> JSON? { self.document["components"]?["schemas"]?[name] }

    static func text(_ json: JSON) -> String { String(decoding: json.raw.prefix(1000), as: UTF8.self) }
}

/// The part of JSON Schema that the document uses; a word that it does not know is a complaint too.
struct Validator {
    let contract: Contract
    let isStrict: Bool

    func complaint(about json: JSON, _ schema: JSON, at path: String) -> String? {
        for (word, rule) in schema.members ?? [] {
            if let complaint = self.complaint(about: json, word, rule, schema, at: path) { return complaint }
        }
        return nil
    }

    private func complaint(
        about json: JSON, _ word: String, _ rule: JSON, _ schema: JSON, at path: String
    ) -> String? {
        func unless(_ isRight: Bool) -> String? { isRight ? nil : "\(path): \(word) is \(Contract.text(rule))" }
        switch word {
        case "description": return nil
        case "$ref":
            let name = rule.string?.replacing("#/components/schemas/", with: "") ?? ""
            guard let target = self.contract.schema(name) else { return "\(path): there is no \(name)" }
            return self.complaint(about: json, target, at: path)
        case "type": return unless(Self.isType(json, rule.string ?? ""))
        case "const": return unless(json.raw.elementsEqual(rule.raw))
        case "enum": return unless(rule.array?.contains { $0.string == json.string } ?? false)
        case "minLength": return unless((json.string?.unicodeScalars.count ?? .max) >= rule.int!)
        case "maxLength": return unless((json.string?.unicodeScalars.count ?? 0) <= rule.int!)
        case "minimum": return unless((json.double ?? .infinity) >= rule.double!)
        case "maximum": return unless((json.double ?? -.infinity) <= rule.double!)
        case "minItems": return unless((json.array?.count ?? .max) >= rule.int!)
        case "maxItems": return unless((json.array?.count ?? 0) <= rule.int!)
        case "maxProperties": return unless(json.count <= rule.int!)
        case "items":
            return (json.array ?? []).lazy.enumerated().compactMap {
                self.complaint(about: $0.element, rule, at: "\(path)[\($0.offset)]")
            }.first
        case "anyOf":
            let complaints = rule.array!.compactMap { self.complaint(about: json, $0, at: path) }
            return complaints.count < rule.array!.count ? nil : complaints.joined(separator: " | ")
        case "required": return unless(rule.array!.allSatisfy { json[$0.string!] != nil })
        case "properties":
            for (name, value) in json.members ?? [] {
                if let inner = rule[name] {
                    if let complaint = self.complaint(about: value, inner, at: "\(path).\(name)") { return complaint }
                } else if self.isStrict, schema["additionalProperties"] == nil {
                    return "\(path).\(name) is not declared"
                }
            }
            return nil
        case "additionalProperties":
            let declared = schema["properties"]
            for (name, value) in json.members ?? [] where declared?[name] == nil {
                if rule.bool == false { return "\(path).\(name) is not declared" }
                if let complaint = self.complaint(about: value, rule, at: "\(path).\(name)") { return complaint }
            }
            return nil
        default: return "\(path): the validator does not know \(word)"
        }
    }

    private static func isType(_ json: JSON, _ type: String) -> Bool {
        switch type {
        case "string": json.string != nil
        case "integer": json.int != nil
        case "number": json.double != nil
        case "boolean": json.bool != nil
        case "array": json.array != nil
        case "object": json.members != nil
        default: false
        }
    }
}
