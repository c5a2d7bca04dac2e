import CPoll

/// Just enough of an HTTP answer of a known length: where it ends, and whether it says what it should.
struct AnswerScan {
    let end: Int
    let isExpected: Bool

    private static let blankLine: [UInt8] = Array("\r\n\r\n".utf8)
    private static let lengthField: [UInt8] = Array("ontent-Length: ".utf8)

    /// Nil: it has not come whole.
    init?(_ bytes: UnsafeRawBufferPointer, expecting expected: [UInt8]) {
        guard let base = bytes.baseAddress, let blank = Self.find(Self.blankLine, in: bytes) else { return nil }
        let head = UnsafeRawBufferPointer(start: base, count: blank)
        var length = 0
        if var index = Self.find(Self.lengthField, in: head) {
            index += Self.lengthField.count
            while index < head.count, case let digit = head[index] &- 0x30, digit < 10 {
                length = length &* 10 &+ Int(digit)
                index &+= 1
            }
        }
        self.end = blank + 4 + length
        guard length <= bytes.count - blank - 4 else { return nil }
        self.isExpected = Self.find(expected, in: UnsafeRawBufferPointer(start: base, count: self.end)) != nil
    }

    private static func find(_ needle: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let found = needle.withUnsafeBytes { find_bytes(base, bytes.count, $0.baseAddress, $0.count) }
        return found.map { $0 - base }
    }
}
