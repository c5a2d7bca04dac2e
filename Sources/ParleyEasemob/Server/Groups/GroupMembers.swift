import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Members of a group or chat room. One name in the path is answered with an object, several with an array.
// Source: facts/easemob-server.md 3.8, 3.10.

/// By numbers of pages, or, as newer SDKs ask (`version=v3`), by cursor: names alone then, and with `joined_time=true` when they came.
struct ListMembers<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/users", "List the members of a \(Kind.noun)",
            page: "分页获取\(Kind.word)成员 (\(Kind.page)_member_obtain)")
    }

    private enum Wanted {
        case page(number: Int, size: Int)
        case piece(after: MemberPosition?, limit: Int)
    }

    let right = Right.member
    private let wanted: Wanted
    private let showsTimes: Bool

    init(_ call: Call) throws {
        self.showsTimes = call.isTrue("joined_time")
        if call.isVersion3 || call.query["cursor"] != nil || call.query["limit"] != nil {
            self.wanted = .piece(
                after: try call.memberPosition(), limit: call.number("limit", default: 1000, in: 1...1000))
        } else {
            self.wanted = .page(
                number: call.number("pagenum", default: 1, in: 1...Int(Int32.max)),
                size: call.number("pagesize", default: 1000, in: 1...1000))
        }
    }

    func perform(_ call: Call) async throws -> Page<Member> {
        do {
            let group = try await call.existing(Kind.self)
            try call.require(self.right, in: group)
            return self.perform(call, in: group)
        } catch Rejection.groupNotFound(let id) {
            throw Refusal.serviceResourceNotFound("do not find this group:\(id.easemob)")
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) -> Page<Member> {
        let members = group.membersInOrder[...]
        switch self.wanted {
        case .page(let number, let size):
            let page = members.dropFirst((number - 1) * size).prefix(size)
            return Page(Array(page), limit: size, cursor: \.user.rawValue)
        case .piece(let last, let limit):
            func position(of member: Member) -> MemberPosition { MemberPosition(member, ownerIsFirst: true) }
            let rest = last.map { last in members.drop { position(of: $0) <= last } } ?? members
            return Page(Array(rest.prefix(limit + 1)), limit: limit) { position(of: $0).text }
        }
    }

    func encode(_ page: Page<Member>, _ call: Call) -> Answer {
        switch self.wanted {
        case .page:
            Answer.data { $0.affiliations(page.items, showsTimes: self.showsTimes) }
                .noEntities().params(call.query).count(page.items.count)
        case .piece:
            Answer.data { json in
                json.array(page.items) { json, member in
                    guard self.showsTimes else { return json.string(member.user.rawValue) }
                    json.object { json in
                        json.field("member_name", member.user.rawValue)
                        json.field("joined_time", member.joinedAt.milliseconds)
                    }
                }
            }
            .noEntities().params(call.query).count(page.items.count).cursor(page.cursor)
        }
    }
}

/// Who leads a group, for newer SDKs: its owner and its administrators.
struct ListRoles<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/roles", "List who leads a \(Kind.noun)", page: "facts/easemob-client.md 6 (SDKs)")
    }

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) -> GroupSnapshot { group }

    func encode(_ group: GroupSnapshot, _ call: Call) -> Answer {
        Answer.data { json in
            json.array {
                $0.object { json in
                    json.field("id", group.group.id.easemob)
                    json.field("owner", group.group.owner?.rawValue ?? "")
                    json.field("roles") { json in
                        json.array(group.membersInOrder.filter { $0.role == .administrator }) { json, member in
                            json.object { $0.field("admin", member.user.rawValue) }
                        }
                    }
                }
            }
        }
        .noEntities()
    }
}

struct IsGroupMember: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "GET", "\(Kind.path)/user/{username}/is_joined", "Whether a user is in a group",
        page: "查看指定用户是否已加入群组 (group_member)")
    static let callers = Callers.application

    let right = Right.anyone

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) -> Bool { group.members[call.user()] != nil }

    func encode(_ isMember: Bool, _ call: Call) -> Answer { Answer.data { $0.bool(isMember) }.noEntities() }
}

// MARK: - Bringing in

/// Into a chat room also oneself.
struct AddMember<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/users/{username}", "Add a member to a \(Kind.noun)",
            page: "添加单个\(Kind.word)成员 (\(Kind.page)_member_add_single)")
    }

    private let isOneself: Bool
    var right: Right { self.isOneself ? .anyone : .inviter }

    init(_ call: Call) { self.isOneself = Kind.self == ChatRooms.self && call.callingUser == call.user() }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        if self.isOneself { return try await call.join(group) }
        _ = try await call.add([call.user()], to: group)
    }

    func encode(_: Void, _ call: Call) -> Answer { .done("add_member", of: call.user(), Kind.self, call) }
}

struct AddMembersToGroup<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/users", "Add members to a \(Kind.noun)",
            page: "批量添加\(Kind.word)成员 (\(Kind.page)_member_add_batch)")
    }

    static var maximumUsers: Int { 60 }

    let right = Right.inviter
    let users: [UserID]

    init(_ call: Call) throws {
        self.users = try call.usernames()
        guard self.users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("addMembers: addMembers number more than maxSize : \(Self.maximumUsers)")
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> [UserID] {
        try await call.add(self.users, to: group)
    }

    func encode(_ added: [UserID], _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("newmembers", added.map(\.rawValue))
                json.field(Kind.idName, call.parameter(Kind.parameter))
                json.field("action", "add_member")
            }
        }
        .noEntities()
    }
}

// MARK: - Taking out

