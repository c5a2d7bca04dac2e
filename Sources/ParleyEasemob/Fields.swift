import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Reading members of a request body. What is absent or null is nil; what has the wrong type is ``Malformed``.
extension JSON {
    /// The member, unless it is absent or null.
    func value(_ name: String) -> JSON? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    func text(_ name: String) throws(Malformed) -> String? {
        guard let value = self.value(name) else { return nil }
        guard let text = value.string else { throw Malformed(name, .invalid) }
        return text
    }

    /// A text, or a number as it was written: ids come as both.
    func textOrNumber(_ name: String) throws(Malformed) -> String? {
        guard let value = self.value(name) else { return nil }
        guard let text = value.textOrInteger else { throw Malformed(name, .invalid) }
        return text
    }

    /// `true` and `false` only.
    func flag(_ name: String) throws(Malformed) -> Bool? {
        guard let value = self.value(name) else { return nil }
        guard let flag = value.bool else { throw Malformed(name, .invalid) }
        return flag
    }

    /// Also `"true"` and `"false"`, 1 and 0: older SDKs.
    func looseFlag(_ name: String) throws(Malformed) -> Bool? {
        guard let value = self.value(name) else { return nil }
        switch (value.bool, value.string?.lowercased(), value.int) {
        case (let flag?, _, _): return flag
        case (_, "true", _), (_, "1", _), (_, _, 1): return true
        case (_, "false", _), (_, "0", _), (_, _, 0): return false
        default: throw Malformed(name, .invalid)
        }
    }

    /// A whole number, or a text that is one: the vendor's own examples have `"ttl": "1024000"`.
    func number(_ name: String) throws(Malformed) -> Int64? {
        guard let value = self.value(name) else { return nil }
        guard let number = value.int ?? value.string.flatMap({ Int64($0) }) else { throw Malformed(name, .invalid) }
        return number
    }

    /// An array of texts; whole numbers count as texts.
    func texts(_ name: String) throws(Malformed) -> [String]? {
        guard let value = self.value(name) else { return nil }
        guard let elements = value.array else { throw Malformed(name, .invalid) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.textOrInteger else { throw Malformed(name, .invalid) }
            texts.append(text)
        }
        return texts
    }

    /// An array of user names, lower case, each once.
    func users(_ name: String) throws(Malformed) -> [UserID]? {
        try self.texts(name)?.map { UserID(easemob: $0) }.uniqued()
    }

    private var textOrInteger: String? { self.string ?? self.int.map(String.init) }

    /// The length of the value written without spaces and needless escapes: what limits are measured in, so that a client that escapes
    /// all but ASCII has as much room as one that does not.
    var compactByteCount: Int {
        var json = JSONWriter(capacity: self.raw.count)
        json.compact(self)
        return json.bytes.count
    }
}

extension JSONWriter {
    fileprivate mutating func compact(_ value: JSON) {
        switch value.kind {
        case .null, .bool, .number: self.raw(value.raw)
        case .string: self.string(value.string ?? "")
        case .array: self.array(value.array ?? []) { $0.compact($1) }
        case .object:
            self.object { json in
                for member in value.members ?? [] {
                    json.key(member.key)
                    json.compact(member.value)
                }
            }
        }
    }
}

extension Sequence where Element: Hashable {
    /// Each element once, where it was first.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return self.filter { seen.insert($0).inserted }
    }
}
