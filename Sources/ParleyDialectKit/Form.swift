/// `application/x-www-form-urlencoded`, and the query of a URL: ordered, keys may repeat.
///
/// Lenient, as vendors are with their SDKs: a pair is split at its first `=`, a key may stand alone, `+` is a space, an escape that is none is taken
/// as it stands. Bytes that are not UTF-8 make the text unreadable.
package struct Form: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    /// - Throws: ``Malformed`` when a name or value is not UTF-8.
    package init(_ bytes: some Collection<UInt8>) throws(Malformed) {
        for pair in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            let mark = pair.firstIndex(of: UInt8(ascii: "="))
            let name = pair[..<(mark ?? pair.endIndex)]
            let value = mark.map { pair[pair.index(after: $0)...] } ?? pair[pair.endIndex...]
            guard let name = Self.decoded(name), let value = Self.decoded(value) else {
                throw Malformed("", .unreadable)
            }
            self.fields.append((name, value))
        }
    }

    package init(query: String) throws(Malformed) { try self.init(Array(query.utf8)) }

    /// The first value that is not empty; an empty value equals absence.
    package subscript(name: String) -> String? {
        self.fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value that is not empty, in the order sent.
    package func all(_ name: String) -> [String] {
        self.fields.compactMap { $0.name == name && !$0.value.isEmpty ? $0.value : nil }
    }

    /// Percent-decoding of one component; nil when the result is not UTF-8.
    ///
    /// - Parameter plusIsSpace: true in forms and queries, false in paths.
    package static func decoded(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = true) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index != bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            if byte == UInt8(ascii: "%"), index != bytes.endIndex {
                let second = bytes.index(after: index)
                if second != bytes.endIndex, let high = Self.hex(bytes[index]), let low = Self.hex(bytes[second]) {
                    result.append(high << 4 | low)
                    index = bytes.index(after: second)
                    continue
                }
            }
            result.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        }
        return String(validating: result, as: UTF8.self)
    }

    package static func decoded(path component: some StringProtocol) -> String? {
        Self.decoded(Array(component.utf8), plusIsSpace: false)
    }

    private static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
