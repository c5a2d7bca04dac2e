import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Messages that are pinned for everyone in a conversation, whoever pinned them. Source: facts/easemob-client.md 6.

/// What is done to the pin of a message.
protocol PinVerb: Sendable {
    static var method: String { get }
    static var title: String { get }
    static func make(of message: MessageID, in conversation: Conversation, _ call: Call) async throws
}

enum Pinning: PinVerb {
    static let method = "POST"
    static let title = "Pin a message (clients)"

    static func make(of message: MessageID, in conversation: Conversation, _ call: Call) async throws {
        try await call.core.pin(message, in: conversation, by: call.user(), on: call.device, of: call.app.id)
    }
}

enum Unpinning: PinVerb {
    static let method = "DELETE"
    static let title = "Pin a message no longer (clients)"

    static func make(of message: MessageID, in conversation: Conversation, _ call: Call) async throws {
        try await call.core.unpin(message, in: conversation, by: call.user(), on: call.device, of: call.app.id)
    }
}

struct ChangePins<Verb: PinVerb>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            Verb.method, "/{org_name}/{app_name}/sdk/user/{username}/user_channel/pin", Verb.title,
            page: "facts/easemob-client.md 6")
    }
    static var callers: Callers { .applicationOrOneself }
    static var area: Area { .conversations }

    let pins: NamedPins

    init(_ call: Call) throws { self.pins = try NamedPins(call) }

    func perform(_ call: Call) async throws {
        for message in self.pins.messages { try await Verb.make(of: message, in: self.pins.conversation, call) }
    }

    func encode(_: Void, _ call: Call) -> Answer { .data { $0.object { _ in } } }
}

/// A message's id, or several: native SDKs send an array.
struct NamedPins: Sendable {
    let conversation: Conversation
    let messages: [MessageID]

    init(_ call: Call) throws {
        let json = try call.object()
        let named = try NamedConversation(json.textOrNumber("to"), as: "to", json.text("type"))
        let field = "pin_msg_id"
        let isList = json.value(field)?.kind == .array
        let ids = try isList ? json.texts(field) ?? [] : json.textOrNumber(field).map { [$0] } ?? []
        guard let first = ids.first, !first.isEmpty else { throw Malformed(field, .missing) }
        guard ids.count <= PinnedMessage.limit else { throw Malformed(field, .tooMany(limit: PinnedMessage.limit)) }
        self.conversation = named.conversation(of: call.user())
        self.messages = try ids.map { id in
            guard let message = MessageID(easemob: id) else { throw Rejection.messageNotFound }
            return message
        }
    }
}

/// Last pinned first.
struct ListPinnedMessages: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/sdk/user/{username}/user_channel/pin",
        "The pinned messages of a conversation (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    /// A pinned message's place in the order.
    private struct Position: Comparable {
        let at: Timestamp
        let id: MessageID

        init(_ pinned: PinnedMessage) { (self.at, self.id) = (pinned.at, pinned.entry.id) }

        init?(_ text: String) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let at = Int64(parts[0]), let id = MessageID(parts[1]) else { return nil }
            (self.at, self.id) = (Timestamp(milliseconds: at), id)
        }

        var text: String { "\(self.at.milliseconds).\(self.id)" }

        static func < (one: Position, other: Position) -> Bool { (one.at, one.id) < (other.at, other.id) }
    }

    private static let maximum = 50

    let conversation: Conversation
    private let after: Position?
    let limit: Int

    init(_ call: Call) throws {
        let named = try NamedConversation(call.query["to"], as: "to", call.query["type"])
        self.conversation = named.conversation(of: call.user())
        self.after = try call.cursor().map { text in
            guard let position = Position(text) else { throw Refusal.illegalArgument("cursor is illegal") }
            return position
        }
        self.limit = call.number("limit", default: PinnedMessage.limit, in: 1...Self.maximum)
    }

    func perform(_ call: Call) async throws -> Page<PinnedMessage> {
        let pinned = try await call.core.pinnedMessages(of: self.conversation, for: call.user(), in: call.app.id)
        let rest = self.after.map { after in pinned.filter { Position($0) < after } } ?? pinned
        return Page(rest, limit: self.limit) { Position($0).text }
    }

    func encode(_ page: Page<PinnedMessage>, _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("msg_infos") { json in
                    json.array(page.items) { json, pinned in
                        json.object { json in
                            json.field("pin_msg_id", pinned.entry.id.easemob)
                            json.field("pin_operator", pinned.by.rawValue)
                            json.field("pin_opt_at", pinned.at.milliseconds)
                            json.field("message") { json in json.object { $0.shown(pinned.entry) } }
                        }
                    }
                }
                json.field("cursor", page.cursor.map(Answer.cursorText) ?? "")
            }
        }
    }
}
