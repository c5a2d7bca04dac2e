import NIOCore
import NIOWebSocket
import ParleyDialectKit
import ParleyJSON
import ParleySocket

/// How a frame of this protocol is packed into WebSocket messages. Source: facts/easemob-client.md 1.4.
package enum Framing: Sendable, CaseIterable {
    /// One frame, one binary message.
    case binary
    /// As text, in base64: mini-programs that know no binary messages.
    case base64
    /// The same within SockJS: web SDKs up to 4.10.
    case sockJS

    func pack(_ frame: [UInt8]) -> ByteBuffer {
        switch self {
        case .binary: .frame(.binary, frame)
        case .base64: .frame(.text, Array(Base64.standard.encoded(frame).utf8))
        case .sockJS: .frame(.text, Array(#"a["\#(Base64.standard.encoded(frame))"]"#.utf8))
        }
    }

    /// The frames in a client's message. Nil: it is not packed like this.
    func unpack(_ message: [UInt8]) -> [[UInt8]]? {
        switch self {
        case .binary: return [message]
        case .base64: return Base64.standard.decoded(message).map { [$0] }
        case .sockJS:
            // An empty message is one of SockJS's own, and says nothing.
            if message.isEmpty { return [] }
            guard let json = try? JSON(parsing: message, maximumDepth: 2) else { return nil }
            var frames: [[UInt8]] = []
            for text in json.array ?? [json] {
                guard let text = text.string, let frame = Base64.standard.decoded(text.utf8) else { return nil }
                frames.append(frame)
            }
            return frames
        }
    }

    /// What SockJS says before anything else.
    var opening: ByteBuffer? { self == .sockJS ? .frame(.text, Array("o".utf8)) : nil }
    /// … and last.
    var closing: ByteBuffer? { self == .sockJS ? .frame(.text, Array(#"c[3000,"Go away!"]"#.utf8)) : nil }
}
