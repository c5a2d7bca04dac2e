import NIOCore
import ParleyJSON

@testable import ParleyRongCloud

/// What RongCloud's client SDKs send, over a WebSocket and by comet's posts. An input's first byte says which: a frame, a
/// message of protobuf (which topic's, says the second), or a post, whose second byte is the header and whose rest is topic, target and body
/// with a zero between.
extension FuzzTarget {
    static let rongCloudClients: [FuzzTarget] = [
        FuzzTarget("rongcloud-client", seeds: rongSeeds(), run: rong)
    ]

    private static func rongSeeds() -> [[UInt8]] {
        self.rongFrameSeeds() + self.messageSeeds() + self.postSeeds()
    }

    private static func rong(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch kind % 3 {
        case 0: try self.rongFrame(rest)
        case 1: try self.rongMessage(rest)
        default: try self.rongPost(rest)
        }
    }

    // MARK: Frames

    private static func rongFrameSeeds() -> [[UInt8]] {
        let clients: [ClientFrame] = [
            .publish(topic: "ppMsgP", target: "ub1", id: 5, payload: self.upStream.wireBytes, qos: 1),
            .query(topic: "pullMsg", target: "ub1", id: 3, payload: [0x08, 0, 0x10, 0], qos: 1),
            .queryConfirm(id: 3), .ping,
        ]
        let servers: [ServerFrame] = [
            .connAck(user: "u", session: "s", nowMilliseconds: 1), .connAckRefused(status: 4), .disconnect(status: 1),
            .publish(
                seconds: 1, topic: "s_msg", target: "u", id: 0x8001, payload: self.downStream.wireBytes, qos: 1,
                isSync: true),
            .pubAck(id: 5, seconds: 1, status: 0, milliseconds: 1, uid: "2223-N9YU-YNRV-2223"),
            .queryAck(id: 3, seconds: 1, status: 0, payload: [0x10, 0], qos: 1), .pong,
        ]
        // Halves of a surrogate pair, and one alone.
        let texts: [[UInt8]] = [[0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], [0xED, 0xA0, 0xBD]]
        return clients.map { [0] + self.bytes(of: $0) }
            + servers.flatMap { frame in [.v3, .v4].map { [0] + self.bytes(of: frame, $0) } }
            + texts.map { [0, 0x50, 0, 1, 0x74, 0, UInt8($0.count)] + $0 + [0, 1] }
    }

    private static func rongFrame(_ bytes: [UInt8]) throws {
        if let frame = try? ClientFrame(parsing: bytes) {
            let again = try? ClientFrame(parsing: self.bytes(of: frame))
            try require(again == frame, "\(frame) was written, \(String(describing: again)) was read")
        }
        for version in [ServerFrame.Version.v3, .v4] {
            guard let frame = try? ServerFrame(parsing: bytes, version: version) else { continue }
            let again = try? ServerFrame(parsing: self.bytes(of: frame, version), version: version)
            try require(again == frame, "\(frame) was written, \(String(describing: again)) was read")
            try self.check(frame, answering: nil)
        }
    }

    private static func bytes(of frame: ClientFrame) -> [UInt8] {
        var buffer = ByteBuffer()
        frame.write(into: &buffer)
        return Array(buffer.readableBytesView)
    }

    private static func bytes(of frame: ServerFrame, _ version: ServerFrame.Version) -> [UInt8] {
        var buffer = ByteBuffer()
        frame.write(into: &buffer, version: version)
        return Array(buffer.readableBytesView)
    }

    // MARK: Messages

