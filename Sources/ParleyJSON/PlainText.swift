extension UnsafeBufferPointer<UInt8> {
    /// From `start`, the place of the first byte that a JSON string cannot hold as it is (below space, quote, backslash), or the end. In ASCII also of the
    /// first byte that is none.
    ///
    /// Eight bytes at a time: what is looked for borrows from, or has, the highest bit of its byte.
    func endOfPlainText(from start: Int, inASCII: Bool) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highest = ones << 7
        let raw = UnsafeRawBufferPointer(self)
        var index = start
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            var found = (word &- ones &* 0x20) & ~word
            found |= (quote &- ones) & ~quote
            found |= (backslash &- ones) & ~backslash
            if inASCII { found |= word }
            guard found & highest == 0 else { break }
            index += 8
        }
        while index < raw.count {
            let byte = raw[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            if inASCII, byte >= 0x80 { break }
            index += 1
        }
        return index
    }
}
