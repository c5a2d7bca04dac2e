/// What clients write: few bytes, and most of them made once.
extension [UInt8] {
    /// A binary message of a client's, masked with zeros: a mask protects proxies from pages, and here is neither.
    static func clientFrame(_ message: [UInt8]) -> [UInt8] {
        precondition(message.count < 1 << 16, "clients here say little")
        var frame: [UInt8] = [0x82]
        if message.count < 126 {
            frame.append(0x80 | UInt8(message.count))
        } else {
            frame += [0x80 | 126, UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)]
        }
        frame += [0, 0, 0, 0]
        return frame + message
    }

    /// With two bytes before it that say how many there are.
    mutating func append(counted text: String) {
        self.append(UInt8(text.utf8.count >> 8))
        self.append(UInt8(truncatingIfNeeded: text.utf8.count))
        self.append(contentsOf: text.utf8)
    }

    mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        self.append(UInt8(rest))
    }

    static func byteCount(varint value: UInt64) -> Int { (63 - (value | 1).leadingZeroBitCount) / 7 + 1 }

    /// A field of a protobuf message.
    mutating func append(_ field: UInt64, _ value: UInt64) {
        self.append(varint: field << 3)
        self.append(varint: value)
    }

    mutating func append(_ field: UInt64, _ bytes: some Collection<UInt8>) {
        self.append(varint: field << 3 | 2)
        self.append(varint: UInt64(bytes.count))
        self.append(contentsOf: bytes)
    }

    mutating func append(_ field: UInt64, _ text: String) { self.append(field, text.utf8) }
}
