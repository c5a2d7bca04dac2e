/// Goes through the fields of a protobuf message, whatever they mean.
struct WireFieldReader {
    enum Value {
        case number(UInt64)
        /// Bytes, a text, or a message.
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>
    /// What comes next is not protobuf, or a number of fixed size, which nothing here has.
    private(set) var hasFailed = false

    init(_ bytes: ArraySlice<UInt8>) { self.rest = bytes }

    /// Nil at the end, or where it cannot be read (``hasFailed``).
    mutating func next() -> (number: UInt64, value: Value)? {
        guard !self.rest.isEmpty else { return nil }
        guard let tag = self.varint(), tag >> 3 > 0, let value = self.value(tag & 7) else {
            self.hasFailed = true
            return nil
        }
        return (tag >> 3, value)
    }

    private mutating func value(_ type: UInt64) -> Value? {
        switch type {
        case 0: return self.varint().map { .number($0) }
        case 2:
            guard let count = self.varint(), count <= self.rest.count else { return nil }
            defer { self.rest = self.rest.dropFirst(Int(count)) }
            return .bytes(self.rest.prefix(Int(count)))
        default: return nil
        }
    }

    private mutating func varint() -> UInt64? {
        var (value, shift) = (0 as UInt64, 0 as UInt64)
        while let byte = self.rest.popFirst(), shift < 63 {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
