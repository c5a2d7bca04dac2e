/// What SDKs of the second generation can read: their decoder knows no UTF-8 of more than three bytes (facts/rongcloud-client.md, 11). Content is JSON, in which
/// any character can be written as an escape.
package enum ShortText {
    package static func message(_ message: WireDownStreamMessage) -> WireDownStreamMessage {
        guard let content = self.escaped(message.contentBytes) else { return message }
        var message = message
        message.contentBytes = content
        return message
    }

    package static func message(_ message: WireUpStreamMessage) -> WireUpStreamMessage {
        guard let content = self.escaped(message.contentBytes) else { return message }
        var message = message
        message.contentBytes = content
        return message
    }

    /// - Parameter payload: of the QUERYACK to a query of that topic.
    package static func answer(_ payload: [UInt8], to topic: String) -> [UInt8] {
        guard self.isLong(payload) else { return payload }
        switch topic {
        case "pullMsg", "chrmPull":
            guard var answer = WireDownStreamMessages.parse(payload) else { return payload }
            answer.list = answer.list.map(self.message)
            return answer.wireBytes
        case "qryPMsg", "qryGMsg", "qrySMsg", "qryCHMsg":
            guard var answer = WireHistoryMsgOuput.parse(payload) else { return payload }
            answer.list = answer.list.map(self.message)
            return answer.wireBytes
        case "qryRelation":
            guard var answer = WireRelationsOutput.parse(payload) else { return payload }
            for index in answer.info.indices where answer.info[index].hasMsg {
                answer.info[index].msg = self.message(answer.info[index].msg)
            }
            return answer.wireBytes
        default: return payload
        }
    }

    /// Something in it they cannot read.
    static func isLong(_ bytes: [UInt8]) -> Bool { bytes.contains { $0 >= 0xF0 } }

    /// Of valid UTF-8. Nil: it can be read as it is.
    private static func escaped(_ content: [UInt8]) -> [UInt8]? {
        guard self.isLong(content) else { return nil }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(content.count + 32)
        for scalar in String(decoding: content, as: UTF8.self).unicodeScalars {
            guard scalar.value > 0xFFFF else {
                escaped.append(contentsOf: String(scalar).utf8)
                continue
            }
            for unit in String(scalar).utf16 {
                escaped.append(contentsOf: "\\u".utf8)
                escaped.append(contentsOf: String(unit, radix: 16).utf8)
            }
        }
        return escaped
    }
}
