import ParleyJSON

/// A client's JSON goes to other clients only in a form that every parser takes: text without lone surrogates, numbers that are numbers elsewhere too,
/// no key twice.
extension JSONWriter {
    /// What ``ParleyJSON/JSON`` has read, written anew.
    static func safe(_ json: JSON) -> [UInt8] {
        var writer = JSONWriter()
        writer.safe(json)
        return writer.bytes
    }

    private mutating func safe(_ json: JSON) {
        switch json.kind {
        case .null, .bool: self.raw(json.raw)
        case .number: self.raw(json.double?.isFinite == true ? Array(json.raw) : [UInt8(ascii: "0")])
        case .string: self.string(json.string!)
        case .array: self.array(json.array!) { $0.safe($1) }
        case .object:
            let members = json.members!
            var last: [String: Int] = [:]
            for (index, member) in members.enumerated() { last[member.key] = index }
            self.object { writer in
                for (index, member) in members.enumerated() where last[member.key] == index {
                    writer.key(member.key)
                    writer.safe(member.value)
                }
            }
        }
    }
}
