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
                ?? String(validating: ClientText.mended(bytes), as: UTF8.self)
        else { throw .notText }
        return text
    }

    mutating func take(_ count: Int) throws(ClientFrameFault) -> ArraySlice<UInt8> {
        guard self.rest.count >= count else { throw .truncated }
        defer { self.rest = self.rest.dropFirst(count) }
        return self.rest.prefix(count)
    }
}
