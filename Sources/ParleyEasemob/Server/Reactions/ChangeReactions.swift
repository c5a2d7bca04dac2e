import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Reactions to messages between two users and in groups. Source: facts/easemob-server.md 3.7.

/// One way of reacting to one message, as calls name it.
struct NamedReaction: Sendable {
    /// Characters of `message`, which is what the vendor calls it.
    private static let maximum = 128

    let message: MessageID
    let kind: String

    /// - Throws: ``Malformed``; ``ParleyCore/Rejection/messageNotFound`` for what is no message's id here.
    init(message: String?, kind: String?) throws {
        guard let message, !message.isEmpty else { throw Malformed("msgId", .missing) }
        guard let kind, !kind.isEmpty else { throw Malformed("message", .missing) }
        guard kind.count <= Self.maximum else { throw Malformed("message", .tooLong(limit: Self.maximum)) }
        guard let id = MessageID(easemob: message) else { throw Rejection.messageNotFound }
        self.message = id
        self.kind = kind
    }

    init(query call: Call) throws { try self.init(message: call.query["msgId"], kind: call.query["message"]) }
}

struct AddReaction: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/reaction/user/{username}", "React to a message",
        page: "添加 Reaction (reaction_add)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.reactions

    let named: NamedReaction

    init(_ call: Call) throws {
        let json = try call.object()
        self.named = try NamedReaction(message: json.textOrNumber("msgId"), kind: json.textOrNumber("message"))
    }

    func perform(_ call: Call) async throws -> (conversation: Conversation, reaction: Reaction) {
        try await call.core.react(self.named.kind, to: self.named.message, by: call.user(), of: call.app.id)
    }

    func encode(_ output: (conversation: Conversation, reaction: Reaction), _ call: Call) -> Answer {
        .reactions(call) { json in
            json.object { json in
                json.field("id", output.reaction.easemobID(of: self.named.message))
                json.field("msgId", self.named.message.easemob)
                if case .group(let group) = output.conversation {
                    json.field("msgType", NamedConversation.Kind.group.rawValue)
                    json.field("groupId", group.easemob)
                } else {
                    json.field("msgType", NamedConversation.Kind.chat.rawValue)
                    json.field("groupId") { $0.null() }
                }
                json.field("reaction", self.named.kind)
                json.field("createdAt", output.reaction.firstAt.easemobInstant)
                json.field("updatedAt", output.reaction.lastAt.easemobInstant)
            }
        }
    }
}

struct RemoveReaction: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/reaction/user/{username}", "Take a reaction back",
        page: "删除 Reaction (reaction_delete)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.reactions

    let named: NamedReaction

    init(_ call: Call) throws { self.named = try NamedReaction(query: call) }

    func perform(_ call: Call) async throws {
        try await call.core.takeBack(self.named.kind, to: self.named.message, by: call.user(), of: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .reactions(call) }
}
