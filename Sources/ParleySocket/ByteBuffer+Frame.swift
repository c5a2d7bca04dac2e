package import NIOCore
package import NIOWebSocket

extension ByteBuffer {
    /// A whole WebSocket frame as servers send them: not fragmented, not masked (RFC 6455, section 5.2).
    package mutating func writeFrame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
        self.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        switch payload.count {
        case ...125: self.writeInteger(UInt8(payload.count))
        case ...0xFFFF:
            self.writeInteger(UInt8(126))
            self.writeInteger(UInt16(payload.count))
        default:
            self.writeInteger(UInt8(127))
            self.writeInteger(UInt64(payload.count))
        }
        self.writeBytes(payload)
    }

    package static func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(payload.count + 10)
        buffer.writeFrame(opcode, payload)
        return buffer
    }

    /// The same, of a payload that `write` appends.
    ///
    /// - Parameter capacity: about how many bytes that are. Too little is only slower.
    package static func frame(
        _ opcode: WebSocketOpcode, capacity: Int, _ write: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.reserveCapacity(Self.longestHead + capacity)
        frame.writeRepeatingByte(0, count: Self.longestHead)
        write(&frame)
        // How long the head is depends on what comes after it.
        let count = frame.writerIndex - Self.longestHead
        let start = count <= 125 ? Self.longestHead - 2 : count <= 0xFFFF ? Self.longestHead - 4 : 0
        frame.setInteger(0x80 | UInt8(webSocketOpcode: opcode), at: start)
        switch count {
        case ...125: frame.setInteger(UInt8(count), at: start + 1)
        case ...0xFFFF:
            frame.setInteger(UInt8(126), at: start + 1)
            frame.setInteger(UInt16(count), at: start + 2)
        default:
            frame.setInteger(UInt8(127), at: start + 1)
            frame.setInteger(UInt64(count), at: start + 2)
        }
        frame.moveReaderIndex(to: start)
        return frame
    }

    private static let longestHead = 10
}
