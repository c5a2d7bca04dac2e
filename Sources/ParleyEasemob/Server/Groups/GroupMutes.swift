import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who may not speak in a group or chat room, and until when. Durations and moments are in milliseconds, -1 is for ever.
// Source: facts/easemob-server.md 3.8, 3.10.

struct ListMutes<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/mute", "List who is muted in a \(Kind.noun)",
            page: "获取\(Kind.word)禁言列表 (\(Kind.page)_member_mutelist)")
    }

    let right = Right.administrator

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) -> [GroupMute] {
        let now = call.now
        return group.mutes.filter { $0.value > now }.map { GroupMute(user: $0.key, until: $0.value) }
            .sorted { $0.user < $1.user }
    }

    func encode(_ mutes: [GroupMute], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(mutes) { json, mute in
                json.object { json in
                    json.field("expire", mute.expire)
                    json.field("user", mute.user.rawValue)
                }
            }
        }
        .noEntities()
    }
}

/// Whether somebody is muted; clients ask of themselves.
struct IsMuted<Kind: GroupKind, Front: PathFront>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path(Front.self))/mute/{username}",
            "Whether a user is muted in a \(Kind.noun)\(Front.note)", page: "facts/easemob-client.md 6 (SDKs)")
    }

    let right: Right

    init(_ call: Call) { self.right = call.callingUser == call.user() ? .member : .administrator }

    func perform(_ call: Call, in group: GroupSnapshot) -> Bool {
        group.mutes[call.user()].map { $0 > call.now } ?? false
    }

    func encode(_ isMuted: Bool, _ call: Call) -> Answer { Answer.data { $0.bool(isMuted) }.noEntities() }
}

struct MuteMembers<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/mute", "Mute members of a \(Kind.noun)",
            page: "添加\(Kind.word)禁言 (\(Kind.page)_member_mutelist)")
    }

    static var maximumUsers: Int { 60 }

    let right = Right.administrator
    let users: [UserID]
    let milliseconds: Int64

    init(_ call: Call) throws {
        let json = try call.object()
        let users = try json.users("usernames") ?? []
        guard !users.isEmpty else { throw Malformed("usernames", .missing) }
        guard users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("userNames size is more than max limit : \(Self.maximumUsers)")
        }
        guard let milliseconds = try json.number("mute_duration") else { throw Malformed("mute_duration", .missing) }
        guard milliseconds > 0 || milliseconds == -1 else { throw Malformed("mute_duration", .invalid) }
        self.users = users
        self.milliseconds = milliseconds
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> [GroupMute] {
        for user in self.users {
            guard user != group.group.owner else { throw Rejection.ownerMayNotLeave(group.group.id) }
            guard group.members[user] != nil else { throw Rejection.notMember(user, of: group.group.id) }
        }
        try call.requirePower(over: self.users, in: group)
        let until = self.milliseconds == -1 ? .distantFuture : call.now.adding(milliseconds: self.milliseconds)
        try await call.core.mute(
            self.users, in: group.group.id, of: call.app.id, until: until, by: call.callingUser)
        return self.users.map { GroupMute(user: $0, until: until) }
    }

    func encode(_ mutes: [GroupMute], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(mutes) { json, mute in
                json.object { json in
                    json.field("result", true)
                    json.field("expire", mute.expire)
                    json.field("user", mute.user.rawValue)
                }
            }
        }
        .noEntities()
    }
}

struct UnmuteMembers<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/mute/{username}", "Let muted members of a \(Kind.noun) speak again",
            page: "移除\(Kind.word)禁言 (\(Kind.page)_member_mutelist)")
    }

    static var maximumUsers: Int { 60 }

    let right = Right.administrator
    let users: [UserID]

    init(_ call: Call) throws {
        self.users = try call.users()
        guard self.users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("removeMute member size more than max limit : \(Self.maximumUsers)")
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        try call.requirePower(over: self.users, in: group)
        try await call.core.mute(self.users, in: group.group.id, of: call.app.id, until: nil, by: call.callingUser)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.array(self.users) { json, user in
                json.object { json in
                    json.field("result", true)
                    json.field("user", user.rawValue)
                }
            }
        }
        .noEntities()
    }
}

struct GroupMute: Sendable {
    let user: UserID
    let until: Timestamp

    var expire: Int64 { self.until == .distantFuture ? -1 : self.until.milliseconds }
}

/// Nobody but the owner, administrators and those on the allow list may speak.
struct MuteEveryone<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/ban", "Mute a whole \(Kind.noun)",
            page: "禁言\(Kind.word)全体成员 (\(Kind.page)_member_mutelist)")
    }

    let right = Right.administrator

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws { try await call.setMuted(true, group) }

    func encode(_: Void, _ call: Call) -> Answer {
        var answer = Answer.mute(true)
        // So the vendor's page of chat rooms says.
        if Kind.self == ChatRooms.self { answer.action = "put" }
        return answer
    }
}

struct UnmuteEveryone<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "DELETE", "\(Kind.path)/ban", "Let a whole \(Kind.noun) speak again",
            page: "解除\(Kind.word)全员禁言 (\(Kind.page)_member_mutelist)")
    }

    let right = Right.administrator

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) async throws { try await call.setMuted(false, group) }

    func encode(_: Void, _ call: Call) -> Answer { .mute(false) }
}

extension Call {
    fileprivate func setMuted(_ isMuted: Bool, _ group: GroupSnapshot) async throws {
        try await self.core.changeGroup(group.group.id, in: self.app.id, by: self.callingUser) {
            $0.isMuted = isMuted
        }
    }

    /// Those whom the path names: `a,b`.
    ///
    /// - Throws: ``Malformed`` when it names nobody.
    func users() throws(Malformed) -> [UserID] {
        let users = self.list("username").map { UserID(easemob: $0) }.uniqued()
        guard !users.isEmpty else { throw Malformed("username", .missing) }
        return users
    }
}

extension Answer {
    fileprivate static func mute(_ isMuted: Bool) -> Answer {
        Answer.data { json in json.object { $0.field("mute", isMuted) } }.noEntities()
    }
}
