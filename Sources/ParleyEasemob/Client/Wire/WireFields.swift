/// A protobuf message, written field by field in the order of their numbers: for what is written with every delivery, nearly all of which is there as bytes.
struct WireFields {
    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: about how many bytes it will have.
    init(capacity: Int) { self.bytes.reserveCapacity(capacity) }

    mutating func field(_ number: UInt64, _ value: UInt64) {
        self.varint(number << 3)
        self.varint(value)
    }

    /// Bytes, a text, or a message.
    mutating func field(_ number: UInt64, _ value: some Collection<UInt8>) {
        self.varint(number << 3 | 2)
        self.varint(UInt64(value.count))
        self.bytes.append(contentsOf: value)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }
}
