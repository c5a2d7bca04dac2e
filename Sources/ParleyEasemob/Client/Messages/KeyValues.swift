import ParleyJSON

/// The members of `ext` and the like, as protobuf has them and as JSON. Source: facts/easemob-client.md 3, KeyValue.
extension WireKeyValue {
    private enum Kind: Int32 {
        case bool = 1
        case int = 2
        case unsigned = 3
        case long = 4
        case float = 5
        case double = 6
        case string = 7
        case json = 8
    }

    /// As the web SDKs write it.
    init(_ key: String, _ value: JSON) {
        self.init()
        self.key = key
        switch value.kind {
        case .object, .array, .null:
            self.type = Kind.json.rawValue
            self.stringValue = value.text
        case .string:
            self.type = Kind.string.rawValue
            self.stringValue = value.string ?? ""
        case .bool:
            self.type = Kind.bool.rawValue
            self.varintValue = value.bool == true ? 1 : 0
        case .number:
            if let whole = Int64(value.text) {
                self.type = Kind.int.rawValue
                self.varintValue = whole
            } else {
                self.type = Kind.double.rawValue
                self.doubleValue = value.double ?? 0
            }
        }
    }

    static func list(_ object: JSON?) -> [WireKeyValue] {
        (object?.members ?? []).map { WireKeyValue($0.key, $0.value) }
    }

    func write(to json: inout JSONWriter) {
        switch (Kind(rawValue: self.type), self.value) {
        case (.bool, .varintValue(let value)): json.field(self.key, value != 0)
        case (.unsigned, .varintValue(let value)): json.field(self.key, UInt64(bitPattern: value))
        case (_, .varintValue(let value)): json.field(self.key, value)
        case (_, .floatValue(let value)): json.field(self.key, Double(value))
        case (_, .doubleValue(let value)): json.field(self.key, value)
        case (.json, .stringValue(let text)):
            if let value = try? JSON(parsing: text) {
                json.field(self.key, raw: value.raw)
            } else {
                json.field(self.key, text)
            }
        case (_, .stringValue(let text)): json.field(self.key, text)
        case (_, nil): json.field(self.key, "")
        }
    }
}

extension [WireKeyValue] {
    /// An object; of members of one name the last counts, as it does to the SDKs.
    var json: [UInt8] {
        var seen: Set<String> = []
        let members = self.reversed().filter { seen.insert($0.key).inserted }.reversed()
        return JSONWriter.object { json in
            for member in members { member.write(to: &json) }
        }
    }
}
