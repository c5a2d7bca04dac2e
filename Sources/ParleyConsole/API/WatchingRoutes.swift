import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    /// What happens just now.
    static let watching: [Route] = [
        Route(.GET, "health", "How the server is", answer: HealthReport.members) { visit in
            let report = try await HealthReport(visit)
            return Reply { $0.members(of: report) }
        },
        Route(
            .GET, "apps/{app}/feed",
            "The newest calls and messages after one; waits for some when there are none. What it shows is recorded while somebody asks",
            query: [
                .optional("after", .integer, "`next` of the answer before; 0: from the oldest that is kept"),
                .optional("wait", .integer, "seconds, at most 25"),
                .optional("limit", .integer, "items, at most 500"),
            ], answer: Self.feedMembers, perform: feed),
        Route(
            .GET, "apps/{app}/calls/{call}", "A call: as it came, as it was answered, and why it was refused",
            answer: Self.callMembers, perform: call),
        Route(
            .GET, "apps/{app}/messages/{message}",
            "An entry of the log: all of it, what clients of each kind get of it, and whom it has reached",
            answer: Self.messageMembers, perform: message),
    ]

    private static let feedMembers = [
        Field(
            "items",
            .list(
                .object([
                    Field("n", .integer), Field("at", .integer, "milliseconds since 1970"),
                    Field("kind", .choice(["call", "message", "event"])),
                    .optional("dialect"), .optional("method"), .optional("path"), .optional("endpoint"),
                    .optional("status", .integer), .optional("code", .text, "the vendor's own"),
                    .optional("milliseconds", .number), .optional("from"), .optional("to"),
                    .optional("refusal", .text, "in a sentence"),
                    .optional("messages", .list(.text), "ids of what the call put into the log"),
                    .optional("name", .choice(["recall", "edit", "joined", "left", "removed", "changed"])),
                    .optional("id"), .optional("conversation"), .optional("seq", .integer),
                    .optional("origin", .text, "the dialect that it was said in"),
                    .optional("type", .text, "what kind of content"), .optional("text", .text, "in a line"),
                    .optional("audience", .list(.text), "whom alone it is for"),
                ]))),
        Field("next", .integer), Field("skipped", .integer, "items that came too, and are left out"),
    ]

    private static let half: [Field] = [
        Field("headers", .list(.list(.text))), Field("body"), Field("isCut", .flag, "after 64 KB"),
    ]

    private static let callMembers = [
        Field("n", .integer), Field("at", .integer), .optional("dialect"), .optional("title"),
        .optional("endpoint"), .optional("page", .text, "the vendor's"),
        .optional("milliseconds", .number, "unless it was refused before it was read whole"),
        Field("address"), Field("status", .integer), .optional("code"),
        Field("request", .object([Field("line")] + half)), Field("response", .object([Field("line")] + half)),
        .optional(
            "explanation",
            .object([
                Field("check", .choice(Explanation.Check.allCases.map(\.rawValue))), Field("reason"),
                Field("details", .list(.list(.text)), "names and values"),
            ]), "why it was refused"),
        Field("messages", .list(.text)),
    ]

    private static let messageMembers = [
        Field("stored", .anything), Field("names", .anything, "what each dialect calls it"),
        Field(
            "previews", .list(.object([Field("dialect"), Field("title"), .optional("json", .anything)]))),
        Field(
            "recipients",
            .list(
                .object([
                    Field("user"), Field("state", .choice(["delivered", "online", "offline"])),
                    Field("devices", .list(.text), "that are connected"),
                ]))), Field("more", .integer, "recipients that are left out"),
    ]

    // MARK: The feed

    /// Who asks again at once gets an answer four times a second at most.
    private static let pause = Duration.milliseconds(250)

    private static func feed(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let after = try visit.number("after", default: 0, in: 0...Int.max)
        let limit = try visit.number("limit", default: 200, in: 1...500)
        let wait = try visit.number("wait", default: 0, in: 0...25)
        let journal = visit.console.journal
        var piece = journal.look(after: after, in: app.id, limit: limit)
        if !piece.items.isEmpty, after > 0, piece.next != after, wait > 0 {
            try? await Task.sleep(for: Self.pause)
            piece = journal.look(after: after, in: app.id, limit: limit)
        }
        let deadline = ContinuousClock.now + .seconds(wait)
        var skipped = piece.skipped
        while piece.items.isEmpty, ContinuousClock.now < deadline, !journal.isClosed {
            // Answered with nothing, whoever asks would ask again at once.
            guard journal.hasRoomForWaiter else { throw Refusal.busy }
            await journal.news(after: piece.next, within: deadline - ContinuousClock.now)
            piece = journal.look(after: piece.next, in: app.id, limit: limit)
            skipped += piece.skipped
            // It was of another App, where more may come at any rate.
            if piece.items.isEmpty { try? await Task.sleep(for: Self.pause) }
        }
        let (shown, leftOut, mask) = (piece, skipped, Mask(app))
        return Reply { json in
            json.field("items") { json in json.array(shown.items) { $0.feedItem($1, mask, visit.language) } }
            json.field("next", shown.next)
            json.field("skipped", leftOut)
        }
    }

    // MARK: A call

    private static func call(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        guard let number = Int(visit.path["call"] ?? ""),
            let item = visit.console.journal.call(number, in: app.id), case .call(let call) = item.body
        else {
            throw Refusal(
                .notFound, .unknownCall, Wording("The call is kept no longer, or never was.", "该调用已不再保留，或从未有过。"))
        }
        let mask = Mask(app)
        return Reply { json in
            json.field("n", item.number)
            json.field("at", item.at.milliseconds)
            json.optional("dialect", call.dialect?.name.rawValue)
            json.optional("title", call.dialect?.title)
            json.optional("endpoint", call.findings.endpoint?.title(in: visit.language))
            json.optional("page", call.findings.endpoint?.page)
            if let duration = call.duration { json.field("milliseconds", duration.milliseconds) }
            json.field("address", call.remoteAddress)
            json.field("status", Int(call.status.code))
            json.optional("code", call.code)
            json.half("request", "\(call.method) \(mask.text(call.target))", call.request, mask)
            json.half("response", "\(call.status.code) \(call.status.reasonPhrase)", call.response, mask)
            if let explanation = call.findings.explanation {
                json.field("explanation") { $0.explanation(explanation, mask, visit.language) }
            }
            json.field("messages", call.findings.messages.map(\.description))
        }
    }

    // MARK: A message

    private static func message(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        guard let id = MessageID(visit.path["message"] ?? ""),
            let entry = try await visit.core.log.entry(id, in: app.id)
        else { throw Refusal(.notFound, .unknownMessage, Wording("There is no such message.", "消息不存在。")) }
        let (recipients, more) = try await Recipients(visit, app).of(entry)
        let previews = Self.previews(of: entry, in: app, visit.context)
        let names = visit.context.dialects.map { (type(of: $0).name, type(of: $0).names(of: entry)) }
        return Reply { json in
            json.field("stored") { $0.stored(entry) }
            json.field("names") { json in
                json.object { json in
                    for (dialect, names) in names where !names.isEmpty {
                        json.field(dialect.rawValue) { json in
                            json.object { json in
                                for (name, value) in names.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
                            }
                        }
                    }
                }
            }
            json.field("previews") { json in
                json.array(previews) { json, preview in
                    json.object {
                        $0.field("dialect", preview.dialect.rawValue)
                        $0.field("title", preview.title)
                        if let bytes = preview.json { $0.field("json", jsonOrText: bytes) }
                    }
                }
            }
            json.field("recipients") { json in
                json.array(recipients) { json, recipient in
                    json.object {
                        $0.field("user", recipient.user.rawValue)
                        $0.field("state", recipient.state.rawValue)
                        $0.field("devices", recipient.devices)
                    }
                }
            }
            json.field("more", more)
        }
    }

    private static func previews(
        of entry: Entry, in app: App, _ context: ConsoleContext
    ) -> [(dialect: DialectName, title: String, json: [UInt8]?)] {
        let reader = entry.someReader
        return context.dialects.map { dialect in
            let kind = type(of: dialect)
            return (kind.name, kind.title, kind.preview(of: entry, in: app, for: reader))
        } + context.previews.map { ($0.dialect, $0.title, $0.json(entry, app, reader)) }
    }
}

