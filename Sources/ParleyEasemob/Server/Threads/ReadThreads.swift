import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Lists of threads, the newest first unless `sort=asc`. After each page the cursor is where the next begins; when nothing comes, that was the last.
// Source: facts/easemob-server.md 3.9.

/// All of the App: their ids.
struct ListThreads: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/thread", "List the threads of the App", page: "获取 app 中的子区 (group_thread_in_app)"
    )
    static let area = Area.threads

    let wanted: ThreadSelection

    init(_ call: Call) throws { self.wanted = try ThreadSelection(call) }

    func perform(_ call: Call) async throws -> [FoundThread] { try await call.core.directory.threads(self.wanted) }

    func encode(_ threads: [FoundThread], _ call: Call) -> Answer {
        .threads(threads) { json, thread in json.field("id", thread.id.easemob) }
    }
}

/// Those that a user is in, in the order of joining.
struct ListJoinedThreads: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/threads/user/{username}", "List the threads that a user is in",
        page: "获取单个用户加入的所有子区 (group_thread_user_joined)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.threads

    let wanted: ThreadSelection

    init(_ call: Call) throws { self.wanted = try ThreadSelection(call, joinedBy: call.user()) }

    func perform(_ call: Call) async throws -> [FoundThread] { try await call.core.directory.threads(self.wanted) }
    func encode(_ threads: [FoundThread], _ call: Call) -> Answer { .threads(threads) { $0.thread($1) } }
}

/// Those of one group.
struct ListJoinedThreadsOfGroup: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/threads/chatgroups/{group_id}/user/{username}",
        "List the threads of a group that a user is in", page: "获取单个用户在群组中加入的子区 (group_threads_in_group)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.threads

    let wanted: ThreadSelection

    init(_ call: Call) throws {
        self.wanted = try ThreadSelection(call, of: GroupID(easemob: call.parameter("group_id")), joinedBy: call.user())
    }

    func perform(_ call: Call) async throws -> [FoundThread] { try await call.core.directory.threads(self.wanted) }
    func encode(_ threads: [FoundThread], _ call: Call) -> Answer { .threads(threads) { $0.thread($1) } }
}

/// All of a group, for its members.
struct ListThreadsOfGroup: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/threads/chatgroups/{group_id}", "List the threads of a group (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrUser
    static let area = Area.threads

    let group: GroupID
    let wanted: ThreadSelection

    init(_ call: Call) throws {
        self.group = GroupID(easemob: call.parameter("group_id"))
        self.wanted = try ThreadSelection(call, of: self.group)
    }

    func perform(_ call: Call) async throws -> [FoundThread] {
        guard let group = try await call.core.directory.group(self.group, in: call.app.id) else {
            throw Refusal.group(.notFound, "group not found.")
        }
        if let user = call.callingUser, group.members[user] == nil { throw Rejection.notMember(user, of: self.group) }
        return try await call.core.directory.threads(self.wanted)
    }

    func encode(_ threads: [FoundThread], _ call: Call) -> Answer { .threads(threads) { $0.thread($1) } }
}

struct GetThread: ThreadEndpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/thread/{thread_id}", "A thread (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")

    init(_ call: Call) {}

    func perform(_ call: Call, on thread: GroupSnapshot) -> GroupSnapshot { thread }

    func encode(_ thread: GroupSnapshot, _ call: Call) -> Answer {
        .data { json in json.object { $0.detail(of: thread) } }
    }
}

/// What was said last in each of some threads. Those of groups that the user is not in are left out, and those that there are not.
struct ListLastMessages: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/thread/message", "The last messages of some threads (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrUser
    static let area = Area.threads

    private static let maximum = 20

    let threads: [GroupID]

    init(_ call: Call) throws {
        let ids = try call.object().texts("threadIds")?.uniqued() ?? []
        guard !ids.isEmpty else { throw Malformed("threadIds", .missing) }
        guard ids.count <= Self.maximum else { throw Malformed("threadIds", .tooMany(limit: Self.maximum)) }
        self.threads = ids.map { GroupID(easemob: $0) }
    }

    struct Found: Sendable {
        let thread: Group
        let last: ThreadOverview.LastMessage?
    }

    func perform(_ call: Call) async throws -> [Found] {
        var found: [Found] = []
        for id in self.threads {
            guard let thread = try await call.core.directory.group(id, in: call.app.id)?.group,
                let origin = thread.origin
            else { continue }
            if let user = call.callingUser {
                let group = try await call.core.directory.group(origin.group, in: call.app.id)
                guard group?.members[user] != nil else { continue }
            }
            found.append(Found(thread: thread, last: try await call.core.lastMessage(of: id, in: call.app.id)))
        }
        return found
    }

    func encode(_ found: [Found], _ call: Call) -> Answer {
        .entities(found) { json, found in
            json.object { json in
                json.field("thread_id", found.thread.id.easemob)
                json.field("last_message") { $0.last(found.last, in: found.thread, call.credential.key) }
            }
        }
    }
}

// MARK: - What they share

extension ThreadSelection {
    private static let maximum = 50

    fileprivate init(_ call: Call, of group: GroupID? = nil, joinedBy user: UserID? = nil) throws {
        let limit = call.query["limit"].map { Int($0) ?? 0 } ?? Self.maximum
        guard (1...Self.maximum).contains(limit) else {
            throw Refusal.group(.badRequest, "query param reaches limit.")
        }
        self.init(
            app: call.app.id, group: group, user: user, isOldestFirst: call.query["sort"]?.lowercased() == "asc",
            after: try call.position(), limit: limit)
    }
}

extension Answer {
    /// The cursor is there as long as there was something.
    fileprivate static func threads(
        _ threads: [FoundThread], _ members: (inout JSONWriter, Group) -> Void
    ) -> Answer {
        Answer.entities(threads) { json, found in json.object { members(&$0, found.thread) } }
            .properties(cursor: threads.last.map { String($0.position) })
    }

    /// Where threads' pages have their cursor.
    func properties(cursor: String?) -> Answer {
        self.with("properties") { json in
            json.object { json in
                if let cursor { json.field("cursor", Self.cursorText(cursor)) }
            }
        }
    }
}
