/// Base64 (RFC 4648) in the alphabets that tokens are written in. One value has one text: what is left over of the last digit must be zero.
///
/// Tokens are read for every request, so bytes are walked where they lie: through a generic sequence this was a fifth of the cost of a send.
package struct Base64: Sendable {
    private let digits: [UInt8]
    private let values: [UInt8]
    private let padding: UInt8?

    /// Section 4: `+` and `/`, padded with `=`. Padding may be missing when it is read.
    package static let standard = Base64(last: "+/", padding: "=")
    /// Section 5: `-` and `_`, without padding: what may stand in a URL, a header and a token as it is.
    package static let url = Base64(last: "-_", padding: nil)

    private static let none: UInt8 = 0xFF

    /// - Parameters:
    ///   - last: the digits for 62 and 63.
    ///   - padding: fills the last group of four; nil: it stays short.
    package init(last: String, padding: Unicode.Scalar?) {
        let digits = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last).utf8)
        var values = [UInt8](repeating: Self.none, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.digits = digits
        self.values = values
        self.padding = padding.map { UInt8(ascii: $0) }
    }

    package func encoded(_ bytes: some Sequence<UInt8>) -> String { self.encoded(Array(bytes)) }

    package func encoded(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
            var count = 0
            var pending: UInt32 = 0
            var bits: UInt32 = 0
            for byte in bytes {
                pending = pending << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    text[count] = self.digits[Int(pending >> bits & 0x3F)]
                    count += 1
                }
            }
            if bits > 0 {
                text[count] = self.digits[Int(pending << (6 - bits) & 0x3F)]
                count += 1
            }
            while let padding = self.padding, count % 4 != 0 {
                text[count] = padding
                count += 1
            }
            return count
        }
    }

    /// Nil when the text is not what ``encoded(_:)-(Sequence)`` writes.
    package func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        if let found = text.withContiguousStorageIfAvailable({ self.decoded($0) }) { return found }
        return Array(text).withUnsafeBufferPointer { self.decoded($0) }
    }

    private func decoded(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var isRight = true
        let bytes = [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4 + 3) { bytes, count in
            var pending: UInt32 = 0
            var bits: UInt32 = 0
            var padding = 0
            for symbol in text {
                if symbol == self.padding {
                    padding += 1
                    continue
                }
                let value = self.values[Int(symbol)]
                if value == Self.none || padding > 0 {
                    isRight = false
                    return
                }
                pending = pending << 6 | UInt32(value)
                bits += 6
                if bits >= 8 {
                    bits -= 8
                    bytes[count] = UInt8(truncatingIfNeeded: pending >> bits)
                    count += 1
                }
            }
            isRight = padding < 3 && bits < 6 && pending & ((1 << bits) - 1) == 0
        }
        return isRight ? bytes : nil
    }
}
