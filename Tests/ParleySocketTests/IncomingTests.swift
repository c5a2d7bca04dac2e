import NIOCore
import NIOWebSocket
import Testing

@testable import ParleySocket

/// RFC 6455's rules for what a client sends, without a channel.
struct IncomingTests {
    private func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8] = [], fin: Bool = true, masked: Bool = true, rsv1: Bool = false
    ) -> WebSocketFrame {
        let key: WebSocketMaskingKey? = masked ? [1, 2, 3, 4] : nil
        var data = ByteBuffer(bytes: payload)
        if let key { data.webSocketMask(key) }
        return WebSocketFrame(fin: fin, rsv1: rsv1, opcode: opcode, maskKey: key, data: data)
    }

    private func outcome(of frames: WebSocketFrame...) -> Incoming.Event {
        var incoming = Incoming(limit: 10, of: .text)
        return frames.reduce(.nothing) { incoming.received($1) }
    }

    @Test func aMessageMayComeInPiecesWithControlFramesBetween() {
        var incoming = Incoming(limit: 10, of: .text)
        #expect(incoming.received(self.frame(.text, Array("ab".utf8), fin: false)) == .nothing)
        #expect(incoming.received(self.frame(.ping, [7])) == .ping([7]))
        #expect(incoming.received(self.frame(.continuation, Array("cd".utf8), fin: false)) == .nothing)
        #expect(incoming.received(self.frame(.continuation, Array("ef".utf8))) == .message(Array("abcdef".utf8)))
        #expect(incoming.received(self.frame(.text, Array("x".utf8))) == .message(Array("x".utf8)))
    }

    @Test func aCharacterMayBeCutInTwo() {
        let bytes = Array("é".utf8)
        let first = self.frame(.text, [bytes[0]], fin: false)
        #expect(self.outcome(of: first, self.frame(.continuation, [bytes[1]])) == .message(bytes))
    }

    @Test func theRulesOfFramesAreKept() {
        #expect(self.outcome(of: self.frame(.text, masked: false)) == .violation(.protocolError))
        #expect(self.outcome(of: self.frame(.text, rsv1: true)) == .violation(.protocolError))
        #expect(self.outcome(of: self.frame(.continuation)) == .violation(.protocolError))
        #expect(
            self.outcome(of: self.frame(.text, fin: false), self.frame(.text)) == .violation(.protocolError))
        #expect(self.outcome(of: self.frame(WebSocketOpcode(encodedWebSocketOpcode: 3)!)) == .violation(.protocolError))
        #expect(self.outcome(of: self.frame(.binary, [1])) == .violation(.unacceptableData))
        #expect(self.outcome(of: self.frame(.text, [0xFF])) == .violation(.dataInconsistentWithMessage))
    }

    @Test func piecesCountTogether() {
        let piece = self.frame(.text, Array(repeating: 65, count: 6), fin: false)
        let next = self.frame(.continuation, Array(repeating: 65, count: 5), fin: false)
        #expect(self.outcome(of: piece, next) == .violation(.messageTooLarge))
    }

    @Test func aCloseMayHaveACodeAndMustNotBeNonsense() {
        #expect(self.outcome(of: self.frame(.connectionClose)) == .close(nil))
        #expect(self.outcome(of: self.frame(.connectionClose, [0x03, 0xE8])) == .close(.normalClosure))
        #expect(self.outcome(of: self.frame(.connectionClose, [0x03])) == .violation(.protocolError))
        #expect(self.outcome(of: self.frame(.connectionClose, [0x03, 0xED])) == .violation(.protocolError))
        #expect(
            self.outcome(of: self.frame(.connectionClose, [0x03, 0xE8, 0xFF]))
                == .violation(.dataInconsistentWithMessage))
    }

    @Test func longPayloadsHaveLongLengths() {
        for (count, header) in [(125, 2), (126, 4), (65535, 4), (65536, 10)] {
            let buffer = ByteBuffer.frame(.text, Array(repeating: 65, count: count))
            #expect(buffer.readableBytes == count + header)
        }
    }
}
