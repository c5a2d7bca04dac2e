import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// In the order of joining.
struct ListThreadMembers: ThreadEndpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/thread/{thread_id}/users", "List the members of a thread",
        page: "获取子区成员列表 (group_thread_member_list)")

    private static let maximum = 50

    let after: MemberPosition?
    let limit: Int

    init(_ call: Call) throws {
        self.after = try call.memberPosition()
        let limit = call.query["limit"].map { Int($0) ?? 0 } ?? Self.maximum
        guard (1...Self.maximum).contains(limit) else {
            throw Refusal.group(.badRequest, "query param reaches limit.")
        }
        self.limit = limit
    }

    func perform(_ call: Call, on thread: GroupSnapshot) -> [MemberPosition] {
        let members = thread.members.values.map { MemberPosition($0) }.sorted()
        return Array(members.drop { member in self.after.map { member <= $0 } ?? false }.prefix(self.limit))
    }

    func encode(_ members: [MemberPosition], _ call: Call) -> Answer {
        Answer.data { json in json.object { $0.field("affiliations", members.lazy.map(\.user.rawValue)) } }
            .properties(cursor: members.last?.text)
    }
}

/// Brings members of its group into a thread: all of them, or nobody.
struct AddThreadMembers: ThreadEndpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/thread/{thread_id}/users", "Add members to a thread",
        page: "批量用户加入子区 (group_thread_member_add)")
    static let callers = Callers.application

    let users: [UserID]

    init(_ call: Call) throws { self.users = try ThreadUsers.read(call) }

    func perform(_ call: Call, on thread: GroupSnapshot) async throws {
        try await call.core.join(self.users, thread: thread.group.id, in: call.app.id, by: nil)
    }

    func encode(_: Void, _ call: Call) -> Answer { .threadDone }
}

/// The vendor's page and its table of paths differ in how they write the first word.
protocol ThreadsWord: Sendable {
    static var word: String { get }
    static var note: String { get }
}

enum OneThread: ThreadsWord {
    static let word = "thread"
    static let note = ""
}

enum ManyThreads: ThreadsWord {
    static let word = "threads"
    static let note = " (the path in the table of limits)"
}

struct RemoveThreadMembers<Word: ThreadsWord>: ThreadEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "/{org_name}/{app_name}/\(Word.word)/{thread_id}/users",
            "Remove members from a thread\(Word.note)", page: "批量踢出子区成员 (group_thread_member_remove)")
    }
    static var right: ThreadRight { .leader }

    let users: [UserID]

    init(_ call: Call) throws { self.users = try ThreadUsers.read(call) }

    func perform(_ call: Call, on thread: GroupSnapshot) async throws -> [UserID] {
        try await call.core.removeMembers(
            RemoveMembers(
                app: call.app.id, group: thread.group.id, users: self.users, by: call.actor, owner: .mayLeave))
    }

    func encode(_ removed: [UserID], _ call: Call) -> Answer {
        .entities(self.users) { json, user in
            json.object { json in
                json.field("result", removed.contains(user))
                json.field("user", user.rawValue)
            }
        }
    }
}

/// One of them, as client SDKs say it.
struct RemoveThreadMember: ThreadEndpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/thread/{thread_id}/users/{username}",
        "Remove a member from a thread (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let right = ThreadRight.leader

    init(_ call: Call) {}

    func perform(_ call: Call, on thread: GroupSnapshot) async throws {
        let removed = try await call.core.removeMembers(
            RemoveMembers(
                app: call.app.id, group: thread.group.id, users: [call.user()], by: call.actor, owner: .mayLeave))
        guard !removed.isEmpty else { throw Rejection.notMember(call.user(), of: thread.group.id) }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("result", true)
                json.field("user", call.user().rawValue)
            }
        }
    }
}

/// Comes into a thread, as client SDKs say it.
struct JoinThread: ThreadEndpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/thread/{thread_id}/user/{username}/join", "Join a thread (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrOneself

    init(_ call: Call) {}

    func perform(_ call: Call, on thread: GroupSnapshot) async throws -> GroupSnapshot {
        try await call.core.join(
            [call.user()], thread: thread.group.id, in: call.app.id, by: call.user(), on: call.device)
        return try await call.core.directory.group(thread.group.id, in: call.app.id) ?? thread
    }

    func encode(_ thread: GroupSnapshot, _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                json.field("status", "ok")
                json.field("detail") { json in json.object { $0.detail(of: thread) } }
            }
        }
    }
}

struct LeaveThread: ThreadEndpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/thread/{thread_id}/user/{username}/quit", "Leave a thread (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrOneself

    init(_ call: Call) {}

    func perform(_ call: Call, on thread: GroupSnapshot) async throws {
        try await call.core.leave(thread: thread.group.id, by: call.user(), in: call.app.id, on: call.device)
    }

    func encode(_: Void, _ call: Call) -> Answer { .threadDone }
}
