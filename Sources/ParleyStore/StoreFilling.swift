package import ParleyCore

/// Makes a large store in little time, to be measured: the rows that the writer would have written, in the order of time and with the conversations mixed,
/// as years of traffic leave them; the indexes last, and nothing of what makes a write durable.
///
/// Every fifth conversation holds most of the messages, sixteen times as many as each of the others.
package struct StoreFilling: Sendable {
    package var app: AppID
    /// Direct ones, of users `u0`, `u1` … with twenty conversations each; with fewer, where there are not many.
    package var conversations: Int
    package var messages: Int
    /// Of text, in each.
    package var textBytes = 60
    /// The messages are spread over the days before.
    package var until: Timestamp
    package var days = 30

    package init(app: AppID, conversations: Int, messages: Int, until: Timestamp) {
        self.app = app
        self.conversations = max(1, conversations)
        self.messages = max(1, messages)
        self.until = until
    }

    /// Enough for each conversation to have two of its own.
    package var users: Int { max(self.conversations / 10, Int(Double(2 * self.conversations).squareRoot()) + 2) }

    /// The users who talk in a conversation.
    package func pair(of conversation: Int) -> (String, String) {
        let first = conversation % self.users
        let second = (first + 1 + conversation / self.users) % self.users
        return ("u\(first)", "u\(second)")
    }

    /// - Parameter folder: of a store that nobody else has open.
    package func fill(_ folder: String) throws {
        let database = try SQLiteDatabase(at: .folder(folder))
        try database.setFlushes(false)
        defer { try? database.close() }
        for name in Self.indexes { try database.transaction { _ = try $0.run("DROP INDEX \(name)") } }
        try self.fillUsers(in: database)
        let ends = try self.fillEntries(in: database)
        try self.fillConversations(ends, in: database)
        try database.transaction { connection in
            for sql in Self.indexStatements { try connection.run(sql) }
        }
    }

    private static let indexes = ["entries_by_sequence", "entries_wanting_receipts", "entries_by_target"]
    private static let indexStatements = [
        "CREATE UNIQUE INDEX entries_by_sequence ON entries (conversation, sequence)",
        "CREATE INDEX entries_wanting_receipts ON entries (conversation, sequence) WHERE wants_receipts = 1",
        "CREATE INDEX entries_by_target ON entries (target) WHERE target IS NOT NULL",
    ]

    private func fillUsers(in database: SQLiteDatabase) throws {
        try database.transaction { connection in
            for number in 0..<self.users {
                try connection.save(User(id: UserID("u\(number)"), createdAt: self.until), in: self.app)
            }
        }
    }

    /// - Returns: where each conversation ends.
    private func fillEntries(in database: SQLiteDatabase) throws -> [ConversationEnd] {
        var ends = [ConversationEnd](repeating: ConversationEnd(), count: self.conversations)
        let order = self.shuffled()
        var body = try self.body()
        let begin = self.until.adding(seconds: -Int64(self.days) * 86_400).milliseconds
        let step = Double(self.days) * 86_400_000 / Double(self.messages)
        var last = MessageID(rawValue: 0)
        for start in stride(from: 0, to: order.count, by: 100_000) {
            try database.transaction { connection in
                for index in start..<min(start + 100_000, order.count) {
                    let conversation = Int(order[index])
                    let moment = Timestamp(milliseconds: begin + Int64(Double(index) * step))
                    let id = max(MessageID(sentAt: moment, slot: 0), MessageID(rawValue: last.rawValue + 16))
                    last = id
                    let pair = self.pair(of: conversation)
                    body.sender = index & 1 == 0 ? pair.0 : pair.1
                    let sequence = ends[conversation].lastSequence + 1
                    try connection.insertEntry(id, sequence, inConversation: Self.number(of: conversation), body, nil)
                    ends[conversation] = ConversationEnd(
                        lastSequence: sequence, lastSentAt: id.sentAt, activeSequence: sequence, activeAt: id.sentAt)
                }
            }
        }
        return ends
    }

    private func fillConversations(_ ends: [ConversationEnd], in database: SQLiteDatabase) throws {
        try database.transaction { connection in
            for (index, end) in ends.enumerated() {
                let (one, other) = self.pair(of: index)
                let id = ConversationID(app: self.app, .direct(UserID(one), UserID(other)))
                try connection.run(
                    "INSERT INTO conversations (number, app, kind, a, b) VALUES (?, ?, ?, ?, ?)",
                    [.int(Self.number(of: index))] + id.values)
                try connection.updateConversation(Self.number(of: index), end)
            }
        }
    }

    /// Behind those that a demo has made.
    private static func number(of conversation: Int) -> Int64 { 1000 + Int64(conversation) }

    private func body() throws -> EntryBody {
        let text = String(repeating: "x", count: self.textBytes)
        let native = #"{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
        return try EntryBody(
            .message(
                Message(
                    sender: UserID("u0"), content: .text(text),
                    native: Native(dialect: DialectName("tencent"), payload: Array(native.utf8)))))
    }

    /// The conversation of each message.
    private func shuffled() -> [UInt32] {
        var order: [UInt32] = []
        order.reserveCapacity(self.messages)
        while order.count < self.messages {
            for conversation in 0..<self.conversations {
                let count = conversation.isMultiple(of: 5) ? 80 : 5
                for _ in 0..<min(count, self.messages - order.count) { order.append(UInt32(conversation)) }
            }
        }
        order.shuffle()
        return order
    }
}
