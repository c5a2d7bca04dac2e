/// A text as a client wrote it.
///
/// Old SDKs write what lies beyond the first 65,536 characters as two surrogates of three bytes each (facts/rongcloud-client.md, 2.2). Other clients
/// could not read that.
enum ClientText {
    static func decode(_ bytes: some Collection<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? String(decoding: self.mended(bytes), as: UTF8.self)
    }

    /// With the four bytes of UTF-8 in place of two surrogates. One alone stays, and is no UTF-8.
    static func mended(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var mended: [UInt8] = []
        mended.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let high = self.surrogate(in: bytes, at: index), high < 0xDC00,
                let low = self.surrogate(in: bytes, at: index + 3), low >= 0xDC00,
                let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
            {
                mended.append(contentsOf: UTF8.encode(scalar)!)
                index += 6
            } else {
                mended.append(bytes[index])
                index += 1
            }
        }
        return mended
    }

    private static func surrogate(in bytes: [UInt8], at index: Int) -> UInt32? {
        guard index + 2 < bytes.count, bytes[index] == 0xED, 0xA0...0xBF ~= bytes[index + 1],
            0x80...0xBF ~= bytes[index + 2]
        else { return nil }
        return 0xD000 | UInt32(bytes[index + 1] & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F)
    }
}
