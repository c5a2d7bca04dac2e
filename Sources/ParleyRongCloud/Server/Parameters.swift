import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The parameters of a call, from a form or, where an SDK sends one, from a JSON object.
///
/// As lenient as the vendor is with its SDKs (facts/rongcloud-server.md, section 6): an empty value is no value, an
/// optional one may be the word `undefined` that JavaScript leaves, flags come as `1`, `true` or `True`, and what
/// nobody asks for is ignored.
struct Parameters: Sendable {
    /// Without empty values; a name may be there several times, and its values are in the order sent.
    private let fields: [(name: String, value: String)]
    /// The same, where there are so many that looking through them would take longer than hashing.
    private let index: [String: [String]]?

    /// A call has up to twenty parameters, and is asked for up to forty.
    private static let indexedFrom = 64

    /// - Throws: `Malformed` when the body is not UTF-8, or should be JSON and is not.
    init(_ request: WireRequest) throws(Malformed) {
        let type = request.header("Content-Type")?.lowercased() ?? ""
        try self.init(request.body, isJSON: type.hasPrefix("application/json"))
    }

    init(_ body: [UInt8], isJSON: Bool = false) throws(Malformed) {
        if !isJSON {
            self.fields = try Form(body).fields.filter { !$0.value.isEmpty }
        } else if !body.isEmpty {
            guard let members = (try? JSON(parsing: body))?.members else { throw Malformed("", .unreadable) }
            // Of a name that is there twice, the last counts.
            let last = Dictionary(members) { $1 }
            self.fields = last.flatMap { name, value in value.texts.map { (name, $0) } }
        } else {
            self.fields = []
        }
        self.index =
            self.fields.count < Self.indexedFrom
            ? nil : Dictionary(grouping: self.fields, by: \.name).mapValues { $0.map(\.value) }
    }

    private func first(_ name: String, where isMeant: (String) -> Bool = { _ in true }) -> String? {
        if let index = self.index { return index[name]?.first(where: isMeant) }
        return self.fields.first { $0.name == name && isMeant($0.value) }?.value
    }

    private func all(_ name: String) -> [String] {
        if let index = self.index { return index[name] ?? [] }
        return self.fields.compactMap { $0.name == name ? $0.value : nil }
    }
}

extension JSON {
    /// As a form would have it: an array is a repeated key, an object its text.
    fileprivate var texts: [String] {
        switch self.kind {
        case .null: []
        case .string: [self.string!].filter { !$0.isEmpty }
        case .bool, .number, .object: [String(decoding: self.raw, as: UTF8.self)]
        case .array: self.array!.flatMap(\.texts)
        }
    }
}

/// How long a value may be.
enum Length: Hashable, Sendable {
    /// In UTF-8.
    case bytes(Int)
    /// As Java counts, in UTF-16.
    case characters(Int)

    /// User, group and chat room ids.
    static let id = Length.bytes(64)

    func check(_ value: String, of name: String) throws(Malformed) {
        switch self {
        case .bytes(let limit):
            guard value.utf8.count <= limit else { throw Malformed(name, .tooLong(limit: limit)) }
        case .characters(let limit):
            guard value.utf16.count <= limit else { throw Malformed(name, .tooLong(limit: limit)) }
        }
    }
}

// MARK: - Texts

extension Parameters {
    func optional(_ name: String, _ length: Length? = nil) throws(Malformed) -> String? {
        guard let value = self.first(name, where: { $0 != "undefined" }) else { return nil }
        return try Self.checked(value, name, length)
    }

    func required(_ name: String, _ length: Length? = nil) throws(Malformed) -> String {
        guard let value = self.first(name) else { throw Malformed(name, .missing) }
        return try Self.checked(value, name, length)
    }

    /// An App's own text, where even a NUL may be meant.
    func requiredVerbatim(_ name: String, _ length: Length) throws(Malformed) -> String {
        guard let value = self.first(name) else { throw Malformed(name, .missing) }
        try length.check(value, of: name)
        return value
    }

    private static func checked(_ value: String, _ name: String, _ length: Length?) throws(Malformed) -> String {
        try length?.check(value, of: name)
        // A NUL ends a text too early for some of those who will store and show it.
        guard !value.utf8.contains(0) else { throw Malformed(name, .invalid) }
        return value
    }
}

// MARK: - Ids

extension Parameters {
    func requiredID(_ name: String) throws(Malformed) -> String {
        try Self.checkedID(self.required(name, .id), name)
    }

    func optionalID(_ name: String) throws(Malformed) -> String? {
        guard let value = try self.optional(name, .id) else { return nil }
        return try Self.checkedID(value, name)
    }

    /// A repeated key, or ids joined by commas, or both: SDKs mix them (facts, section 3). Repetitions of a value count towards the limit and are then dropped: nobody is written to
    /// twice by one call.
    func optionalIDs(
        _ name: String, atMost limit: Int, _ length: Length = .id
    ) throws(Malformed) -> [String] {
        let values = self.all(name).flatMap { $0.split(separator: ",").map(String.init) }
            .filter { $0 != "undefined" }
        guard values.count <= limit else { throw Malformed(name, .tooMany(limit: limit)) }
        var seen: Set<String> = []
        var ids: [String] = []
        for value in values {
            let id = try Self.checkedID(Self.checked(value, name, length), name)
            if seen.insert(id).inserted { ids.append(id) }
        }
        return ids
    }

    func requiredIDs(_ name: String, atMost limit: Int) throws(Malformed) -> [String] {
        let ids = try self.optionalIDs(name, atMost: limit)
        guard !ids.isEmpty else { throw Malformed(name, .missing) }
        return ids
    }

    /// The documentation allows letters, digits and `+ = - _`; users of the other dialects have more, so only what is
    /// not text at all is refused.
    static func checkedID(_ value: String, _ name: String) throws(Malformed) -> String {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw Malformed(name, .invalid) }
        return value
    }

    func requiredUser(_ name: String) throws(Malformed) -> UserID { UserID(try self.requiredID(name)) }
    func requiredGroup(_ name: String) throws(Malformed) -> GroupID { GroupID(try self.requiredID(name)) }

    func requiredUsers(_ name: String, atMost limit: Int) throws(Malformed) -> [UserID] {
        try self.requiredIDs(name, atMost: limit).map { UserID($0) }
    }
}

// MARK: - Pairs

extension Parameters {
    /// `name[key]=value`, in the order sent.
    func pairs(_ name: String) -> [(key: String, value: String)] {
        self.fields.compactMap { field in
            guard field.name.hasPrefix(name + "["), field.name.hasSuffix("]") else { return nil }
            return (String(field.name.dropFirst(name.count + 1).dropLast()), field.value)
        }
    }
}

// MARK: - Flags and numbers

extension Parameters {
    func flag(_ name: String, default standard: Bool = false) throws(Malformed) -> Bool {
        guard let value = try self.optional(name) else { return standard }
        switch value.lowercased() {
        case "1", "true": return true
        case "0", "false": return false
        default: throw Malformed(name, .invalid)
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(Malformed) -> Int64? {
        guard let value = try self.optional(name) else { return nil }
        guard let number = Int64(value), range.contains(number) else { throw Malformed(name, .invalid) }
        return number
    }

    func requiredInteger(_ name: String, in range: ClosedRange<Int64>) throws(Malformed) -> Int64 {
        guard let number = try self.integer(name, in: range) else { throw Malformed(name, .missing) }
        return number
    }
}
