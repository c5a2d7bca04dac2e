import ParleyJSON

/// What our own parser reads must be read again from what our own writer makes of it, as the same.
indirect enum Structure: Equatable {
    case null
    case bool(Bool)
    case number([UInt8])
    case string([UInt8])
    case array([Structure])
    case object([Member])

    struct Member: Equatable {
        let key: [UInt8]
        let value: Structure
    }

    init(_ json: JSON) throws {
        switch json.kind {
        case .null: self = .null
        case .bool: self = .bool(try Self.present(json.bool))
        case .number:
            // A number is one for whoever asks, unless it is greater than all.
            let isGreatest = Double(String(decoding: json.raw, as: UTF8.self))?.isInfinite == true
            try require((json.double == nil) == isGreatest, "a number is none")
            if let int = json.int { try require(json.double == Double(int), "\(int) is not \(json.double ?? 0)") }
            self = .number(Array(json.raw))
        case .string: self = .string(Array(try Self.present(json.string).utf8))
        case .array:
            let elements = try Self.present(json.array)
            try require(elements.count == json.count, "the count is not that of the elements")
            self = .array(try elements.map { try Structure($0) })
        case .object:
            let members = try Self.present(json.members)
            for member in members.prefix(32) {
                let found = try Self.present(json[member.key])
                let last = try Self.present(members.last { $0.key.utf8.elementsEqual(member.key.utf8) })
                try require(found.raw == last.value.raw, "under \(member.key) is another's value")
            }
            self = .object(try members.map { Member(key: Array($0.key.utf8), value: try Structure($0.value)) })
        }
    }

    private static func present<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Broken("a value is not what its kind says") }
        return value
    }

    func write(into json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.bool(value)
        case .number(let digits): json.raw(digits)
        case .string(let text): json.string(String(decoding: text, as: UTF8.self))
        case .array(let elements): json.array(elements) { $1.write(into: &$0) }
        case .object(let members):
            json.object { json in
                for member in members {
                    json.key(String(decoding: member.key, as: UTF8.self))
                    member.value.write(into: &json)
                }
            }
        }
    }

    /// - Throws: ``Broken`` when it is not JSON.
    static func check(_ bytes: [UInt8]) throws {
        let json: JSON
        do { json = try JSON(parsing: bytes, maximumDepth: 1024) } catch {
            throw Broken("not JSON at \(error.offset): \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
        }
        try self.checkAgain(json)
    }

    static func checkAgain(_ json: JSON) throws {
        let structure = try Structure(json)
        var writer = JSONWriter()
        structure.write(into: &writer)
        let again: JSON
        do { again = try JSON(parsing: writer.bytes, maximumDepth: 1024) } catch {
            throw Broken("what was written is not JSON at \(error.offset)")
        }
        try require(try Structure(again) == structure, "what was written is not what was read")
    }
}
