import Foundation
import NIOCore

/// One listening member: a WebSocket that reads as little of each frame as it takes to count it, so that the generator is not what is measured.
///
/// Frames of one group differ only in their numbers, so the place of `seq` and of the text is looked for once and then known.
final class Member: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let target: String
    let host: String
    let crowd: Crowd
    private var isOpen = false
    private var received = ByteBuffer()
    private(set) var last: UInt64 = 0
    private var sequenceOffset = 0
    private var textOffset = 0

    init(target: String, host: String, crowd: Crowd) {
        self.target = target
        self.host = host
        self.crowd = crowd
    }

    func channelActive(context: ChannelHandlerContext) {
        let request = """
            GET \(self.target) HTTP/1.1\r\nHost: \(self.host)\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
            """
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = self.unwrapInboundIn(data)
        if self.received.readableBytes == 0 {
            self.received = chunk
        } else {
            self.received.writeBuffer(&chunk)
        }
        if !self.isOpen { self.readAnswer() }
        if self.isOpen { self.readFrames(context) }
    }

    func channelInactive(context: ChannelHandlerContext) { self.crowd.left() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func readAnswer() {
        guard let end = self.received.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        guard self.received.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)) else {
            return self.crowd.refused(String(buffer: self.received))
        }
        self.received.moveReaderIndex(to: end.upperBound)
        self.isOpen = true
        self.crowd.opened()
    }

    private func readFrames(_ context: ChannelHandlerContext) {
        var pings: [[UInt8]] = []
        let now = self.crowd.measuresLatency ? Int64(NIODeadline.now().uptimeNanoseconds) : 0
        let consumed = self.received.withUnsafeReadableBytes { bytes in
            var offset = 0
            while let frame = Frame(bytes, at: offset) {
                switch frame.opcode {
                case 1: self.count(UnsafeRawBufferPointer(rebasing: bytes[frame.payload]), at: now)
                case 9: pings.append(Array(bytes[frame.payload]))
                default: break
                }
                offset = frame.payload.upperBound
            }
            return offset
        }
        self.received.moveReaderIndex(forwardBy: consumed)
        if self.received.readableBytes == 0 { self.received = ByteBuffer() } else { self.received.discardReadBytes() }
        for ping in pings {
            // Masked with zeros: the mask is of no use against oneself.
            let pong = ByteBuffer(bytes: [0x8A, 0x80 | UInt8(ping.count), 0, 0, 0, 0] + ping)
            context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
        }
    }

    private func count(_ frame: UnsafeRawBufferPointer, at now: Int64) {
        guard frame.starts(with: Self.messageHead) else {
            if frame.starts(with: Self.readyHead) { self.crowd.ready() }
            return
        }
        if self.sequenceOffset == 0 { self.learn(frame) }
        var sequence: UInt64 = 0
        var index = self.sequenceOffset
        while index < frame.count, case let digit = frame[index] &- 0x30, digit < 10 {
            sequence = sequence &* 10 &+ UInt64(digit)
            index &+= 1
        }
        self.crowd.received(sequence, after: self.last)
        self.last = max(self.last, sequence)
        guard self.crowd.measuresLatency else { return }
        // The text begins with the moment at which the message was due, in 16 hexadecimal digits.
        let start = index + self.textOffset
        guard start + 16 <= frame.count else { return }
        var due: UInt64 = 0
        for byte in frame[start..<(start + 16)] {
            due = due << 4 | UInt64(byte <= 0x39 ? byte &- 0x30 : byte &- 0x57)
        }
        self.crowd.latencies.record(now - Int64(truncatingIfNeeded: due))
    }

    private func learn(_ frame: UnsafeRawBufferPointer) {
        let text = Array(frame)
        guard let sequence = text.firstRange(of: Array("\"seq\":".utf8)),
            let content = text.firstRange(of: Array("\"content\":{\"text\":\"".utf8))
        else { return }
        self.sequenceOffset = sequence.upperBound
        let digits = text[sequence.upperBound...].prefix { (0x30...0x39).contains($0) }.count
        self.textOffset = content.upperBound - sequence.upperBound - digits
    }

    private static let messageHead = Array(#"{"type":"message""#.utf8)
    private static let readyHead = Array(#"{"type":"ready""#.utf8)
}

/// The head of a server's frame: not masked.
private struct Frame {
    let opcode: UInt8
    let payload: Range<Int>

    /// Nil: it has not arrived whole.
    init?(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard offset + 2 <= bytes.count else { return nil }
        self.opcode = bytes[offset] & 0x0F
        var length = Int(bytes[offset + 1] & 0x7F)
        var start = offset + 2
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        if extra > 0 {
            guard start + extra <= bytes.count else { return nil }
            length = bytes[start..<(start + extra)].reduce(0) { $0 << 8 | Int($1) }
            start += extra
        }
        guard start + length <= bytes.count else { return nil }
        self.payload = start..<(start + length)
    }
}
