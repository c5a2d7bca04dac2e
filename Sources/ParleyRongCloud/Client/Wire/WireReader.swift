/// Takes a frame apart from its beginning.
struct WireReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.rest = bytes[...] }

    mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(ClientFrameFault) -> Integer {
        try self.take(Integer.bitWidth / 8).reduce(0) { $0 << 8 | Integer(truncatingIfNeeded: $1) }
    }

    /// A length in two bytes, and as many bytes of UTF-8.
    mutating func text() throws(ClientFrameFault) -> String {
        let bytes = try self.take(Int(try self.integer(UInt16.self)))
        guard
            let text = String(validating: bytes, as: UTF8.self)
                ?? String(validating: Self.withoutSurrogates(bytes), as: UTF8.self)
        else { throw .notText }
        return text
    }

    mutating func take(_ count: Int) throws(ClientFrameFault) -> ArraySlice<UInt8> {
        guard self.rest.count >= count else { throw .truncated }
        defer { self.rest = self.rest.dropFirst(count) }
        return self.rest.prefix(count)
    }

    /// The SDKs write each half of a surrogate pair as a character of three bytes (CESU-8): here the two become the four
    /// bytes that they stand for. A half alone stays, and is no UTF-8.
    private static func withoutSurrogates(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes
        while let byte = rest.first {
            if let scalar = self.surrogatePair(rest.prefix(6)) {
                result.append(contentsOf: UTF8.encode(scalar)!)
                rest = rest.dropFirst(6)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func surrogatePair(_ bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard
            let high = self.surrogate(bytes.prefix(3), 0xA0...0xAF),
            let low = self.surrogate(bytes.dropFirst(3), 0xB0...0xBF)
        else { return nil }
        return Unicode.Scalar(0x10000 + high << 10 + low)
    }

    /// The ten bits of a half.
    private static func surrogate(_ bytes: ArraySlice<UInt8>, _ second: ClosedRange<UInt8>) -> UInt32? {
        let bytes = Array(bytes)
        guard bytes.count == 3, bytes[0] == 0xED, second.contains(bytes[1]), (0x80...0xBF).contains(bytes[2])
        else { return nil }
        return UInt32(bytes[1] & 0x0F) << 6 | UInt32(bytes[2] & 0x3F)
    }
}
