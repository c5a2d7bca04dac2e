package import NIOCore

/// A WebSocket client that does no more than it must: it shakes hands, finds where each text frame begins and ends, and answers pings. For tools that hold
/// thousands of connections, or take hundreds of thousands of frames a second, and read little of each; apps use ``Chat``.
package final class FrameSocket: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Who looks at the frames. Called on the channel's event loop.
    package protocol Listener: AnyObject {
        func opened()
        /// The server answered something else than 101.
        func refused(_ answer: String)
        /// The payload of one text frame, valid during the call.
        func received(_ frame: UnsafeRawBufferPointer)
        /// All frames that had arrived together have been handed out.
        func receivedAll()
        func closed()
    }

    private let target: String
    private let host: String
    private let listener: any Listener
    private var isOpen = false
    private var received = ByteBuffer()

    /// - Parameters:
    ///   - target: path and query, `/v1/connect?token=…`.
    ///   - host: for the `Host` header.
    package init(target: String, host: String, listener: any Listener) {
        self.target = target
        self.host = host
        self.listener = listener
    }

    package func channelActive(context: ChannelHandlerContext) {
        let request = """
            GET \(self.target) HTTP/1.1\r\nHost: \(self.host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
            """
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = self.unwrapInboundIn(data)
        if self.received.readableBytes == 0 {
            self.received = chunk
        } else {
            self.received.writeBuffer(&chunk)
        }
        if !self.isOpen { self.readAnswer(context) }
        if self.isOpen { self.readFrames(context) }
    }

    package func channelInactive(context: ChannelHandlerContext) { self.listener.closed() }
    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// More than any server says before it says yes.
    private static let maximumAnswer = 16 << 10

    private func readAnswer(_ context: ChannelHandlerContext) {
        let head = self.received.readableBytesView.prefix(Self.maximumAnswer)
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if head.count == Self.maximumAnswer { context.close(promise: nil) }
            return
        }
        guard self.received.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)) else {
            self.listener.refused(String(buffer: self.received))
            return context.close(promise: nil)
        }
        self.received.moveReaderIndex(to: end.upperBound)
        self.isOpen = true
        self.listener.opened()
    }

    private func readFrames(_ context: ChannelHandlerContext) {
        var pings: [[UInt8]] = []
        var isBroken = false
        let consumed = self.received.withUnsafeReadableBytes { bytes in
            var offset = 0
            while let frame = ServerFrame(bytes, at: offset) {
                guard let payload = frame.payload else {
                    isBroken = true
                    break
                }
                switch frame.opcode {
                case 1: self.listener.received(UnsafeRawBufferPointer(rebasing: bytes[payload]))
                case 9: pings.append(Array(bytes[payload]))
                default: break
                }
                offset = payload.upperBound
            }
            return offset
        }
        self.received.moveReaderIndex(forwardBy: consumed)
        if self.received.readableBytes == 0 { self.received = ByteBuffer() } else { self.received.discardReadBytes() }
        for ping in pings {
            // Masked with zeros: a mask protects proxies from pages, and here is neither.
            let pong = ByteBuffer(bytes: [0x8A, 0x80 | UInt8(ping.count), 0, 0, 0, 0] + ping)
            context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
        }
        self.listener.receivedAll()
        if isBroken { context.close(promise: nil) }
    }
}

/// A frame of a server's, which is not masked (RFC 6455, section 5.2).
private struct ServerFrame {
    let opcode: UInt8
    /// Nil: no server may send it, for it is longer than anything that is sent, or a control frame over 125 bytes (section 5.5).
    let payload: Range<Int>?

    /// Nil: it has not arrived whole.
    init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard offset + 2 <= bytes.count else { return nil }
        self.opcode = bytes[offset] & 0x0F
        var length = Int(bytes[offset + 1] & 0x7F)
        var start = offset + 2
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        if extra > 0 {
            guard start + extra <= bytes.count else { return nil }
            length = Int(clamping: bytes[start..<(start + extra)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
            start += extra
        }
        guard length <= SocketClient.maximumFrame, self.opcode < 8 || length <= 125 else {
            self.payload = nil
            return
        }
        guard start + length <= bytes.count else { return nil }
        self.payload = start..<(start + length)
    }
}