extension Entry {
    /// Somebody who may read it and has not said it: in a group, nobody in particular.
    fileprivate var someReader: UserID {
        switch self.conversation.conversation {
        case .direct(let pair): pair.peer(of: self.author ?? pair.lesser)
        case .system(let user): user
        case .group, .room: UserID("")
        }
    }
}

extension Duration {
    /// With a thousandth of precision.
    var milliseconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000
    }
}

extension JSONWriter {
    fileprivate mutating func feedItem(_ item: Journal.Item, _ mask: Mask, _ language: Wording.Language) {
        self.object { json in
            json.field("n", item.number)
            json.field("at", item.at.milliseconds)
            switch item.body {
            case .call(let call): json.members(of: call, mask, language)
            case .entry(let entry): json.members(of: entry)
            }
        }
    }

    private mutating func members(of call: RecordedCall, _ mask: Mask, _ language: Wording.Language) {
        let findings = call.findings
        self.field("kind", "call")
        self.optional("dialect", call.dialect?.name.rawValue)
        self.field("method", call.method.rawValue)
        self.field("path", mask.text(call.path))
        self.optional("endpoint", findings.endpoint?.title(in: language))
        self.field("status", Int(call.status.code))
        self.optional("code", call.code)
        if let duration = call.duration { self.field("milliseconds", duration.milliseconds) }
        self.optional("from", findings.sender?.rawValue)
        self.optional("to", findings.target?.name)
        self.optional("refusal", findings.explanation.map { mask.text($0.reason(in: language)) })
        // What can be joined to the call's row: more than a page shows needs no ids.
        self.field("messages", findings.messages.prefix(20).map(\.description))
    }

