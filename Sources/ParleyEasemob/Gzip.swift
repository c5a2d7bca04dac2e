import CZlib

/// Makes a file as `gzip` does (RFC 1952), piece by piece, so that none takes long.
final class Gzip {
    /// What zlib is told for this and not its own form.
    private static let windowBits = MAX_WBITS + 16
    private static let memoryLevel: Int32 = 8
    private static let roomBytes = 64 << 10

    /// zlib wants it to stay where it is.
    private let stream: UnsafeMutablePointer<z_stream>
    /// What there is of the file.
    private(set) var bytes: [UInt8] = []

    init() {
        self.stream = .allocate(capacity: 1)
        self.stream.initialize(to: z_stream())
        let status = deflateInit2_(
            self.stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "the parameters are zlib's own")
    }

    deinit {
        deflateEnd(self.stream)
        self.stream.deallocate()
    }

    /// Whether nothing was appended.
    var isEmpty: Bool { self.stream.pointee.total_in == 0 }

    func append(_ piece: [UInt8]) { self.deflated(piece, Z_NO_FLUSH) }

    /// The whole file. Nothing can be appended any more.
    func finished() -> [UInt8] {
        self.deflated([], Z_FINISH)
        return self.bytes
    }

    private func deflated(_ piece: [UInt8], _ flush: Int32) {
        var (input, room) = (piece, [UInt8](repeating: 0, count: Self.roomBytes))
        let (inputCount, roomCount) = (uInt(input.count), uInt(room.count))
        input.withUnsafeMutableBufferPointer { input in
            (self.stream.pointee.next_in, self.stream.pointee.avail_in) = (input.baseAddress, inputCount)
            repeat {
                let status = room.withUnsafeMutableBufferPointer { room in
                    (self.stream.pointee.next_out, self.stream.pointee.avail_out) = (room.baseAddress, roomCount)
                    return deflate(self.stream, flush)
                }
                precondition(status != Z_STREAM_ERROR, "it is used as zlib says")
                self.bytes += room.prefix(Int(roomCount - self.stream.pointee.avail_out))
            } while self.stream.pointee.avail_out == 0
        }
    }
}
