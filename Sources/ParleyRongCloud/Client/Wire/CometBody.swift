import ParleyDialectKit
import ParleyJSON

/// A message as comet's clients spell it: the JSON of protobuf, but for `content` and other texts that are bytes to us,
/// which protobuf spells in base64 and comet as the text that it is.
enum CometBody {
    private static let texts: Set = ["content", "pushText", "appData"]

    static func payload(of body: [UInt8], under topic: String?) throws(ClientFrameFault) -> [UInt8] {
        guard let type = topic.flatMap(TopicMessages.request) else { return [] }
        guard let json = try? JSON(parsing: body), json.kind == .object else { throw .notMessage }
        var writer = JSONWriter(capacity: body.count * 2)
        self.write(json, into: &writer)
        guard let payload = self.payload(of: writer.bytes, as: type) else { throw .notMessage }
        return payload
    }

    /// nil when the payload is not of that message, which is ours to see to.
    static func text(of payload: [UInt8], as type: any ProtobufMessage.Type) -> [UInt8]? {
        guard let bytes = self.json(of: payload, as: type), let json = try? JSON(parsing: bytes) else { return nil }
        var writer = JSONWriter(capacity: bytes.count)
        self.write(json, textsIn: type is WirePullUserSettingOutput.Type ? ["value"] : self.texts, into: &writer)
        return writer.bytes
    }

    private static func payload<Message: ProtobufMessage>(of json: [UInt8], as type: Message.Type) -> [UInt8]? {
        Message.parse(json: json)?.partialBytes
    }

    private static func json<Message: ProtobufMessage>(of payload: [UInt8], as type: Message.Type) -> [UInt8]? {
        Message.parse(payload)?.json
    }

    // MARK: From a client

    /// Whether these are true or 1, protobuf's numbers are the same, its JSON is not: JavaScript has both.
    private static let flags: Set = [
        "ispolling", "isweb", "isPullSend", "isKeeping", "bNotify", "reserve", "isTop",
    ]

    private static func write(_ json: JSON, into writer: inout JSONWriter) {
        guard let members = json.members else { return self.writeElements(json, into: &writer) }
        writer.object { writer in
            for (key, value) in members where !value.isNull {
                writer.key(key)
                if self.texts.contains(key) {
                    writer.string(Base64.standard.encoded(self.text(value)))
                } else if self.flags.contains(key), let number = value.int {
                    writer.bool(number != 0)
                } else {
                    self.write(value, into: &writer)
                }
            }
        }
    }

    private static func writeElements(_ json: JSON, into writer: inout JSONWriter) {
        guard let elements = json.array else { return writer.raw(json.raw) }
        writer.array(elements) { self.write($1, into: &$0) }
    }

    /// Content that is an object rather than its text is taken as that.
    private static func text(_ value: JSON) -> [UInt8] {
        value.string.map { Array($0.utf8) } ?? Array(value.raw)
    }

    // MARK: To a client

    private static func write(_ json: JSON, textsIn names: Set<String>, into writer: inout JSONWriter) {
        if let members = json.members {
            writer.object { writer in
                for (key, value) in members {
                    writer.key(key)
                    if names.contains(key), let text = value.string.flatMap({ Base64.standard.decoded($0.utf8) }) {
                        writer.string(String(decoding: text, as: UTF8.self))
                    } else {
                        self.write(value, textsIn: names, into: &writer)
                    }
                }
            }
        } else if let elements = json.array {
            writer.array(elements) { self.write($1, textsIn: names, into: &$0) }
        } else {
            writer.raw(json.raw)
        }
    }
}
