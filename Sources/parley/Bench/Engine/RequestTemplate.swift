/// A request whose bytes are made once: only when the message was due, and its number, are written into them each time.
final class RequestTemplate {
    private let bytes: UnsafeMutableRawBufferPointer
    private let dueOffset: Int?
    private let numberOffset: Int?

    /// What ``init(head:body:)`` looks for: the beginning of the text, and the number of a message, of ten digits.
    static let duePlace = "@@@@@@@@@@@@@@@@"
    static let numberPlace = "1000000000"
    /// The text of a message of so many bytes.
    static func text(bytes: Int) -> String { self.duePlace + String(repeating: "x", count: max(0, bytes - 16)) }

    /// - Parameter head: the request line and the headers, but for `Content-Length`.
    init(head: String, body: String) {
        let text = Array("\(head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
        self.bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count, alignment: 16)
        self.bytes.copyBytes(from: text)
        let bodyStart = text.count - body.utf8.count
        self.dueOffset = text[bodyStart...].firstRange(of: Array(Self.duePlace.utf8))?.lowerBound
        self.numberOffset = text[bodyStart...].firstRange(of: Array(Self.numberPlace.utf8))?.lowerBound
    }

    deinit { self.bytes.deallocate() }

    /// Valid until the next call.
    func request(due: Int64, number: UInt32) -> UnsafeRawBufferPointer {
        guard let base = self.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            return UnsafeRawBufferPointer(self.bytes)
        }
        if let dueOffset { DueTime.write(due, to: base + dueOffset) }
        if let numberOffset {
            // Of ten digits, whatever the number.
            var rest = 1_000_000_000 + number % 3_000_000_000
            for index in (0..<10).reversed() {
                base[numberOffset + index] = UInt8(rest % 10) + 0x30
                rest /= 10
            }
        }
        return UnsafeRawBufferPointer(self.bytes)
    }
}
