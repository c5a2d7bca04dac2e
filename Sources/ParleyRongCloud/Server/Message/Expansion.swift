import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// `extraContent`: what clients may go on changing after the message is sent.
enum Expansion {
    static let maximumPairs = 100
    /// On one message.
    static let maximumKept = 300

    static func parse(_ text: String, of name: String = "extraContent") throws(Malformed) -> [String: String] {
        guard let json = try? JSON(parsing: text) else { throw Malformed(name, .invalid) }
        return try self.parse(json, of: name)
    }

    /// Limits: the seed page's `extraContent` row. Values that are numbers or flags count as their texts. The server API has the values bare, clients have
    /// each in an object: `{"key":{"v":"value"}}`.
    static func parse(_ json: JSON, of name: String = "extraContent") throws(Malformed) -> [String: String] {
        guard let members = json.members else { throw Malformed(name, .invalid) }
        guard members.count <= Self.maximumPairs else { throw Malformed(name, .tooLong(limit: Self.maximumPairs)) }
        var pairs: [String: String] = [:]
        for (key, value) in members {
            try self.check(key, of: name)
            guard let value = (value["v"] ?? value).scalarText else { throw Malformed("\(name).\(key)", .invalid) }
            try Length.characters(4096).check(value, of: "\(name).\(key)")
            pairs[key] = value
        }
        return pairs
    }

    /// An array of keys that are to go.
    static func keys(_ json: JSON, of name: String = "extraKey") throws(Malformed) -> [String] {
        guard let array = json.array else { throw Malformed(name, .invalid) }
        guard array.count <= Self.maximumPairs else { throw Malformed(name, .tooLong(limit: Self.maximumPairs)) }
        var keys: [String] = []
        for json in array {
            guard let key = json.string else { throw Malformed(name, .invalid) }
            try self.check(key, of: name)
            keys.append(key)
        }
        return keys
    }

    private static func check(_ key: String, of name: String) throws(Malformed) {
        try Length.characters(32).check(key, of: "\(name) key")
        guard key.isKey else { throw Malformed("\(name) key", .invalid) }
    }
}
