import ParleyJSON

/// A schema as JSON Schema has it (draft 7, which AsyncAPI 3.0 builds on).
extension JSONWriter {
    mutating func schema(_ schema: Schema) {
        self.object { json in
            if case .shared(let name) = schema.form {
                json.field("$ref", "#/components/schemas/\(name)")
                return
            }
            if let doc = schema.doc { json.field("description", doc) }
            json.members(of: schema.form)
        }
    }

    private mutating func members(of form: Schema.Form) {
        switch form {
        case .string(let bytes):
            self.field("type", "string")
            if bytes.lowerBound > 0 { self.field("minLength", bytes.lowerBound) }
            // Bytes of UTF-8 are never fewer than characters.
            if bytes.upperBound < Int.max { self.field("maxLength", bytes.upperBound) }
        case .choice(let values):
            self.field("type", "string")
            self.field("enum", values)
        case .integer(let range):
            self.field("type", "integer")
            if range.lowerBound > Int64.min { self.field("minimum", range.lowerBound) }
            if range.upperBound < Int64.max { self.field("maximum", range.upperBound) }
        case .number: self.field("type", "number")
        case .boolean: self.field("type", "boolean")
        case .yes: self.field("const", true)
        case .anything: break
        case .array(let element, let count):
            self.field("type", "array")
            self.field("items") { $0.schema(element) }
            if count.lowerBound > 0 { self.field("minItems", count.lowerBound) }
            if count.upperBound < Int.max { self.field("maxItems", count.upperBound) }
        case .object(let members, let others): self.object(members, others)
        case .map(let value, _, let limit):
            self.field("type", "object")
            self.field("additionalProperties") { $0.schema(value) }
            if limit < Int.max { self.field("maxProperties", limit) }
        case .either(let schemas):
            self.field("anyOf") { $0.array(schemas) { $0.schema($1) } }
        case .shared: break
        }
    }

    private mutating func object(_ members: [Schema.Member], _ others: Schema.Others) {
        self.field("type", "object")
        let required = members.filter(\.isRequired).map(\.name)
        if !required.isEmpty { self.field("required", required) }
        self.field("properties") { json in
            json.object { json in
                for member in members { json.field(member.name) { $0.schema(member.schema) } }
            }
        }
        if others == .refused { self.field("additionalProperties", false) }
    }
}
