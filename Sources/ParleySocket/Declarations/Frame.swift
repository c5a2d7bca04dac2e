import ParleyJSON

/// One kind of frame that the server sends: what `docs/asyncapi.json` says of it. Each is declared beside the code that writes it.
struct Frame: Sendable {
    /// What the frame calls itself.
    let type: String
    let summary: String
    /// Beside `type`, and `request` in answers.
    let members: [Schema.Member]
    /// It answers a command, always or sometimes: it carries the command's `request`.
    let isAnswer: Bool

    init(_ type: String, _ summary: String, isAnswer: Bool = false, _ members: [Schema.Member]) {
        self.type = type
        self.summary = summary
        self.isAnswer = isAnswer
        self.members = members
    }

    static let all: [Frame] = [
        .welcome, .message, .recall, .edit, .notice, .gap, .ready, .conversation, .read, .receipt, .membership,
        .deleted, .typing,
        .presence, .sent, .done, .pong, .history, .conversations, .unread, .groups, .members, .users, .receipts,
        .pushPreferences, .error,
        .closing,
    ]

    var schema: Schema {
        var members = [Schema.Member("type", .choice([self.type]))]
        if self.isAnswer { members.append(.optional("request", Command.request)) }
        return Schema(.object(members + self.members, others: .ignored), self.summary)
    }
}

/// What a command is answered with.
struct Answer: Sendable {
    let frame: Frame
    let members: @Sendable (inout JSONWriter) -> Void

    init(_ frame: Frame, _ members: @escaping @Sendable (inout JSONWriter) -> Void = { _ in }) {
        self.frame = frame
        self.members = members
    }

    /// - Parameter request: what the client gave its command, as it wrote it.
    func bytes(echoing request: [UInt8]?) -> [UInt8] {
        JSONWriter.object { json in
            json.field("type", self.frame.type)
            if let request { json.field("request", raw: request) }
            self.members(&json)
        }
    }
}

extension Frame {
    static let done = Frame(
        "done", "The command was done. `recall` and `edit` are answered with the entry that they made.", isAnswer: true,
        [.optional("id", .messageID), .optional("seq", .sequence)])
    static let pong = Frame("pong", "The answer to `ping`.", isAnswer: true, [])
}

extension Answer {
    static let done = Answer(.done)
}
