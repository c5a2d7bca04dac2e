import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// One JSON object of a request, read field by field. What is wrong is named by its whole path: `MemberList[2].Member_Account`.
///
/// `null` counts as absent: SDKs send it for what they leave out (facts/tencent-im.md, section 6). Unknown fields are ignored.
struct Fields: Sendable {
    let json: JSON
    /// Where this object is in the request: empty, or `MemberList[2].`.
    private let path: String

    /// - Throws: ``Malformed`` when the value is no object.
    init(_ json: JSON, at path: String = "") throws(Malformed) {
        guard json.kind == .object else { throw Malformed(path, path.isEmpty ? .unreadable : .invalid) }
        self.json = json
        self.path = path.isEmpty ? "" : path + "."
    }

    func name(_ field: String) -> String { self.path + field }

    /// The value under the first of the names that has one: a field's present name, then its older ones.
    func value(_ names: String...) -> (name: String, value: JSON)? { self.value(names) }

    private func value(_ names: [String]) -> (name: String, value: JSON)? {
        for name in names {
            if let value = self.json[name], !value.isNull { return (self.name(name), value) }
        }
        return nil
    }

    // MARK: Text

    func optionalString(_ names: String..., limitBytes: Int? = nil) throws(Malformed) -> String? {
        guard let (name, value) = self.value(names) else { return nil }
        guard let string = value.string else { throw Malformed(name, .invalid) }
        if let limitBytes, string.utf8.count > limitBytes { throw Malformed(name, .tooLong(limit: limitBytes)) }
        return string
    }

    /// Must be there, and not be empty.
    func string(_ name: String, limitBytes: Int? = nil) throws(Malformed) -> String {
        guard let string = try self.optionalString(name, limitBytes: limitBytes), !string.isEmpty else {
            throw Malformed(self.name(name), .missing)
        }
        return string
    }

    /// One of the texts that there are; upper and lower case differ.
    func choice<Value>(_ names: String..., of values: [String: Value]) throws(Malformed) -> Value? {
        guard let (name, value) = self.value(names) else { return nil }
        guard let string = value.string, let choice = values[string] else { throw Malformed(name, .invalid) }
        return choice
    }

    // MARK: Numbers

    func integer(_ names: String...) throws(Malformed) -> Int64? { try self.integer(names) }

    private func integer(_ names: [String]) throws(Malformed) -> Int64? {
        guard let (name, value) = self.value(names) else { return nil }
        guard let integer = value.int else { throw Malformed(name, .invalid) }
        return integer
    }

    /// An unsigned number of 32 bits, as all of the vendor's sequences, randoms, times and durations are.
    func uint32(_ names: String...) throws(Malformed) -> UInt32? {
        guard let (name, value) = self.value(names) else { return nil }
        guard let number = value.uint32 else { throw Malformed(name, .invalid) }
        return number
    }

    func requiredUInt32(_ name: String) throws(Malformed) -> UInt32 {
        guard let number = try self.uint32(name) else { throw Malformed(self.name(name), .missing) }
        return number
    }

    /// 0 or absent: no; greater: yes.
    func flag(_ name: String) throws(Malformed) -> Bool {
        guard let number = try self.integer([name]) else { return false }
        guard number >= 0 else { throw Malformed(self.name(name), .invalid) }
        return number > 0
    }

    // MARK: Lists

    /// An empty list and none at all are the same.
    func strings(_ name: String, limit: Int) throws(Malformed) -> [String] {
        var strings: [String] = []
        for (path, value) in try self.items(name, limit: limit) {
            guard let string = value.string else { throw Malformed(path, .invalid) }
            strings.append(string)
        }
        return strings
    }

    func objects(_ name: String, limit: Int) throws(Malformed) -> [Fields] {
        var objects: [Fields] = []
        for (path, value) in try self.items(name, limit: limit) { objects.append(try Fields(value, at: path)) }
        return objects
    }

    func object(_ name: String) throws(Malformed) -> Fields? {
        guard let (path, value) = self.value(name) else { return nil }
        return try Fields(value, at: path)
    }

    /// Some of the texts that there are.
    func choices<Value>(_ name: String, of values: [String: Value]) throws(Malformed) -> [Value] {
        var choices: [Value] = []
        for (path, value) in try self.items(name, limit: Int.max) {
            guard let string = value.string, let choice = values[string] else { throw Malformed(path, .invalid) }
            choices.append(choice)
        }
        return choices
    }

    func items(_ name: String, limit: Int) throws(Malformed) -> [(path: String, value: JSON)] {
        guard let (path, value) = self.value(name) else { return [] }
        guard let items = value.array else { throw Malformed(path, .invalid) }
        guard items.count <= limit else { throw Malformed(path, .tooMany(limit: limit)) }
        return items.enumerated().map { ("\(path)[\($0.offset)]", $0.element) }
    }

    // MARK: Accounts and groups

    /// Must be there. The vendor has a code of its own for accounts that are no text.
    func account(_ names: String...) throws(Malformed) -> UserID {
        guard let (name, value) = self.value(names) else { throw Malformed(self.name(names[0]), .missing) }
        return try Self.account(value, name)
    }

    /// An empty text counts as absent.
    func optionalAccount(_ name: String) throws(Malformed) -> UserID? {
        guard let (path, value) = self.value(name), value.string != "" else { return nil }
        return try Self.account(value, path)
    }

    func accounts(_ name: String, limit: Int) throws(Malformed) -> [UserID] {
        var accounts: [UserID] = []
        for (path, value) in try self.items(name, limit: limit) { accounts.append(try Self.account(value, path)) }
        return accounts
    }

    /// Must have at least one.
    func requiredAccounts(_ name: String, limit: Int) throws(Malformed) -> [UserID] {
        let accounts = try self.accounts(name, limit: limit)
        guard !accounts.isEmpty else { throw Malformed(self.name(name), .missing) }
        return accounts
    }

    private static func account(_ value: JSON, _ path: String) throws(Malformed) -> UserID {
        guard let string = value.string else { throw Malformed(path, .invalid) }
        guard !string.isEmpty else { throw Malformed(path, .missing) }
        // The real service's users have at most 32 bytes. Users of the other dialects may have longer ids, and are addressed too.
        guard string.utf8.count <= Limits.anyAccountBytes else {
            throw Malformed(path, .tooLong(limit: Limits.anyAccountBytes))
        }
        return UserID(string)
    }

    /// The group a call is about. Any group may be named, also one that another dialect made.
    func group() throws(Malformed) -> GroupID {
        guard let (name, value) = self.value("GroupId") else { throw Malformed(self.name("GroupId"), .missing) }
        guard let text = value.string, let group = GroupID(addressed: text) else { throw Malformed(name, .invalid) }
        return group
    }
}
