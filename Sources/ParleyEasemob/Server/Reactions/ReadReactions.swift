import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Reactions to messages between two users and in groups. Source: facts/easemob-server.md 3.7.

/// Of messages of one conversation. What the user cannot see has none.
struct ListReactions: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/reaction/user/{username}", "The reactions to some messages",
        page: "根据消息 ID 获取 Reaction (reaction_get)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.reactions

    private static let maximum = 20

    let messages: [String]

    /// Some clients write `msgIdList=a,b`, some name it again for each, and some write an array.
    init(_ call: Call) throws {
        self.messages = call.query.all("msgIdList").flatMap { text in
            text.split { ",[]\" ".contains($0) }.map(String.init)
        }.uniqued()
        guard !self.messages.isEmpty else { throw Malformed("msgIdList", .missing) }
        guard self.messages.count <= Self.maximum else {
            throw Refusal.reaction("msgIdList exceeds the maximum number limit")
        }
        // Clients write "group" for "groupchat", and "null" for what they do not have.
        let isGroup = call.query["msgType"]?.lowercased().hasPrefix("group") ?? false
        guard !isGroup || !["null", nil].contains(call.query["groupId"]) else {
            throw Refusal.reaction("groupId can not be null!")
        }
    }

    func perform(_ call: Call) async throws -> [MessageID: [Reaction]] {
        try await call.core.reactions(
            to: self.messages.compactMap { MessageID(easemob: $0) }, for: call.user(), in: call.app.id)
    }

    func encode(_ reactions: [MessageID: [Reaction]], _ call: Call) -> Answer {
        .reactions(call) { json in
            json.array(self.messages) { json, message in
                json.object { json in
                    json.field("msgId", message)
                    let id = MessageID(easemob: message)
                    json.field("reactionList") { json in
                        json.array(id.flatMap { reactions[$0] } ?? []) { json, reaction in
                            json.object { json in
                                json.field("reactionId", reaction.easemobID(of: id!))
                                json.reaction(reaction)
                                json.field("state", reaction.isOwn)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who has reacted to a message in one way, the first first.
struct GetReaction: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/reaction/user/{username}/detail", "Who has reacted to a message in one way",
        page: "根据消息 ID 和表情 ID 获取 Reaction 信息 (reaction_get_detail)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.reactions

    private static let maximum = 50

    let named: NamedReaction
    let after: Int64?
    let limit: Int

    init(_ call: Call) throws {
        self.named = try NamedReaction(query: call)
        self.after = try call.position()
        self.limit = call.number("limit", default: Self.maximum, in: 1...Self.maximum)
    }

    struct Output: Sendable {
        let reaction: Reaction?
        let page: Page<Reactor>
    }

    func perform(_ call: Call) async throws -> Output {
        let (reaction, reactors) = try await call.core.reactors(
            self.named.kind, to: self.named.message, for: call.user(), in: call.app.id, after: self.after,
            limit: self.limit + 1)
        return Output(reaction: reaction, page: Page(reactors, limit: self.limit) { String($0.position) })
    }

    func encode(_ output: Output, _ call: Call) -> Answer {
        .reactions(call) { json in
            json.object { json in
                json.field("reactionId", Reaction.easemobID(self.named.kind, of: self.named.message))
                json.field("reaction", self.named.kind)
                json.field("count", output.reaction?.count ?? 0)
                json.field("state", output.reaction?.isOwn ?? false)
                json.field("userList", output.page.items.lazy.map(\.user.rawValue))
                json.field("cursor", output.page.cursor.map(Answer.cursorText) ?? "")
            }
        }
    }
}
