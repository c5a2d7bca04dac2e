package import NIOCore

/// What a client sends: one frame is one binary message of the WebSocket, which says how long it is
/// (facts/rongcloud-client.md, 2.2).
///
///     byte 0: type in 7..4, dup in 3, QoS in 2..1; then numbers, the highest byte first, and texts with two bytes of length
package enum ClientFrame: Hashable, Sendable {
    case publish(topic: String, target: String, id: UInt16, payload: [UInt8], qos: UInt8)
    case pubAck(id: UInt16)
    case query(topic: String, target: String, id: UInt16, payload: [UInt8], qos: UInt8)
    case queryConfirm(id: UInt16)
    case ping
    /// No SDK sends it.
    case unknown(type: UInt8)

    package init(parsing bytes: some Collection<UInt8>) throws(ClientFrameFault) {
        try self.init(parsing: Array(bytes))
    }

    package init(parsing bytes: [UInt8]) throws(ClientFrameFault) {
        guard let header = bytes.first else { throw .empty }
        var reader = WireReader(bytes)
        _ = try reader.take(1)
        try self.init(header: header, reader: &reader)
    }

    private init(header: UInt8, reader: inout WireReader) throws(ClientFrameFault) {
        let qos = header >> 1 & 3
        switch FrameType(rawValue: header >> 4) {
        case .publish:
            let (topic, target) = (try reader.text(), try reader.text())
            let id = try reader.integer(UInt16.self)
            self = .publish(topic: topic, target: target, id: id, payload: Array(reader.rest), qos: qos)
        case .query:
            let (topic, target) = (try reader.text(), try reader.text())
            let id = try reader.integer(UInt16.self)
            self = .query(topic: topic, target: target, id: id, payload: Array(reader.rest), qos: qos)
        case .pubAck: self = .pubAck(id: try reader.integer(UInt16.self))
        case .queryConfirm: self = .queryConfirm(id: try reader.integer(UInt16.self))
        case .ping: self = .ping
        case .connAck, .queryAck, .pong, .disconnect, nil: self = .unknown(type: header >> 4)
        }
    }

    /// As an SDK does; a server has no use for it.
    package func write(into buffer: inout ByteBuffer) {
        switch self {
        case .publish(let topic, let target, let id, let payload, let qos):
            buffer.writeCommand(.publish, topic, target, id, payload, qos)
        case .query(let topic, let target, let id, let payload, let qos):
            buffer.writeCommand(.query, topic, target, id, payload, qos)
        case .pubAck(let id):
            buffer.writeHeader(.pubAck)
            buffer.writeInteger(id)
        case .queryConfirm(let id):
            buffer.writeHeader(.queryConfirm)
            buffer.writeInteger(id)
        case .ping: buffer.writeHeader(.ping)
        case .unknown(let type): buffer.writeInteger(type << 4)
        }
    }
}

/// Why a frame, or a post of comet, cannot be read.
package enum ClientFrameFault: Error, Hashable, Sendable {
    case empty
    /// A length reaches beyond the end.
    case truncated
    /// An id or a topic is not UTF-8.
    case notText
    /// Comet: the body is not JSON, or not of the topic's message.
    case notMessage
    /// Comet: a topic or an id that no frame could hold.
    case tooLong
}

enum FrameType: UInt8 {
    case connAck = 2
    case publish = 3
    case pubAck = 4
    case query = 5
    case queryAck = 6
    case queryConfirm = 7
    case ping = 12
    case pong = 13
    case disconnect = 14

    func header(qos: UInt8 = 0, isSync: Bool = false) -> UInt8 {
        self.rawValue << 4 | (isSync ? 8 : 0) | (qos & 3) << 1
    }
}

extension ByteBuffer {
    mutating func writeHeader(_ type: FrameType, qos: UInt8 = 0, isSync: Bool = false) {
        self.writeInteger(type.header(qos: qos, isSync: isSync))
    }

    /// Ids and topics are bounded where they are made, far below what two bytes can say.
    mutating func writeText(_ text: String) {
        self.writeInteger(UInt16(text.utf8.count))
        self.writeString(text)
    }

    fileprivate mutating func writeCommand(
        _ type: FrameType, _ topic: String, _ target: String, _ id: UInt16, _ payload: [UInt8], _ qos: UInt8
    ) {
        self.writeHeader(type, qos: qos)
        self.writeText(topic)
        self.writeText(target)
        self.writeInteger(id)
        self.writeBytes(payload)
    }
}
