import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whom a group or chat room keeps out (the block list), and who may speak while everyone is muted (the allow list, "white"). The two are alike but for words, and
// for what comes of being on one. Source: facts/easemob-server.md 3.8, 3.10.

protocol UserList: Sendable {
    /// In paths.
    static var resource: String { get }
    /// For people.
    static var noun: String { get }
    static var word: String { get }
    static var page: String { get }
    static var addition: String { get }
    static var removal: String { get }
    /// Before `is more than max limit : 60`.
    static var tooManyAdded: String { get }
    static var tooManyRemoved: String { get }
    /// One name in the path is answered with an object, as elsewhere.
    static var answersOneRemoved: Bool { get }
    static var standings: [Standing] { get }
}

enum BlockList: UserList {
    static let resource = "blocks"
    static let noun = "block list"
    static let word = "黑名单"
    static let page = "blocklist"
    static let addition = "add_blocks"
    static let removal = "remove_blocks"
    static let tooManyAdded = "userNames"
    static let tooManyRemoved = "removeBlacklist: list size"
    static let answersOneRemoved = true
    static let standings = [Standing.keptOut]
}

/// Those on it also stay in a chat room when their connections end.
enum AllowList: UserList {
    static let resource = "white"
    static let noun = "allow list"
    static let word = "白名单"
    static let page = "allowlist"
    static let addition = "add_user_whitelist"
    static let removal = "remove_user_whitelist"
    static let tooManyAdded = "usernames size"
    static let tooManyRemoved = "removeWhitelist size"
    static let answersOneRemoved = false
    static let standings = [Standing.speaker, .protected]
}

private let maximumUsers = 60

struct ListUsersOf<Kind: GroupKind, List: UserList>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/\(List.resource)/users", "List the \(List.noun) of a \(Kind.noun)",
            page: "查询\(Kind.word)\(List.word) (\(Kind.page)_member_\(List.page))")
    }

    let right = Right.administrator

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) -> [UserID] { group.users(on: List.self, at: call.now) }

    func encode(_ users: [UserID], _ call: Call) -> Answer { Answer.names(users).count(users.count) }
}

/// Clients ask of themselves.
struct IsOnAllowList<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/white/users/{username}", "Whether a user is on the allow list of a \(Kind.noun)",
            page: "facts/easemob-client.md 6 (SDKs)")
    }

    let right: Right

    init(_ call: Call) { self.right = call.callingUser == call.user() ? .member : .administrator }

    func perform(_ call: Call, in group: GroupSnapshot) -> Bool {
        group.has(call.user(), as: .speaker, at: call.now)
    }

    func encode(_ isOnIt: Bool, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("white", isOnIt)
                json.field("member", call.user().rawValue)
            }
        }
        .noEntities()
    }
}

struct AddUserTo<Kind: GroupKind, List: UserList>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/\(List.resource)/users/{username}",
            "Put a member of a \(Kind.noun) on its \(List.noun)",
            page: "添加单个用户至\(Kind.word)\(List.word) (\(Kind.page)_member_\(List.page))")
    }

    let right = Right.administrator

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let user = call.user()
        guard user != group.group.owner else { throw Rejection.ownerMayNotLeave(group.group.id) }
        guard group.members[user] != nil else { throw Rejection.notMember(user, of: group.group.id) }
        try await call.set([user], on: List.self, true, in: group)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.outcome(
                List.addition, of: call.user(), nil, id: (Kind.listIDName, call.parameter(Kind.parameter)))
        }
        .noEntities()
    }
}

struct AddUsersTo<Kind: GroupKind, List: UserList>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/\(List.resource)/users", "Put members of a \(Kind.noun) on its \(List.noun)",
            page: "批量添加用户至\(Kind.word)\(List.word) (\(Kind.page)_member_\(List.page))")
    }

    let right = Right.administrator
    let users: [UserID]

    init(_ call: Call) throws {
        self.users = try call.usernames()
        guard self.users.count <= maximumUsers else {
            throw Refusal.invalidParameter("\(List.tooManyAdded) is more than max limit : \(maximumUsers)")
        }
    }

    /// - Returns: why not, for each who was not put on it.
    func perform(_ call: Call, in group: GroupSnapshot) async throws -> [UserID: String] {
        var reasons: [UserID: String] = [:]
        for user in self.users {
            if user == group.group.owner {
                reasons[user] = "forbidden operation on group owner!"
            } else if group.members[user] == nil {
                let place = Kind.self == ChatRooms.self ? "chatroom" : "group"
                reasons[user] = "user: \(user) doesn't exist in \(place): \(group.group.id.easemob)"
            }
        }
        try await call.set(self.users.filter { reasons[$0] == nil }, on: List.self, true, in: group)
        return reasons
    }

    func encode(_ reasons: [UserID: String], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(self.users) { json, user in
                json.outcome(
                    List.addition, of: user, reasons[user], id: (Kind.listIDName, call.parameter(Kind.parameter)))
            }
        }
        .noEntities()
    }
}

/// Who is not on it is off it already.
struct RemoveUsersFrom<Kind: GroupKind, List: UserList>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/\(List.resource)/users/{username}",
            "Take users off the \(List.noun) of a \(Kind.noun)",
            page: "将用户移出\(Kind.word)\(List.word) (\(Kind.page)_member_\(List.page))")
    }

    let right = Right.administrator
    let users: [UserID]

    init(_ call: Call) throws {
        self.users = try call.users()
        guard self.users.count <= maximumUsers else {
            throw Refusal.invalidParameter("\(List.tooManyRemoved) is more than max limit : \(maximumUsers)")
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        try await call.set(self.users, on: List.self, false, in: group)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        let id = (Kind.listIDName, call.parameter(Kind.parameter))
        return Answer.data { json in
            if List.answersOneRemoved, self.users.count == 1 {
                json.outcome(List.removal, of: self.users[0], nil, id: id)
            } else {
                json.array(self.users) { $0.outcome(List.removal, of: $1, nil, id: id) }
            }
        }
        .noEntities()
    }
}

extension GroupSnapshot {
    fileprivate func users<List: UserList>(on _: List.Type, at now: Timestamp) -> [UserID] {
        self.users(being: List.standings[0], at: now).keys.sorted()
    }
}

extension Call {
    fileprivate func set<List: UserList>(
        _ users: [UserID], on _: List.Type, _ isOnIt: Bool, in group: GroupSnapshot
    ) async throws {
        guard !users.isEmpty else { return }
        try self.requirePower(over: users, in: group)
        for standing in List.standings {
            try await self.core.set(
                standing, of: users, in: group.group.id, of: self.app.id, until: isOnIt ? .distantFuture : nil,
                by: self.actor)
        }
    }
}
