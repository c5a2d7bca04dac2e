import Crypto

/// The signatures of the providers' forms, in hexadecimal digits.
enum Digests {
    static func md5(_ text: String) -> String { Self.hex(Insecure.MD5.hash(data: Array(text.utf8))) }
    static func sha256(_ text: String) -> String { Self.hex(SHA256.hash(data: Array(text.utf8))) }

    static func hmac(_ bytes: [UInt8], key: String) -> String {
        Self.hex(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: Array(key.utf8))))
    }

    static func isHex(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy(Self.isHexDigit)
    }

    static func isHex(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(Self.isHexDigit) }

    /// 8-4-4-4-12.
    static func isUUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { Self.isHex(String($0)) }
    }

    static func uuid() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Self.hex((0..<16).map { _ in generator.next() as UInt8 })
        let lengths = [8, 4, 4, 4, 12]
        var rest = Substring(digits)
        return lengths.map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
