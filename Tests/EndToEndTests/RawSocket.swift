import NIOCore
import ParleyJSON

/// A WebSocket handshake, by hand.
enum Handshake {
    static func request(_ target: String) -> [UInt8] {
        Array(
            ("GET \(target) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n").utf8)
    }
}

/// A frame as a client may send it, or may not.
struct ClientFrame: Sendable {
    var opcode: UInt8
    var payload: [UInt8]
    var isFinal = true
    var reserved: UInt8 = 0
    var isMasked = true

    init(_ opcode: UInt8, _ payload: [UInt8]) {
        self.opcode = opcode
        self.payload = payload
    }

    static func text(_ text: String) -> ClientFrame { ClientFrame(1, Array(text.utf8)) }
    static func close(_ code: UInt16) -> ClientFrame { ClientFrame(8, [UInt8(code >> 8), UInt8(code & 0xFF)]) }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [(self.isFinal ? 0x80 : 0) | self.reserved << 4 | self.opcode]
        let bit: UInt8 = self.isMasked ? 0x80 : 0
        let count = self.payload.count
        switch count {
        case ..<126: bytes.append(bit | UInt8(count))
        case ..<65536: bytes += [bit | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
        default:
            bytes.append(bit | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
        }
        guard self.isMasked else { return bytes + self.payload }
        let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        // Byte by byte through collections, megabytes cost a debug build seconds.
        var payload = self.payload
        payload.withUnsafeMutableBytes { payload in
            var index = 0
            while index < count {
                payload[index] ^= mask[index & 3]
                index &+= 1
            }
        }
        return bytes + mask + payload
    }
}

/// A frame of the server's, taken from the front of what has arrived.
struct ServerFrame: Sendable {
    var opcode: UInt8
    var payload: [UInt8]
    /// Not masked, whole, no reserved bits: as the server promises.
    var isPlain: Bool

    /// Nil: not there yet, and nothing is taken.
    init?(from buffer: inout ByteBuffer) {
        var rest = buffer
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else {
            return nil
        }
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let long = rest.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if length == 127 {
            guard let long = rest.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        guard let payload = rest.readBytes(length: length) else { return nil }
        self.opcode = first & 0x0F
        self.isPlain = first & 0xF0 == 0x80 && second & 0x80 == 0
        self.payload = payload
        buffer = rest
    }
}

/// A WebSocket whose frames a test makes byte by byte.
struct RawSocket: Sendable {
    let raw: RawConnection

    static func connect(port: Int, target: String) async throws -> RawSocket {
        let raw = try await RawConnection.connect(port: port)
        await raw.send(Handshake.request(target))
        return RawSocket(raw: raw)
    }

    func send(_ frame: ClientFrame) async { await self.raw.send(frame.bytes) }

    struct Outcome: Sendable {
        var texts: [JSON] = []
        var pongs = 0
        var closeCode: Int?
        /// What came was HTTP's 101 and then whole, plain frames with JSON in them.
        var isSound = true
    }

    /// What comes until the server closes, or until `isLast`.
    func outcome(until isLast: (JSON) -> Bool = { _ in false }) async -> Outcome {
        var outcome = Outcome()
        var buffer = ByteBuffer()
        var isOpen = false
        for await chunk in self.raw.chunks {
            buffer.writeBytes(chunk)
            if !isOpen {
                guard let end = buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
                if !buffer.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)) { outcome.isSound = false }
                buffer.moveReaderIndex(to: end.upperBound)
                isOpen = true
            }
            while let frame = ServerFrame(from: &buffer) {
                outcome.isSound = outcome.isSound && frame.isPlain
                switch frame.opcode {
                case 1:
                    guard let json = try? JSON(parsing: frame.payload), json["type"]?.string != nil else {
                        outcome.isSound = false
                        continue
                    }
                    outcome.texts.append(json)
                    if isLast(json) { return outcome }
                case 8:
                    let code = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                    outcome.closeCode = frame.payload.isEmpty ? 1005 : code
                    await self.send(ClientFrame(8, Array(frame.payload.prefix(2))))
                case 9: await self.send(ClientFrame(0xA, frame.payload))
                case 0xA: outcome.pongs += 1
                default: outcome.isSound = false
                }
            }
        }
        return outcome
    }
}
