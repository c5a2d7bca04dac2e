import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Messages that one user no longer wants to see, on any device; everyone else still has them. Source: facts/easemob-server.md 3.6, facts/easemob-client.md 6.

/// By whom, and of which kind of conversation: there is a path for each.
protocol RoamingPath: Sendable {
    static var path: String { get }
    /// For people.
    static var single: String { get }
    static var past: String { get }
    static var page: String { get }
    static var callers: Callers { get }
    /// - Throws: ``Refusal`` where the path names a kind that there is not.
    static func kind(_ call: Call) throws(Refusal) -> RoamingKind
}

enum RoamingKind: String, Sendable {
    case chat
    case group
}

enum RoamingOfChats: RoamingPath {
    static let path = "/{org_name}/{app_name}/rest/message/roaming/chat/user/{username}"
    static let single = "Delete direct messages for one user"
    static let past = "Clear a direct conversation for one user"
    static let page = "单向删除漫游消息 (message_delete)"
    static let callers = Callers.application

    static func kind(_ call: Call) -> RoamingKind { .chat }
}

enum RoamingOfGroups: RoamingPath {
    static let path = "/{org_name}/{app_name}/rest/message/roaming/group/user/{username}"
    static let single = "Delete a group's messages for one user"
    static let past = "Clear a group for one user"
    static let page = "单向删除漫游消息 (message_delete)"
    static let callers = Callers.application

    static func kind(_ call: Call) -> RoamingKind { .group }
}

/// The same for clients: of either kind.
enum RoamingOfClients: RoamingPath {
    static let path = "/{org_name}/{app_name}/sdk/message/roaming/{chat_type}/user/{username}"
    static let single = "Delete messages for one user (clients)"
    static let past = "Clear a conversation for one user (clients)"
    static let page = "facts/easemob-client.md 6"
    static let callers = Callers.applicationOrOneself

    static func kind(_ call: Call) throws(Refusal) -> RoamingKind {
        guard let kind = RoamingKind(rawValue: call.parameter("chat_type")) else { throw .serviceResourceNotFound }
        return kind
    }
}

// MARK: - Single messages

struct DeleteRoaming<Path: RoamingPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription("DELETE", Path.path, Path.single, page: Path.page)
    }
    static var callers: Callers { Path.callers }
    static var area: Area { .roaming }

    private static var maximum: Int { 50 }

    let conversation: Conversation
    let ids: [MessageID]

    /// Ids that this server cannot have made are of no message here.
    init(_ call: Call) throws {
        self.conversation = try call.conversation(Path.kind(call))
        let ids = (call.query["msgIdList"] ?? "").split(separator: ",").map { $0.trimmingSpaces() }
            .filter { !$0.isEmpty }
        guard !ids.isEmpty else { throw Malformed("msgIdList", .missing) }
        guard ids.count <= Self.maximum else { throw Malformed("msgIdList", .tooMany(limit: Self.maximum)) }
        self.ids = ids.compactMap { MessageID(easemob: $0) }
    }

    func perform(_ call: Call) async throws {
        try await call.core.delete(
            self.ids, of: self.conversation, for: call.user(), in: call.app.id, tellsClients: call.tellsClients)
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

// MARK: - What was said up to a moment

struct DeleteRoamingByTime<Path: RoamingPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription("DELETE", "\(Path.path)/time", Path.past, page: Path.page)
    }
    static var callers: Callers { Path.callers }
    static var area: Area { .roaming }

    let conversation: Conversation
    let moment: Timestamp

    init(_ call: Call) throws {
        self.conversation = try call.conversation(Path.kind(call))
        guard let text = call.query["delTime"] else { throw Malformed("delTime", .missing) }
        guard let milliseconds = Int64(text), (0...(1 << 50)).contains(milliseconds) else {
            throw Malformed("delTime", .invalid)
        }
        self.moment = Timestamp(milliseconds: milliseconds)
    }

    func perform(_ call: Call) async throws {
        let through = try await call.core.log.sequence(
            reachedAt: self.moment, in: ConversationID(app: call.app.id, self.conversation))
        try await call.core.changePlace(
            in: self.conversation, of: call.user(), on: call.device, in: call.app.id, tellsClients: call.tellsClients
        ) { place, _, _ in
            place.clearedThrough = max(place.clearedThrough, through)
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

// MARK: - Everything

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

extension Call {
    /// The conversation that the query names.
    fileprivate func conversation(_ kind: RoamingKind) throws(Malformed) -> Conversation {
        let field = kind == .chat ? "userId" : "groupId"
        guard let name = self.query[field] else { throw Malformed(field, .missing) }
        return kind == .chat ? .direct(self.user(), UserID(easemob: name)) : .group(GroupID(easemob: name))
    }

    /// `isNotify=false`: the user's connected devices go on showing what is deleted, until they look again.
    fileprivate var tellsClients: Bool { self.query["isNotify"]?.lowercased() != "false" }
}

extension Answer {
    fileprivate static let roaming = Answer(.timed).with("requestStatusCode") { $0.string("ok") }
}
