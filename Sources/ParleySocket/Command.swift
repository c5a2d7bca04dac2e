import ParleyCore
import ParleyHub
import ParleyJSON

/// One thing that a client may ask for: a row of ``Command/table``.
struct Command: Sendable {
    /// - Throws: ``Refusal``, which is sent as an error frame.
    let run: @Sendable (JSON, SocketHandler) throws(Refusal) -> Void

    /// By the frame's `type`.
    static let table: [String: Command] = [
        "ping": Command { _, socket in socket.reply { $0.field("type", "pong") } },
        "ack": Command(run: acknowledge),
    ]

    @Sendable private static func acknowledge(_ json: JSON, _ socket: SocketHandler) throws(Refusal) {
        guard let name = json["conversation"]?.string,
            let conversation = Conversation(name: name, of: socket.client.user)
        else { throw Refusal(code: "badField", message: "conversation: missing or malformed") }
        guard let sequence = json["seq"]?.int, sequence >= 0 else {
            throw Refusal(code: "badField", message: "seq: missing or not a number")
        }
        guard socket.reader?.acknowledge(UInt64(sequence), of: conversation) == true else {
            throw Refusal(code: "unknownConversation", message: "conversation: not one of yours")
        }
    }
}

/// Why a client's frame did nothing. The connection stays.
struct Refusal: Error {
    let code: String
    let message: String
}

extension Command {
    static func run(_ text: [UInt8], for socket: SocketHandler) throws(Refusal) {
        let json: JSON
        do { json = try JSON(parsing: text, maximumDepth: 32) } catch {
            throw Refusal(code: "notJSON", message: "not JSON at byte \(error.offset)")
        }
        guard let type = json["type"]?.string else {
            throw Refusal(code: "badField", message: "type: missing or not a string")
        }
        guard let command = self.table[type] else {
            throw Refusal(code: "unknownType", message: "type: nothing that a client may send")
        }
        try command.run(json, socket)
    }
}