    private static let upStream: WireUpStreamMessage = {
        var message = WireUpStreamMessage()
        message.sessionID = 3
        message.classname = "RC:TxtMsg"
        message.contentBytes = Array(#"{"content":"hello-1"}"#.utf8)
        message.userID = ["a", "b"]
        message.extraContent = #"{"k":{"v":"1"}}"#
        message.pushExt.title = "t"
        return message
    }()

    private static let downStream: WireDownStreamMessage = {
        var message = WireDownStreamMessage()
        message.fromUserID = "ua1"
        message.type = 1
        message.classname = "RC:TxtMsg"
        message.contentBytes = Array(#"{"content":"hello-1"}"#.utf8)
        message.dataTime = 1_795_257_488_123
        message.status = 0x30
        return message
    }()

    private static func messageSeeds() -> [[UInt8]] {
        let inner = self.upStream.wireBytes
        let room: [UInt8] = [0x0A, 6, 0x0A, 1, 0x6B, 0x12, 1, 0x76, 0x1A, UInt8(inner.count)] + inner
        let numbers: [UInt8] = [0x08, 1, 0x10, 0x14, 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]
        let texts: [UInt8] = [0x0A, 1, 0x61, 0x12, 1, 0x62, 0x1A, 1, 0x63]
        return TopicMessages.topics.indices.map { topic in
            let payload =
                switch TopicMessages.topics[topic] {
                case "setKV", "delKV", "setKVS", "delKVS": room
                case "s_msg": self.downStream.wireBytes
                case let name where TopicMessages.request(name) is WireUpStreamMessage.Type: inner
                case _ where topic.isMultiple(of: 2): numbers
                default: texts
                }
            return [1, UInt8(topic)] + payload
        }
    }

    /// As what a client sends under the topic, what a server does, and what it answers.
    private static func rongMessage(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let payload = Array(bytes.dropFirst())
        let topic = TopicMessages.topics[Int(first) % TopicMessages.topics.count]
        for type in [TopicMessages.request(topic), TopicMessages.notice(topic), TopicMessages.reply(topic)] {
            if let type { try self.checkMessage(payload, as: type) }
        }
        try self.check(
            .publish(seconds: 0, topic: topic, target: "", id: 0, payload: payload, qos: 0, isSync: false),
            answering: nil)
        try self.check(.queryAck(id: 0, seconds: 0, status: 0, payload: payload, qos: 0), answering: topic)
    }

    private static func checkMessage<Message: ProtobufMessage>(_ bytes: [UInt8], as type: Message.Type) throws {
        guard let message = Message.parse(bytes) else { return }
        let written = message.isComplete ? message.wireBytes : message.partialBytes
        try require(Message.parse(written)?.partialBytes == written, "a \(type) is another when it is read again")
    }

    /// A comet client gets JSON, and JSON as a text within it.
    private static func check(_ frame: ServerFrame, answering topic: String?) throws {
        var writer = JSONWriter()
        frame.write(into: &writer, answering: topic)
        try Structure.check(writer.bytes)
        guard let data = (try? JSON(parsing: writer.bytes))?["data"]?.string else { return }
        try Structure.check(Array(data.utf8))
    }

    // MARK: Posts

    private static func postSeeds() -> [[UInt8]] {
        let message =
            #"{"sessionId":3,"classname":"RC:TxtMsg","content":"{\"content\":\"é\"}","userId":["a"],"pushExt":{"title":"t"}}"#
        let posts: [(UInt8, String, String)] = [
            (50, "ppMsgP", message), (50, "pgMsgS", message), (50, "recallMsg", message), (64, "", ""), (112, "", "{}"),
            (82, "pullMsg", #"{"syncTime":0,"ispolling":1,"isPullSend":true,"sendBoxSyncTime":"17"}"#),
            (82, "setKV", #"{"entry":{"key":"k","value":"v"},"bNotify":0,"notification":\#(message)}"#),
            (82, "delMsg", #"{"type":1,"conversationId":"b","msgs":[{"msgId":"1","msgDataTime":1e3,"direct":1}]}"#),
            (82, "setSeAtt", #"{"version":1,"state":[{"type":1,"channelId":"b","stateItem":[null]}]}"#),
            (82, "qryRelation", #"{"type":1,"count":20,"offset":0,"busChannel":["x"]}"#),
        ]
        return posts.map { [2, $0.0] + Array("\($0.1)\0ub1\0\($0.2)".utf8) }
    }

    private static func rongPost(_ bytes: [UInt8]) throws {
        guard let header = bytes.first else { return }
        let parts = bytes.dropFirst().split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        let words = parts.prefix(2).map { String(decoding: $0, as: UTF8.self) }
        let frame: ClientFrame
        do {
            frame = try ClientFrame(
                CometPost(
                    session: "s", header: header, id: 1, topic: words.first, target: words.dropFirst().first),
                body: Array(parts.dropFirst(2).first ?? []))
        } catch { return }
        switch frame {
        case .publish(let topic, _, _, let payload, _), .query(let topic, _, _, let payload, _):
            guard let type = TopicMessages.request(topic) else { return }
            try self.checkPayload(payload, as: type)
        case .pubAck, .queryConfirm, .ping, .unknown: break
        }
    }

    private static func checkPayload<Message: ProtobufMessage>(_ payload: [UInt8], as type: Message.Type) throws {
        try require(Message.parse(payload) != nil, "what comet's JSON became is not protobuf")
        try self.checkMessage(payload, as: type)
    }
}
