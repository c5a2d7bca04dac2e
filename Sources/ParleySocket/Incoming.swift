import NIOCore
package import NIOWebSocket

/// Whole messages from frames, by the rules of RFC 6455 for what a client sends. No I/O.
package struct Incoming {
    package enum Event: Equatable {
        case nothing
        /// A whole message: UTF-8, where it is text.
        case message([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        /// The client closes; the code is to be sent back.
        case close(WebSocketErrorCode?)
        case violation(WebSocketErrorCode)
    }

    private let limit: Int
    private let kind: Kind
    private var fragments: [UInt8]?
    private var fragmentCount = 0
    /// Of the message that is being read.
    private var isText = false
    /// More than any client needs: each costs more than its bytes.
    private static let fragmentLimit = 1024

    /// What the protocol above speaks; the other is a violation.
    package enum Kind: Sendable {
        case text
        case binary
        /// Either, as each client likes.
        case any
    }

    /// - Parameter limit: bytes of one message, however many frames it comes in.
    package init(limit: Int, of kind: Kind) {
        self.limit = limit
        self.kind = kind
    }

    package mutating func received(_ frame: WebSocketFrame) -> Event {
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return .violation(.protocolError) }
        let payload = Array(frame.unmaskedData.readableBytesView)
        switch frame.opcode {
        case .text where self.kind != .binary, .binary where self.kind != .text:
            guard self.fragments == nil else { return .violation(.protocolError) }
            self.isText = frame.opcode == .text
            return self.append(payload, isLast: frame.fin)
        case .continuation:
            guard self.fragments != nil else { return .violation(.protocolError) }
            return self.append(payload, isLast: frame.fin)
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .connectionClose: return Self.close(payload)
        case .binary, .text: return .violation(.unacceptableData)
        default: return .violation(.protocolError)
        }
    }

    private mutating func append(_ payload: [UInt8], isLast: Bool) -> Event {
        var message = self.fragments ?? []
        self.fragments = nil  // so that `message` is the only reference, and grows in place
        self.fragmentCount += 1
        guard message.count + payload.count <= self.limit, self.fragmentCount <= Self.fragmentLimit else {
            return .violation(.messageTooLarge)
        }
        message += payload
        guard isLast else {
            self.fragments = message
            return .nothing
        }
        self.fragmentCount = 0
        guard !self.isText || String(validating: message, as: UTF8.self) != nil else {
            return .violation(.dataInconsistentWithMessage)
        }
        return .message(message)
    }

    private static func close(_ payload: [UInt8]) -> Event {
        guard !payload.isEmpty else { return .close(nil) }
        guard payload.count >= 2 else { return .violation(.protocolError) }
        let number = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard self.mayBeSent(number) else { return .violation(.protocolError) }
        guard String(validating: payload[2...], as: UTF8.self) != nil else {
            return .violation(.dataInconsistentWithMessage)
        }
        return .close(WebSocketErrorCode(codeNumber: Int(number)))
    }

    /// RFC 6455, section 7.4, and the registry of codes that it set up.
    private static func mayBeSent(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