    private mutating func members(of entry: Entry) {
        let message = entry.message
        self.field("kind", message == nil ? "event" : "message")
        if message == nil { self.field("name", entry.kind) }
        self.field("id", entry.id.description)
        self.field("conversation", entry.conversation.conversation.name)
        if let sequence = entry.sequence { self.field("seq", sequence) }
        self.optional("from", entry.author?.rawValue)
        self.field("text", entry.line)
        guard let message else { return }
        self.field("origin", message.native.dialect.rawValue)
        self.field("type", message.content.kind)
        if case .only(let users) = message.audience { self.field("audience", users.prefix(20).map(\.rawValue)) }
    }

    fileprivate mutating func half(_ name: String, _ line: String, _ half: RecordedCall.Half, _ mask: Mask) {
        self.field(name) { json in
            json.object { json in
                json.field("line", line)
                json.field("headers") { json in
                    json.array(mask.headers(half.headers)) { json, header in
                        json.array([header.name, header.value]) { $0.string($1) }
                    }
                }
                json.field("body", mask.text(String(decoding: half.body, as: UTF8.self)))
                json.field("isCut", half.isCut)
            }
        }
    }

    fileprivate mutating func explanation(
        _ explanation: Explanation, _ mask: Mask, _ language: Wording.Language
    ) {
        self.object { json in
            json.field("check", explanation.check.rawValue)
            json.field("reason", mask.text(explanation.reason(in: language)))
            json.field("details") { json in
                json.array(explanation.details) { json, detail in
                    json.array([detail.name(in: language), mask.text(detail.value(in: language))]) { $0.string($1) }
                }
            }
        }
    }

    /// All of an entry, in the core's words.
    fileprivate mutating func stored(_ entry: Entry) {
        self.object { json in
            json.field("id", entry.id.description)
            json.field("conversation", entry.conversation.conversation.name)
            if let sequence = entry.sequence { json.field("seq", sequence) }
            json.field("at", entry.sentAt.milliseconds)
            json.field("kind", entry.kind)
            switch entry.body {
            case .message(let message): json.stored(message)
            case .edit(let edit):
                json.field("target", edit.target.description)
                json.field("by", edit.mark.by.rawValue)
                json.field("count", edit.mark.count)
                json.stored(edit.message)
            case .recall(let recall):
                json.field("target", recall.target.description)
                json.field("by", recall.by.rawValue)
                json.field("byAdministrator", recall.byAdministrator)
                json.optional("reason", recall.reason)
                json.optional("attachment", recall.attachment)
            case .notice:
                json.optional("by", entry.author?.rawValue)
                json.field("users", entry.line)
            }
            if entry.isRecalled { json.field("isRecalled", true) }
            if let edit = entry.edit {
                json.field("edited") { json in
                    json.object {
                        $0.field("by", edit.by.rawValue)
                        $0.field("at", edit.at.milliseconds)
                        $0.field("count", edit.count)
                    }
                }
            }
        }
    }

    private mutating func stored(_ message: Message) {
        self.field("from", message.sender.rawValue)
        if case .only(let users) = message.audience { self.field("audience", users.map(\.rawValue)) }
        self.field("type", message.content.kind)
        self.field("content") { $0.content(message.content) }
        self.field("options") { $0.options(message.options) }
        self.field("origin", message.native.dialect.rawValue)
        self.field("native", jsonOrText: message.native.payload)
    }
}
