import CZlib

/// The zlib stream (RFC 1950) around a UserSig's JSON.
enum Zlib {
    static func deflated(_ bytes: [UInt8], level: Int32 = Z_DEFAULT_COMPRESSION) -> [UInt8] {
        var length = compressBound(uLong(bytes.count))
        var result = [UInt8](repeating: 0, count: Int(length))
        let status = compress2(&result, &length, bytes, uLong(bytes.count), level)
        precondition(status == Z_OK, "compressBound makes room enough, and the levels are zlib's own")
        return Array(result.prefix(Int(length)))
    }

    /// Any level of compression reads the same. Nil when the stream is broken, or inflates to more than `limitBytes`: what a few bytes in
    /// a URL can make us allocate is bounded.
    static func inflated(_ bytes: [UInt8], limitBytes: Int) -> [UInt8]? {
        var length = uLong(limitBytes)
        var result = [UInt8](repeating: 0, count: limitBytes)
        guard uncompress(&result, &length, bytes, uLong(bytes.count)) == Z_OK else { return nil }
        return Array(result.prefix(Int(length)))
    }
}
