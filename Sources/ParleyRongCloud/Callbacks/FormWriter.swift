/// `application/x-www-form-urlencoded`, or the query of a URL. A space is `%20`, which decoders of either understand.
struct FormWriter: Sendable {
    private(set) var bytes: [UInt8] = []

    var text: String { String(decoding: self.bytes, as: UTF8.self) }

    mutating func field(_ name: String, _ value: String) {
        if !self.bytes.isEmpty { self.bytes.append(UInt8(ascii: "&")) }
        self.append(encoding: name)
        self.bytes.append(UInt8(ascii: "="))
        self.append(encoding: value)
    }

    private mutating func append(encoding text: String) {
        for byte in text.utf8 {
            if Self.isUnreserved(byte) {
                self.bytes.append(byte)
            } else {
                self.bytes.append(UInt8(ascii: "%"))
                self.bytes.append(Self.digit(byte >> 4))
                self.bytes.append(Self.digit(byte & 0xF))
            }
        }
    }

    /// RFC 3986.
    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value
    }
}
