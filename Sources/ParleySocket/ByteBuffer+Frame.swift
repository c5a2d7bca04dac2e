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
}
