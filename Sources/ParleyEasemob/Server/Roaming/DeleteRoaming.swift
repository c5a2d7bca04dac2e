import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Messages that one user no longer wants to see, on any device; everyone else still has them. His devices are told, with or without `isNotify`.
// Source: facts/easemob-server.md 3.6, facts/easemob-client.md 6.

// MARK: Single messages

struct DeleteRoamingOfChat: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/chat/user/{username}",
        "Delete direct messages for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let messages: RoamingMessages

    init(_ call: Call) throws { self.messages = try RoamingMessages(call, .chat) }

    func perform(_ call: Call) async throws { try await self.messages.delete(call) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

struct DeleteRoamingOfGroup: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/group/user/{username}",
        "Delete a group's messages for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let messages: RoamingMessages

    init(_ call: Call) throws { self.messages = try RoamingMessages(call, .group) }

    func perform(_ call: Call) async throws { try await self.messages.delete(call) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

/// The same for clients: of either kind.
struct DeleteRoamingOfClient: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/sdk/message/roaming/{chat_type}/user/{username}",
        "Delete messages for one user (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.roaming

    let messages: RoamingMessages

    init(_ call: Call) throws { self.messages = try RoamingMessages(call, try RoamingKind(call)) }

    func perform(_ call: Call) async throws { try await self.messages.delete(call) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

// MARK: What was said up to a moment

struct DeleteRoamingOfChatByTime: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/chat/user/{username}/time",
        "Clear a direct conversation for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let past: RoamingPast

    init(_ call: Call) throws { self.past = try RoamingPast(call, .chat) }

    func perform(_ call: Call) async throws { try await self.past.clear(call) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

struct DeleteRoamingOfGroupByTime: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/group/user/{username}/time",
        "Clear a group for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let past: RoamingPast

    init(_ call: Call) throws { self.past = try RoamingPast(call, .group) }

    func perform(_ call: Call) async throws { try await self.past.clear(call) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

/// The same for clients: of either kind.
struct DeleteRoamingOfClientByTime: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/sdk/message/roaming/{chat_type}/user/{username}/time",
        "Clear a conversation for one user (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.roaming

    let past: RoamingPast

    init(_ call: Call) throws { self.past = try RoamingPast(call, try RoamingKind(call)) }

    func perform(_ call: Call) async throws { try await self.past.clear(call) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

// MARK: Everything

/// Clears all conversations of a user.
struct DeleteAllRoaming: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/rest/message/roaming/user/{username}/delete/all",
        "Clear all conversations of a user", page: "清空漫游消息 (message_delete)")
    static let area = Area.roaming

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user())
        try await call.core.clearAll(of: user.id, in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

/// Clients' users want the conversations gone from their lists, too.
struct DeleteAllRoamingOfClient: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/sdk/message/roaming/user/{username}/delete/all",
        "Clear all conversations of a user, and his list (clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.roaming

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user())
        try await call.core.clearAll(of: user.id, on: call.device, in: call.app.id, removes: true)
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

// MARK: - What they have in common

enum RoamingKind: String {
    case chat
    case group

    /// By the call's path.
    fileprivate init(_ call: Call) throws(Refusal) {
        guard let kind = Self(rawValue: call.parameter("chat_type")) else { throw .serviceResourceNotFound }
        self = kind
    }

    /// The conversation that the query names.
    fileprivate func conversation(_ call: Call) throws(Malformed) -> Conversation {
        let field = self == .chat ? "userId" : "groupId"
        guard let name = call.query[field] else { throw Malformed(field, .missing) }
        return self == .chat ? .direct(call.user(), UserID(easemob: name)) : .group(GroupID(easemob: name))
    }
}

struct RoamingMessages: Sendable {
    static let maximum = 50

    let conversation: Conversation
    let ids: [MessageID]

    /// Ids that this server cannot have made are of no message here.
    init(_ call: Call, _ kind: RoamingKind) throws(Malformed) {
        self.conversation = try kind.conversation(call)
        let ids = (call.query["msgIdList"] ?? "").split(separator: ",").map { $0.trimmingSpaces() }
            .filter { !$0.isEmpty }
        guard !ids.isEmpty else { throw Malformed("msgIdList", .missing) }
        guard ids.count <= Self.maximum else { throw Malformed("msgIdList", .tooMany(limit: Self.maximum)) }
        self.ids = ids.compactMap { MessageID(easemob: $0) }
    }

    func delete(_ call: Call) async throws {
        try await call.core.delete(self.ids, of: self.conversation, for: call.user(), in: call.app.id)
    }
}

struct RoamingPast: Sendable {
    let conversation: Conversation
    let moment: Timestamp

    init(_ call: Call, _ kind: RoamingKind) throws(Malformed) {
        self.conversation = try kind.conversation(call)
        guard let text = call.query["delTime"] else { throw Malformed("delTime", .missing) }
        guard let milliseconds = Int64(text), (0...(1 << 50)).contains(milliseconds) else {
            throw Malformed("delTime", .invalid)
        }
        self.moment = Timestamp(milliseconds: milliseconds)
    }

    func clear(_ call: Call) async throws {
        let through = try await call.core.log.sequence(
            reachedAt: self.moment, in: ConversationID(app: call.app.id, self.conversation))
        try await call.core.changePlace(
            in: self.conversation, of: call.user(), on: call.device, in: call.app.id
        ) { place, _, _ in
            place.clearedThrough = max(place.clearedThrough, through)
        }
    }
}

extension Answer {
    fileprivate static let roaming = Answer(.timed).with("requestStatusCode") { $0.string("ok") }
}
