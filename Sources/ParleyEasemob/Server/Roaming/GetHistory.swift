import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What was said in a conversation, page by page, as its user may see it: each message as clients get it live. What was recalled is not there, what was
/// edited is as it is now.
///
/// Source: facts/easemob-client.md 6.
struct GetHistory: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/messageroaming", "A conversation's history (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.roaming

    private static let maximum = 50

    let conversation: Conversation
    /// The message before the first one wanted, as it was written and as it is read. Nil: from the end, or from the beginning.
    let start: (text: String, id: EasemobMessageID)?
    let goesForward: Bool
    let limit: Int
    let filter: HistoryFilter

    init(_ call: Call) throws {
        let json = try call.object()
        self.conversation = try Self.conversation(json.text("queue"), call)
        self.start = try Self.start(json.textOrNumber("start"))
        self.goesForward = try json.looseFlag("is_positive") ?? false
        self.limit = Int(min(max(try json.number("pull_number") ?? 20, 1), Int64(Self.maximum)))
        self.filter = try HistoryFilter(json)
    }

    /// `bob@easemob.com`, `1@conference.easemob.com`; before the name may be the App's, as in native SDKs' addresses.
    private static func conversation(_ queue: String?, _ call: Call) throws(Malformed) -> Conversation {
        guard let queue, !queue.isEmpty else { throw Malformed("queue", .missing) }
        guard let mark = queue.lastIndex(of: "@") else { throw Malformed("queue", .invalid) }
        var name = queue[..<mark]
        if name.hasPrefix("\(call.credential.key)_") { name = name.dropFirst(call.credential.key.count + 1) }
        guard !name.isEmpty else { throw Malformed("queue", .invalid) }
        let isGroup = queue[mark...].dropFirst() == ClientQueue.conferenceDomain
        return NamedConversation(isGroup ? .group : .chat, String(name)).conversation(of: call.user())
    }

    private static func start(_ text: String?) throws(Malformed) -> (String, EasemobMessageID)? {
        guard let text, !["", "-1", "0"].contains(text) else { return nil }
        guard let id = EasemobMessageID(text) else { throw Malformed("start", .invalid) }
        return (text, id)
    }

    struct Output: Sendable {
        let messages: [WireMeta]
        let next: String
        let isLast: Bool
    }

    func perform(_ call: Call) async throws -> Output {
        var query = HistoryQuery(
            app: call.app.id, conversation: self.conversation, user: call.user(), from: try await self.from(call),
            limit: self.limit)
        self.filter.narrow(&query)
        let page = try await call.core.history(query)
        let spelling = ClientSpelling(appKey: call.credential.key, user: call.user())
        let last = try await self.last(of: page, call)
        let notes = try await call.notes(on: page.entries, for: call.user())
        return Output(
            messages: page.entries.compactMap { spelling.meta(of: $0, notes[$0.id] ?? MessageNotes()) },
            next: last?.easemob ?? self.start?.text ?? "",
            isLast: page.next == nil || last == nil)
    }

    private func from(_ call: Call) async throws -> HistoryQuery.Start {
        guard let start = self.start?.id else { return self.goesForward ? .after(0) : .newest }
        let conversation = ConversationID(app: call.app.id, self.conversation)
        if let id = MessageID(start),
            let sequence = try await call.core.log.find(.id(id), in: self.conversation, of: call.app.id)?.sequence
        {
            return self.goesForward ? .after(sequence) : .before(sequence)
        }
        // It is no longer kept, or was never here: its moment stands for it.
        let reached = try await call.core.log.sequence(reachedAt: start.sentAt, in: conversation)
        return self.goesForward ? .after(reached) : .before(reached + 1)
    }

    /// What the next page comes after: of a short page in a long conversation it may be what the user does not see.
    private func last(of page: HistoryPage, _ call: Call) async throws -> MessageID? {
        guard let next = page.next, next != page.entries.last?.sequence else { return page.entries.last?.id }
        let conversation = ConversationID(app: call.app.id, self.conversation)
        return try await call.core.log.entry(next, of: conversation)?.id ?? page.entries.last?.id
    }

    func encode(_ output: Output, _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("msgs") { json in
                    json.array(output.messages) { json, meta in
                        json.object { $0.field("msg", Base64.standard.encoded(meta.wireBytes)) }
                    }
                }
                json.field("next_key", output.next)
                json.field("is_last", output.isLast)
            }
        }
    }
}

/// Which messages are wanted. Nil: any.
struct HistoryFilter: Sendable {
    var types: Set<String>?
    var senders: Set<UserID>?
    var since: Timestamp?
    var until: Timestamp?

    init(_ json: JSON) throws(Malformed) {
        let types = try json.text("msgType").map { text in
            text.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        }
        if let types, !types.isEmpty { self.types = Set(types.map { Self.synonyms[$0] ?? $0 }) }
        var senders = try json.users("userIds") ?? []
        if let sender = try json.textOrNumber("userId"), !sender.isEmpty { senders.append(UserID(easemob: sender)) }
        if !senders.isEmpty { self.senders = Set(senders) }
        self.since = try Self.moment(json.number("startTime"))
        self.until = try Self.moment(json.number("endTime"))
    }

    /// Native SDKs' names of types.
    private static let synonyms = ["voice": "audio", "image": "img", "location": "loc", "text": "txt"]

    /// Milliseconds. What is before 1970 is no bound: clients write -1.
    private static func moment(_ milliseconds: Int64?) -> Timestamp? {
        milliseconds.flatMap { $0 > 0 ? Timestamp(milliseconds: $0) : nil }
    }

    func narrow(_ query: inout HistoryQuery) {
        query.since = self.since
        query.until = self.until
        query.includes = { entry in
            guard !entry.isRecalled, let message = entry.message else { return false }
            if let senders = self.senders, !senders.contains(message.sender) { return false }
            return self.types?.contains(ShownMessage(message).filterType) ?? true
        }
    }
}

extension ShownMessage {
    /// A forwarded conversation is a text by name only.
    fileprivate var filterType: String { self.isCombined ? "combine" : self.type }
}
