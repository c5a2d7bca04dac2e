/// `application/x-www-form-urlencoded`, and queries. What is repeated, and what is not UTF-8 or badly escaped, is noted.
struct FormFields: Sendable {
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var isReadable = true

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ bytes: [UInt8]) {
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decoded(pair[..<mark]),
                let value = Self.decoded(mark < pair.endIndex ? pair[(mark + 1)...] : [])
            else {
                self.isReadable = false
                continue
            }
            self.fields.append((name, value))
        }
    }

    /// Nil also when it is empty.
    subscript(name: String) -> String? { self.fields.first { $0.name == name && !$0.value.isEmpty }?.value }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 2 <= bytes.endIndex,
                    let value = UInt8(String(decoding: bytes[index..<(index + 2)], as: UTF8.self), radix: 16)
                else { return nil }
                result.append(value)
                index += 2
            } else {
                result.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }
}
