import CZlib

/// Files as `gzip` makes them (RFC 1952).
enum Gzip {
    /// What zlib is told for this and not its own form.
    private static let windowBits = MAX_WBITS + 16
    private static let memoryLevel: Int32 = 8

    static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        var status = deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, self.windowBits, self.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "the parameters are zlib's own")
        defer { deflateEnd(&stream) }
        var input = bytes
        var result = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(bytes.count))))
        let (inputCount, resultCount) = (uInt(input.count), uInt(result.count))
        input.withUnsafeMutableBufferPointer { input in
            result.withUnsafeMutableBufferPointer { result in
                (stream.next_in, stream.avail_in) = (input.baseAddress, inputCount)
                (stream.next_out, stream.avail_out) = (result.baseAddress, resultCount)
                status = deflate(&stream, Z_FINISH)
            }
        }
        precondition(status == Z_STREAM_END, "deflateBound makes room enough")
        return Array(result.prefix(Int(stream.total_out)))
    }
}
