package import NIOCore
package import NIOWebSocket

/// WebSocket frames from a client's bytes, however they were cut on the way (RFC 6455, section 5.2). No I/O.
///
/// NIO's decoder does the same as a handler of its own, whose buffers and place in the pipeline cost each idle connection 600 bytes.
package struct FrameReader {
    private let limit: Int
    /// What has come of a frame that is not whole yet. Between frames, which is nearly always, there is nothing.
    private var rest = ByteBuffer()
    /// Where the next frame begins is not known any more.
    private var isLost = false

    /// - Parameter limit: bytes of one frame's payload.
    package init(limit: Int) { self.limit = limit }

    package mutating func append(_ bytes: ByteBuffer) {
        guard !self.isLost else { return }
        if self.rest.readableBytes == 0 {
            self.rest = bytes
        } else {
            self.rest.writeImmutableBuffer(bytes)
        }
    }

    /// The next frame, its payload still masked; nil, when it is not whole yet. After an error nothing comes any more.
    package mutating func next() throws(NIOWebSocketError) -> WebSocketFrame? {
        guard let head = Head(self.rest) else {
            self.keep()
            return nil
        }
        guard head.length <= self.limit else { throw self.lose(.invalidFrameLength) }
        if head.isControl {
            guard head.isFinal else { throw self.lose(.fragmentedControlFrame) }
            guard head.length <= 125 else { throw self.lose(.multiByteControlFrameLength) }
        }
        guard self.rest.readableBytes >= head.byteCount + head.length else {
            self.keep()
            return nil
        }
        self.rest.moveReaderIndex(forwardBy: head.byteCount)
        let frame = head.frame(self.rest.readSlice(length: head.length)!)
        if self.rest.readableBytes == 0 { self.rest = ByteBuffer() }
        return frame
    }

    /// What waits for more bytes gets a buffer of its own: the channel's is to be used again.
    private mutating func keep() {
        let count = self.rest.readableBytes
        guard count > 0, self.rest.readerIndex > 0 || self.rest.capacity > 2 * count + 64 else { return }
        var own = ByteBuffer()
        own.writeImmutableBuffer(self.rest)
        self.rest = own
    }

    private mutating func lose(_ error: NIOWebSocketError) -> NIOWebSocketError {
        self.isLost = true
        self.rest = ByteBuffer()
        return error
    }
}

/// What stands before a frame's payload.
private struct Head {
    let first: UInt8
    let length: Int
    let maskKey: WebSocketMaskingKey?
    let byteCount: Int

    /// Nil: it is not whole.
    init?(_ bytes: ByteBuffer) {
        let start = bytes.readerIndex
        guard let first: UInt8 = bytes.getInteger(at: start), let second: UInt8 = bytes.getInteger(at: start + 1) else {
            return nil
        }
        var byteCount = 2
        switch second & 0x7F {
        case 126:
            guard let length: UInt16 = bytes.getInteger(at: start + 2) else { return nil }
            self.length = Int(length)
            byteCount += 2
        case 127:
            guard let length: UInt64 = bytes.getInteger(at: start + 2) else { return nil }
            self.length = Int(clamping: length)
            byteCount += 8
        case let length: self.length = Int(length)
        }
        self.first = first
        if second & 0x80 == 0 {
            self.maskKey = nil
        } else {
            guard let key = bytes.viewBytes(at: start + byteCount, length: 4) else { return nil }
            self.maskKey = WebSocketMaskingKey(key)
            byteCount += 4
        }
        self.byteCount = byteCount
    }

    var isFinal: Bool { self.first & 0x80 != 0 }
    var isControl: Bool { self.first & 0x08 != 0 }

    func frame(_ payload: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(
            fin: self.isFinal, rsv1: self.first & 0x40 != 0, rsv2: self.first & 0x20 != 0,
            rsv3: self.first & 0x10 != 0, opcode: WebSocketOpcode(encodedWebSocketOpcode: self.first & 0x0F)!,
            maskKey: self.maskKey, data: payload)
    }
}