struct RemoveMembersFromGroup<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/users/{username}", "Remove members from a \(Kind.noun)",
            page: "移除单个\(Kind.word)成员, 批量移除\(Kind.word)成员 (\(Kind.page)_member_remove)")
    }

    let users: [UserID]
    private let isOneself: Bool
    var right: Right { self.isOneself ? .member : .administrator }

    init(_ call: Call) throws {
        let users = try call.users()
        guard users.count <= Kind.maximumRemoved else {
            throw Refusal.invalidParameter(
                "kickMember: kickMembers number more than maxSize : \(Kind.maximumRemoved)")
        }
        self.users = users
        self.isOneself = call.callingUser.map { users == [$0] } ?? false
    }

    /// - Returns: why not, for each who was not removed.
    func perform(_ call: Call, in group: GroupSnapshot) async throws -> [UserID: String] {
        if self.isOneself {
            try await call.leave(group)
            return [:]
        }
        let id = group.group.id
        if self.users.count == 1 {
            guard self.users[0] != group.group.owner else { throw Rejection.ownerMayNotLeave(id) }
            guard group.members[self.users[0]] != nil else { throw Rejection.notMember(self.users[0], of: id) }
        }
        try call.requirePower(over: self.users, in: group)
        var reasons: [UserID: String] = [:]
        if let owner = group.group.owner, self.users.contains(owner) {
            reasons[owner] = "forbidden operation on group owner!"
        }
        let others = self.users.filter { reasons[$0] == nil }
        let removed = try await call.core.removeMembers(
            RemoveMembers(app: call.app.id, group: id, users: others, by: call.actor, isAnnounced: call.isAnnounced))
        for user in others where !removed.contains(user) {
            reasons[user] = "user: \(user) doesn't exist in group: \(id.easemob)"
        }
        return reasons
    }

    func encode(_ reasons: [UserID: String], _ call: Call) -> Answer {
        Answer.data { json in
            if self.users.count == 1 {
                json.outcome("remove_member", of: self.users[0], nil, id: (Kind.idName, call.parameter(Kind.parameter)))
            } else {
                json.array(self.users) { json, user in
                    json.outcome(
                        "remove_member", of: user, reasons[user], id: (Kind.idName, call.parameter(Kind.parameter)))
                }
            }
        }
        .noEntities()
    }
}

/// Leaves, as client SDKs say it.
struct QuitGroup<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/quit", "Leave a \(Kind.noun)", page: "facts/easemob-client.md 6 (SDKs)")
    }

    static var callers: Callers { .user }

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws { try await call.leave(group) }

    func encode(_: Void, _ call: Call) -> Answer { .done("quit", of: call.actor, Kind.self, call) }
}

// MARK: - What they share

extension Call {
    /// Newer SDKs ask for another form of some answers.
    var isVersion3: Bool { self.query["version"]?.lowercased() == "v3" }
    func isTrue(_ name: String) -> Bool { self.query[name]?.lowercased() == "true" }

    /// `need_notify=false`: members are not told in the conversation.
    var isAnnounced: Bool { self.query["need_notify"]?.lowercased() != "false" }

    /// - Throws: ``Malformed`` when the body names nobody.
    func usernames() throws(Malformed) -> [UserID] {
        let users = try self.object().users("usernames") ?? []
        guard !users.isEmpty else { throw Malformed("usernames", .missing) }
        return users
    }

    /// - Returns: those who were not members before.
    /// - Throws: ``Rejection/userNotFound(_:)``; ``Rejection/alreadyMember(_:of:)`` when nobody is new.
    fileprivate func add(_ users: [UserID], to group: GroupSnapshot) async throws -> [UserID] {
        try await self.requireUsers(users)
        if let user = users.first(where: { group.has($0, as: .keptOut, at: self.now) }) {
            throw Rejection.keptOut(user, of: group.group.id)
        }
        let outcomes = try await self.core.addMembers(
            AddMembers(
                app: self.app.id, group: group.group.id, users: users, by: self.actor, isAnnounced: self.isAnnounced))
        let added = zip(users, outcomes).filter { $0.1 == .added }.map(\.0)
        guard !added.isEmpty else { throw Rejection.alreadyMember(users[0], of: group.group.id) }
        return added
    }

    /// Comes into a chat room. Who is in it already is welcome again.
    func join(_ room: GroupSnapshot) async throws {
        guard let user = self.callingUser else { return }
        let outcome = try await self.core.joinRoom(
            JoinRoom(app: self.app.id, user: user, room: room.group, mustExist: true))
        if case .keptOut = outcome { throw Rejection.keptOut(user, of: room.group.id) }
    }

    /// The owner of a chat room may go and come back, and it stays his; the owner of a group gives it to another first.
    func leave(_ group: GroupSnapshot) async throws {
        guard let user = self.callingUser else { return }
        try await self.core.removeMembers(
            RemoveMembers(
                app: self.app.id, group: group.group.id, users: [user], isAnnounced: self.isAnnounced,
                owner: group.group.type.rules.isRoom ? .mayLeave : .mayNotLeave))
    }
}

extension Answer {
    /// What was done to one user.
    static func done<Kind: GroupKind>(_ action: String, of user: UserID, _: Kind.Type, _ call: Call) -> Answer {
        Answer.data { $0.outcome(action, of: user, nil, id: (Kind.idName, call.parameter(Kind.parameter))) }
            .noEntities()
    }
}

extension JSONWriter {
    /// What became of one user.
    mutating func outcome(_ action: String, of user: UserID, _ reason: String?, id: (name: String, value: String)) {
        self.object { json in
            json.field("result", reason == nil)
            json.field("action", action)
            if let reason { json.field("reason", reason) }
            json.field("user", user.rawValue)
            json.field(id.name, id.value)
        }
    }
}
