package import ParleyDialectKit
package import ParleyJSON

// The same frames for clients without a WebSocket: what they send as a POST each, what they get as objects of a JSON
// array (facts/rongcloud-client.md, 8).

/// What the address of a POST to `/websocket` says of the frame in its body.
package struct CometPost: Hashable, Sendable {
    package var session: String
    /// The first byte of the frame.
    package var header: UInt8
    package var id: UInt16
    package var topic: String?
    package var target: String?

    package init(session: String, header: UInt8, id: UInt16, topic: String? = nil, target: String? = nil) {
        self.session = session
        self.header = header
        self.id = id
        self.topic = topic
        self.target = target
    }

    /// Nil: it names no session, or no frame.
    package init?(_ query: Form) {
        guard let session = query.cometSession, let id = query["messageid"].flatMap({ UInt16($0) }),
            // A byte, which some SDKs take for a signed one.
            let header = query["header"].flatMap({ Int($0) }), (-128...255).contains(header)
        else { return nil }
        self.init(
            session: session, header: UInt8(truncatingIfNeeded: header), id: id, topic: query["topic"],
            target: query["targetid"])
    }
}

extension Form {
    /// The session that a client has been given when it connected.
    package var cometSession: String? { self["sessionid"] }
}

extension ClientFrame {
    /// - Parameter body: the message as JSON. Under a topic that we do not know there is no telling what it is: the payload is empty, and who answers the
    ///   topic refuses it anyway.
    package init(_ post: CometPost, body: [UInt8]) throws(ClientFrameFault) {
        let (header, id, topic, target) = (post.header, post.id, post.topic, post.target)
        // They become texts of a frame, with two bytes of length.
        guard [topic, target].allSatisfy({ $0?.utf8.count ?? 0 <= UInt16.max }) else { throw .tooLong }
        let qos = header >> 1 & 3
        switch FrameType(rawValue: header >> 4) {
        case .publish:
            self = .publish(
                topic: try Self.present(topic), target: target ?? "", id: id,
                payload: try CometBody.payload(of: body, under: topic), qos: qos)
        case .query:
            self = .query(
                topic: try Self.present(topic), target: target ?? "", id: id,
                payload: try CometBody.payload(of: body, under: topic), qos: qos)
        case .pubAck: self = .pubAck(id: id)
        case .queryConfirm: self = .queryConfirm(id: id)
        case .ping: self = .ping
        case .connAck, .queryAck, .pong, .disconnect, nil: self = .unknown(type: header >> 4)
        }
    }

    private static func present(_ topic: String?) throws(ClientFrameFault) -> String {
        guard let topic else { throw .truncated }
        return topic
    }
}

extension ServerFrame {
    /// One object.
    ///
    /// - Parameter query: The topic of the query that a `queryAck` answers, which alone says what its payload is.
    package func write(into json: inout JSONWriter, answering query: String? = nil) {
        json.object { self.members(into: &$0, answering: query) }
    }

    private func members(into json: inout JSONWriter, answering query: String?) {
        switch self {
        case .connAckRefused(let status):
            json.field("status", status)
            json.begin(.connAck, id: 0)
        case .connAck(let user, let session, let nowMilliseconds):
            json.field("status", 0)
            json.field("userId", user)
            json.begin(.connAck, id: 0)
            json.field("sessionid", session)
            json.field("timestamp", nowMilliseconds)
        case .publish(let seconds, let topic, let target, let id, let payload, let qos, let isSync):
            json.begin(.publish, id: id, qos: qos, isSync: isSync)
            json.field("topic", topic)
            json.field("targetId", target)
            json.field("date", seconds)
            json.field("status", 0)
            json.data(payload, TopicMessages.notice(topic))
        case .pubAck(let id, let seconds, let status, let milliseconds, let uid):
            json.begin(.pubAck, id: id)
            json.field("date", seconds)
            json.field("status", status)
            json.field("messageUId", uid)
            json.field("timestamp", Int64(seconds) * 1000 + Int64(milliseconds))
            json.field("millisecond", milliseconds)
        case .queryAck(let id, let seconds, let status, let payload, let qos):
            json.begin(.queryAck, id: id, qos: qos)
            json.field("date", seconds)
            json.field("status", status)
            json.data(payload, status == 0 ? query.flatMap(TopicMessages.reply) : nil)
        case .pong: json.begin(.pong, id: 0)
        case .disconnect(let status):
            json.begin(.disconnect, id: 0)
            json.field("status", status)
        }
    }
}

extension JSONWriter {
    /// The header is never negative, as a signed byte would be: of v4 and v5 only numbers above 0 are understood.
    fileprivate mutating func begin(_ type: FrameType, id: UInt16, qos: UInt8 = 0, isSync: Bool = false) {
        self.field("headerCode", type.header(qos: qos, isSync: isSync))
        self.field("messageId", id)
    }

    /// JSON as a text, which the SDKs parse for themselves; an empty object where there is nothing to say, for not all of them ask
    /// whether there is.
    fileprivate mutating func data(_ payload: [UInt8], _ type: (any ProtobufMessage.Type)?) {
        let text = type.flatMap { CometBody.text(of: payload, as: $0) } ?? Array("{}".utf8)
        self.field("data", String(decoding: text, as: UTF8.self))
    }
}
