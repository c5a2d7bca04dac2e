import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    /// What was said.
    static let conversations: [Route] = [
        Route(
            .GET, "apps/{app}/conversations",
            "A user's conversations, the newest first; without a user, those in which something was said of late and was recorded",
            query: [.optional("user"), .optional("after"), .optional("limit", .integer, "at most 200")],
            answer: [
                Field(
                    "conversations",
                    .list(
                        .object([
                            Field("name", .text, "group:G, direct:A:B, room:R or system:U"), .optional("title"),
                            Field("seq", .integer), Field("activeAt", .integer), .optional("text"),
                        ]))), .optional("next"),
            ], perform: conversations),
        Route(
            .GET, "apps/{app}/conversations/{conversation}/entries", "What is in a conversation's log, newest first",
            query: [
                .optional("before", .integer, "`next` of the page before"), .optional("limit", .integer, "at most 200"),
            ],
            answer: [
                Field(
                    "entries",
                    .list(
                        .object([
                            Field("id"), Field("seq", .integer), Field("at", .integer),
                            Field(
                                "kind",
                                .choice(["message", "recall", "edit", "joined", "left", "removed", "changed"])),
                            .optional("from"), .optional("origin"), .optional("type"), Field("text"),
                            Field("isRecalled", .flag),
                        ]))), .optional("next", .integer),
            ], perform: entries),
        Route(
            .POST, "apps/{app}/conversations/{conversation}/recall", "Take a message back, as the App does",
            body: [Field("id")], answer: []
        ) { visit in
            let app = try await visit.app()
            let conversation = try visit.conversation
            guard let id = MessageID(try visit.text("id")),
                let entry = try await visit.core.log.find(.id(id), in: conversation, of: app.id),
                let message = entry.message
            else {
                throw Refusal(
                    .notFound, .unknownMessage, Wording("There is no such message in the conversation.", "会话中没有这条消息。"))
            }
            try await visit.core.recall(
                RecallMessage(
                    app: app.id, conversation: conversation, target: .id(id), by: message.sender, byAdministrator: true)
            )
            return .done
        },
    ]

    private static func conversations(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let limit = try visit.number("limit", default: 50, in: 1...200)
        guard let user = visit.query["user"] else {
            let recent = visit.console.journal.recentConversations(in: app.id, limit: limit)
            return Reply { json in
                json.field("conversations") { json in json.array(recent) { $0.conversation($1) } }
            }
        }
        var start: ConversationPage.Bookmark?
        if let text = visit.query["after"] {
            guard let bookmark = ConversationPage.Bookmark(text) else {
                throw Refusal.badField("after", Wording("is no `next` of a page", "不是分页应答中的 `next`"))
            }
            start = bookmark
        }
        let page = try await visit.core.places.conversations(of: UserID(user), in: app.id, from: start, limit: limit)
        return Reply { json in
            json.field("conversations") { json in json.array(page.summaries) { $0.conversation($1) } }
            json.optional("next", page.next?.text)
        }
    }

    private static func entries(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let conversation = ConversationID(app: app.id, try visit.conversation)
        let limit = try visit.number("limit", default: 50, in: 1...200)
        let before = try visit.number("before", default: Int.max, in: 0...Int.max)
        var entries: [Entry] = []
        if before > 0 {
            entries = try await visit.core.log.entries(
                of: conversation, upTo: before == Int.max ? nil : UInt64(before - 1), limit: limit)
        }
        let shown = entries
        return Reply { json in
            json.field("entries") { json in json.array(shown) { $0.row($1) } }
            if shown.count == limit, let last = shown.last?.sequence, last > 1 { json.field("next", last) }
        }
    }
}

extension Visit {
    fileprivate var conversation: Conversation {
        get throws(Refusal) {
            guard let conversation = Conversation(name: self.path["conversation"] ?? "") else {
                throw Refusal(
                    .notFound, .unknownConversation,
                    Wording(
                        "A conversation is called group:G, direct:A:B, room:R or system:U.",
                        "会话名称的形式为 group:G、direct:A:B、room:R 或 system:U。"))
            }
            return conversation
        }
    }
}

extension ConversationPage.Bookmark {
    fileprivate var text: String { "\(self.isPinned ? 1 : 0).\(self.moment.milliseconds).\(self.number)" }

    fileprivate init?(_ text: String) {
        let parts = text.split(separator: ".").map { Int64($0) }
        guard parts.count == 3, let isPinned = parts[0], let moment = parts[1], let number = parts[2] else {
            return nil
        }
        self.init(isPinned: isPinned == 1, moment: Timestamp(milliseconds: moment), number: number)
    }
}

extension JSONWriter {
    fileprivate mutating func conversation(_ summary: ConversationSummary) {
        self.object { json in
            json.field("name", summary.place.conversation.name)
            json.optional("title", summary.name)
            json.field("seq", summary.lastSequence)
            json.field("activeAt", summary.activeAt.milliseconds)
            json.optional("text", summary.lastMessage?.line)
        }
    }

    fileprivate mutating func conversation(_ newest: Entry) {
        self.object { json in
            json.field("name", newest.conversation.conversation.name)
            json.field("seq", newest.sequence ?? 0)
            json.field("activeAt", newest.sentAt.milliseconds)
            json.field("text", newest.line)
        }
    }

    fileprivate mutating func row(_ entry: Entry) {
        self.object { json in
            json.field("id", entry.id.description)
            json.field("seq", entry.sequence ?? 0)
            json.field("at", entry.sentAt.milliseconds)
            json.field("kind", entry.kind)
            json.optional("from", entry.author?.rawValue)
            json.optional("origin", entry.message?.native.dialect.rawValue)
            json.optional("type", entry.message?.content.kind)
            json.field("text", entry.line)
            json.field("isRecalled", entry.isRecalled)
        }
    }
}
