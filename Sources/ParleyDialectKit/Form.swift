import Glibc

/// `application/x-www-form-urlencoded`, and the query of a URL: ordered, keys may repeat.
///
/// Lenient, as vendors are with their SDKs: a pair is split at its first `=`, a key may stand alone, `+` is a space, an escape that is none is taken
/// as it stands. Bytes that are not UTF-8 make the text unreadable.
package struct Form: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    /// - Throws: ``Malformed`` when a name or value is not UTF-8.
    package init(_ bytes: [UInt8]) throws(Malformed) {
        let fields = bytes.withUnsafeBufferPointer { Self.fields(in: $0) }
        guard let fields else { throw Malformed("", .unreadable) }
        self.fields = fields
    }

    package init(query: String) throws(Malformed) {
        var query = query
        guard let fields = query.withUTF8({ Self.fields(in: $0) }) else { throw Malformed("", .unreadable) }
        self.fields = fields
    }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Nil: something is not UTF-8.
    private static func fields(in bytes: Bytes) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        var start = 0
        while start < bytes.count {
            let end = Self.first(UInt8(ascii: "&"), in: bytes, from: start, to: bytes.count)
            defer { start = end + 1 }
            guard end > start else { continue }
            let mark = Self.first(UInt8(ascii: "="), in: bytes, from: start, to: end)
            guard let name = Self.decoded(Bytes(rebasing: bytes[start..<mark]), plusIsSpace: true),
                let value = Self.decoded(Bytes(rebasing: bytes[min(mark + 1, end)..<end]), plusIsSpace: true)
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }

    private static func first(_ byte: UInt8, in bytes: Bytes, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, bytes[index] != byte { index += 1 }
        return index
    }

    /// The first value that is not empty; an empty value equals absence.
    package subscript(name: String) -> String? {
        self.fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// Every value that is not empty, in the order sent.
    package func all(_ name: String) -> [String] {
        self.fields.compactMap { $0.name == name && !$0.value.isEmpty ? $0.value : nil }
    }

    /// Percent-encoded, so that it stands for itself in a path, a query or a form.
    package static func encoded(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += "%\([byte].hex.uppercased())".utf8
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Percent-decoding of a path's component; nil when the result is not UTF-8.
    package static func decoded(path component: some StringProtocol) -> String? {
        Array(component.utf8).withUnsafeBufferPointer { Self.decoded($0, plusIsSpace: false) }
    }

    private static func decoded(_ bytes: Bytes, plusIsSpace: Bool) -> String? {
        let isPlain = !bytes.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }
        if isPlain { return Self.text(bytes) }
        // Decoding never makes a text longer.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count) { result in
            var count = 0
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "%"), index + 1 < bytes.count, let high = Self.hex(bytes[index]),
                    let low = Self.hex(bytes[index + 1])
                {
                    result[count] = high << 4 | low
                    index += 2
                } else {
                    result[count] = plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte
                }
                count += 1
            }
            return Self.text(UnsafeBufferPointer(rebasing: result[..<count]))
        }
    }

    /// Nil when the bytes are not UTF-8. As `String(validating:)`, which is not specialised and takes twice as long: what is not UTF-8 is repaired, and
    /// then is other bytes.
    private static func text(_ bytes: Bytes) -> String? {
        var text = String(decoding: bytes, as: UTF8.self)
        let isSame = text.withUTF8 {
            $0.count == bytes.count && ($0.isEmpty || memcmp($0.baseAddress!, bytes.baseAddress!, $0.count) == 0)
        }
        return isSame ? text : nil
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
