/// Base64 (RFC 4648) in the two alphabets that tokens are written in. One value has one text: what is left over of the last digit must be zero.
package struct Base64: Sendable {
    private let digits: [UInt8]
    private let values: [UInt8]
    private let isPadded: Bool

    /// Section 4: `+` and `/`, padded with `=`. Padding may be missing when it is read.
    package static let standard = Base64(last: "+/", isPadded: true)
    /// Section 5: `-` and `_`, without padding: what may stand in a URL, a header and a token as it is.
    package static let url = Base64(last: "-_", isPadded: false)

    private static let none: UInt8 = 0xFF

    private init(last: String, isPadded: Bool) {
        let digits = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last).utf8)
        var values = [UInt8](repeating: Self.none, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.digits = digits
        self.values = values
        self.isPadded = isPadded
    }

    package func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(self.digits[Int(pending >> bits & 0x3F)])
            }
        }
        if bits > 0 { text.append(self.digits[Int(pending << (6 - bits) & 0x3F)]) }
        while self.isPadded, text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil when the text is not what ``encoded(_:)`` writes.
    package func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        var padding = 0
        for symbol in text {
            if self.isPadded, symbol == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = self.values[Int(symbol)]
            guard value != Self.none, padding == 0 else { return nil }
            pending = pending << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
            }
        }
        guard padding < 3, bits < 6, pending & ((1 << bits) - 1) == 0 else { return nil }
        return bytes
    }
}
