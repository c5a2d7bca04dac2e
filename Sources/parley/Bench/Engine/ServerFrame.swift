/// Where the next frame of a server's, which is not masked, begins and ends (RFC 6455, section 5.2).
struct ServerFrame {
    let opcode: UInt8
    /// Offset of the payload, and of what follows it.
    let start: Int
    let end: Int

    /// Nil: it has not come whole.
    @inline(__always)
    init?(_ bytes: UnsafePointer<UInt8>, at offset: Int, of count: Int) {
        guard offset &+ 2 <= count else { return nil }
        self.opcode = bytes[offset] & 0x0F
        var length = Int(bytes[offset &+ 1] & 0x7F)
        var start = offset &+ 2
        if length == 126 {
            guard start &+ 2 <= count else { return nil }
            length = Int(bytes[start]) &<< 8 | Int(bytes[start &+ 1])
            start &+= 2
        } else if length == 127 {
            guard start &+ 8 <= count else { return nil }
            length = 0
            for index in start..<(start &+ 8) { length = length &<< 8 | Int(bytes[index]) }
            start &+= 8
        }
        guard length >= 0, length <= count &- start else { return nil }
        self.start = start
        self.end = start &+ length
    }
}
