import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What a user has to be for something in a thread. The App may do everything.
enum ThreadRight: Sendable {
    /// A member of the group that it belongs to.
    case member
    /// He who made it, or one of the group's owner and administrators.
    case maker
    /// One of the group's owner and administrators.
    case leader
}

/// A call about one thread. That there is one, and that who calls may do this there, is looked at here for all of them.
///
/// Source: facts/easemob-server.md 3.9.
protocol ThreadEndpoint: Endpoint {
    static var right: ThreadRight { get }

    func perform(_ call: Call, on thread: GroupSnapshot) async throws -> Output
}

extension ThreadEndpoint {
    static var callers: Callers { .applicationOrUser }
    static var area: Area { .threads }
    static var right: ThreadRight { .member }

    func perform(_ call: Call) async throws -> Output {
        let id = GroupID(easemob: call.parameter("thread_id"))
        guard let thread = try await call.core.directory.group(id, in: call.app.id), let origin = thread.group.origin
        else { throw Rejection.groupNotFound(id) }
        if let user = call.callingUser {
            try await call.require(Self.right, of: user, on: thread.group, in: origin.group)
        }
        return try await self.perform(call, on: thread)
    }
}

extension Call {
    fileprivate func require(
        _ right: ThreadRight, of user: UserID, on thread: Group, in group: GroupID
    ) async throws {
        guard let rank = try await self.core.directory.group(group, in: self.app.id)?.members[user]?.role else {
            throw Rejection.notMember(user, of: group)
        }
        let isEnough =
            switch right {
            case .member: true
            case .maker: rank >= .administrator || thread.owner == user
            case .leader: rank >= .administrator
            }
        guard isEnough else { throw Rejection.notPermitted }
    }
}

extension GroupID {
    private static let maximumBytes = 255

    /// - Throws: ``Malformed``
    init(checking id: String?, as field: String) throws(Malformed) {
        guard let id, (1...Self.maximumBytes).contains(id.utf8.count) else { throw Malformed(field, .missing) }
        self.init(easemob: id)
    }
}

/// The name of a thread.
enum ThreadName {
    private static let maximum = 64

    static func read(_ json: JSON) throws(Malformed) -> String {
        guard let name = try json.textOrNumber("name"), !name.isEmpty else { throw Malformed("name", .missing) }
        guard name.count <= Self.maximum else { throw Malformed("name", .tooLong(limit: Self.maximum)) }
        return name
    }
}

/// Users whom a call about a thread names.
enum ThreadUsers {
    private static let maximum = 10

    static func read(_ call: Call) throws(Malformed) -> [UserID] {
        let users = try call.usernames()
        guard users.count <= Self.maximum else { throw Malformed("usernames", .tooMany(limit: Self.maximum)) }
        return users
    }
}

extension Answer {
    static let threadDone = Answer.data { json in json.object { $0.field("status", "ok") } }
}

extension JSONWriter {
    /// Members of an object.
    mutating func thread(_ thread: Group) {
        self.field("id", thread.id.easemob)
        self.field("name", thread.name)
        self.field("owner", thread.owner?.rawValue ?? "")
        self.field("msgId", thread.origin?.message.easemob ?? "")
        self.field("groupId", thread.origin?.group.easemob ?? "")
        self.field("created", thread.createdAt.milliseconds)
    }

    mutating func detail(of thread: GroupSnapshot) {
        self.thread(thread.group)
        self.field("affiliations_count", thread.members.count)
    }
}
