import Foundation

/// SQLite's write-ahead log as it lies on the disk: where what was committed ends. Source: sqlite.org/fileformat2.html, section 4.
struct WriteAheadLog {
    let pageSize: Int
    /// Frames whose checksums are right, up to the last one that ends a transaction.
    let committedFrames: Int
    /// Behind the last frame that ends a transaction. What follows was never acknowledged.
    let committedEnd: Int

    static let headerSize = 32
    static let frameHeaderSize = 24

    /// Nil: there is no log, or not even its header is whole.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headerSize else { return nil }
        let words = BigEndian(bytes)
        let magic = words[0]
        guard magic == 0x377F_0682 || magic == 0x377F_0683 else { return nil }
        let isBigEndian = magic == 0x377F_0683
        var sum = Checksum()
        sum.add(bytes[0..<24], isBigEndian: isBigEndian)
        guard sum.first == words[24], sum.second == words[28] else { return nil }
        self.pageSize = Int(words[8])
        let frameSize = Self.frameHeaderSize + self.pageSize
        var (frames, end, number, offset) = (0, Self.headerSize, 0, Self.headerSize)
        while offset + frameSize <= bytes.count {
            // A log that is begun anew keeps the old frames behind the new ones: their salts tell.
            guard words[offset + 8] == words[16], words[offset + 12] == words[20] else { break }
            sum.add(bytes[offset..<offset + 8], isBigEndian: isBigEndian)
            sum.add(bytes[offset + Self.frameHeaderSize..<offset + frameSize], isBigEndian: isBigEndian)
            guard sum.first == words[offset + 16], sum.second == words[offset + 20] else { break }
            number += 1
            offset += frameSize
            if words[offset - frameSize + 4] != 0 { (frames, end) = (number, offset) }
        }
        self.committedFrames = frames
        self.committedEnd = end
    }

    private struct BigEndian {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        subscript(offset: Int) -> UInt32 {
            self.bytes.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        }
    }

    private struct Checksum {
        var first: UInt32 = 0
        var second: UInt32 = 0

        mutating func add(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
            bytes.withUnsafeBytes { bytes in
                for offset in stride(from: 0, to: bytes.count, by: 8) {
                    let one = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    let other = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    self.first &+= (isBigEndian ? one.bigEndian : one.littleEndian) &+ self.second
                    self.second &+= (isBigEndian ? other.bigEndian : other.littleEndian) &+ self.first
                }
            }
        }
    }
}
