import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Who may not speak in a group, and until when. Durations and moments are in milliseconds, -1 is for ever. Source: facts/easemob-server.md 3.8.
struct ListGroupMutes: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/{group_id}/mute", "List who is muted in a group",
        page: "获取禁言列表 (group_member_mutelist)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [GroupMute] {
        let now = call.now
        return try await call.existingGroup().mutes.filter { $0.value > now }
            .map { GroupMute(user: $0.key, until: $0.value) }
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

struct MuteGroupMembers: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups/{group_id}/mute", "Mute members of a group",
        page: "添加禁言 (group_member_mutelist)")
    static let area = Area.groups

    static let maximumUsers = 60

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

    func perform(_ call: Call) async throws -> [GroupMute] {
        let group = try await call.existingGroup()
        for user in self.users {
            guard group.members[user] != nil else { throw Rejection.notMember(user, of: call.group) }
            guard user != group.group.owner else { throw Rejection.ownerMayNotLeave(call.group) }
        }
        let until = self.milliseconds == -1 ? .distantFuture : call.now.adding(milliseconds: self.milliseconds)
        try await call.core.mute(self.users, in: call.group, of: call.app.id, until: until)
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

struct UnmuteGroupMembers: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/chatgroups/{group_id}/mute/{username}", "Let muted members speak again",
        page: "移除禁言 (group_member_mutelist)")
    static let area = Area.groups

    static let maximumUsers = 60

    let users: [UserID]

    init(_ call: Call) throws {
        self.users = call.list("username").map { UserID(easemob: $0) }.uniqued()
        guard !self.users.isEmpty else { throw Malformed("username", .missing) }
        guard self.users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("removeMute member size more than max limit : \(Self.maximumUsers)")
        }
    }

    func perform(_ call: Call) async throws {
        try await call.core.mute(self.users, in: call.group, of: call.app.id, until: nil)
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

/// Nobody but the owner and administrators may speak in the group.
struct MuteGroup: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups/{group_id}/ban", "Mute a whole group",
        page: "禁言全体成员 (group_member_mutelist)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws { try await call.setMuted(true) }

    func encode(_: Void, _ call: Call) -> Answer { .mute(true) }
}

struct UnmuteGroup: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/chatgroups/{group_id}/ban", "Let a whole group speak again",
        page: "解除全员禁言 (group_member_mutelist)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws { try await call.setMuted(false) }

    func encode(_: Void, _ call: Call) -> Answer { .mute(false) }
}

extension Call {
    fileprivate func setMuted(_ isMuted: Bool) async throws {
        try await self.core.changeGroup(self.group, in: self.app.id) { $0.isMuted = isMuted }
    }
}

extension Answer {
    fileprivate static func mute(_ isMuted: Bool) -> Answer {
        Answer.data { json in json.object { $0.field("mute", isMuted) } }.noEntities()
    }
}
