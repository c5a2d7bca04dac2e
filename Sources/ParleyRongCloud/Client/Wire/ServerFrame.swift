package import NIOCore

/// What a server sends: one frame is one binary message of the WebSocket (facts/rongcloud-client.md, 2.2).
package enum ServerFrame: Hashable, Sendable {
    case connAckRefused(status: UInt8)
    case connAck(user: String, session: String, nowMilliseconds: Int64)
    /// Where `isSync`, a message that the user sent from another device: the client waits for the ``pubAck`` with its id, and
    /// answers nothing. Any other, with QoS, the client acknowledges.
    case publish(
        seconds: UInt32, topic: String, target: String, id: UInt16, payload: [UInt8], qos: UInt8, isSync: Bool)
    /// Seconds and milliseconds together become the message's time.
    case pubAck(id: UInt16, seconds: UInt32, status: UInt16, milliseconds: UInt16, uid: String)
    /// With QoS, the client confirms it.
    case queryAck(id: UInt16, seconds: UInt32, status: UInt16, payload: [UInt8], qos: UInt8)
    case pong
    case disconnect(status: UInt8)

    /// How the client wants its CONNACK, as `protocolVer` of its URL says (2.4).
    package enum Version: Hashable, Sendable {
        case v3, v4

        package init(protocolVer: String?) { self = protocolVer == "4" ? .v4 : .v3 }
    }

    package func write(into buffer: inout ByteBuffer, version: Version = .v3) {
        switch self {
        case .connAckRefused(let status):
            buffer.writeHeader(.connAck)
            buffer.writeMultipleIntegers(0 as UInt8, status)
            if version == .v4 { buffer.writeInteger(0 as UInt8) }
        case .connAck(let user, let session, let nowMilliseconds):
            buffer.writeHeader(.connAck)
            buffer.writeMultipleIntegers(0 as UInt8, 0 as UInt8)
            if version == .v4 { buffer.writeInteger(ConnAckFlags.all.rawValue) }
            buffer.writeText(user)
            buffer.writeText(session)
            buffer.writeInteger(nowMilliseconds)
        case .publish(let seconds, let topic, let target, let id, let payload, let qos, let isSync):
            buffer.writeHeader(.publish, qos: qos, isSync: isSync)
            buffer.writeInteger(seconds)
            buffer.writeText(topic)
            buffer.writeText(target)
            buffer.writeInteger(id)
            buffer.writeBytes(payload)
        case .pubAck(let id, let seconds, let status, let milliseconds, let uid):
            buffer.writeHeader(.pubAck)
            buffer.writeMultipleIntegers(id, seconds, status, milliseconds)
            buffer.writeText(uid)
        case .queryAck(let id, let seconds, let status, let payload, let qos):
            buffer.writeHeader(.queryAck, qos: qos)
            buffer.writeMultipleIntegers(id, seconds, status)
            buffer.writeBytes(payload)
        case .pong: buffer.writeHeader(.pong)
        case .disconnect(let status):
            buffer.writeHeader(.disconnect)
            buffer.writeMultipleIntegers(0 as UInt8, status)
        }
    }
}

/// Which of its members a CONNACK of version 4 has.
private struct ConnAckFlags: OptionSet {
    let rawValue: UInt8

    static let user = Self(rawValue: 1)
    static let session = Self(rawValue: 2)
    static let time = Self(rawValue: 4)
    static let all: Self = [.user, .session, .time]
}

// As an SDK does, for tests and the fuzzer.
extension ServerFrame {
    /// - Returns: nil for a type that no server sends.
    package init?(parsing bytes: [UInt8], version: Version = .v3) throws(ClientFrameFault) {
        guard let header = bytes.first else { throw .empty }
        var reader = WireReader(bytes)
        _ = try reader.take(1)
        let qos = header >> 1 & 3
        switch FrameType(rawValue: header >> 4) {
        case .connAck: self = try Self.connAck(&reader, version)
        case .publish:
            let seconds = try reader.integer(UInt32.self)
            let (topic, target) = (try reader.text(), try reader.text())
            let id = try reader.integer(UInt16.self)
            self = .publish(
                seconds: seconds, topic: topic, target: target, id: id, payload: Array(reader.rest), qos: qos,
                isSync: header & 8 != 0)
        case .pubAck:
            self = .pubAck(
                id: try reader.integer(UInt16.self), seconds: try reader.integer(UInt32.self),
                status: try reader.integer(UInt16.self), milliseconds: try reader.integer(UInt16.self),
                uid: try reader.text())
        case .queryAck:
            let (id, seconds) = (try reader.integer(UInt16.self), try reader.integer(UInt32.self))
            let status = try reader.integer(UInt16.self)
            self = .queryAck(id: id, seconds: seconds, status: status, payload: Array(reader.rest), qos: qos)
        case .pong: self = .pong
        case .disconnect:
            _ = try reader.take(1)
            self = .disconnect(status: try reader.integer(UInt8.self))
        case .query, .queryConfirm, .ping, nil: return nil
        }
    }

    private static func connAck(_ reader: inout WireReader, _ version: Version) throws(ClientFrameFault) -> Self {
        _ = try reader.take(1)
        let status = try reader.integer(UInt8.self)
        guard status == 0 else { return .connAckRefused(status: status) }
        let flags = version == .v4 ? ConnAckFlags(rawValue: try reader.integer(UInt8.self)) : .all
        return .connAck(
            user: flags.contains(.user) ? try reader.text() : "",
            session: flags.contains(.session) ? try reader.text() : "",
            nowMilliseconds: flags.contains(.time) ? try reader.integer(Int64.self) : 0)
    }
}
