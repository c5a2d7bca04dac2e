import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Groups and chat rooms, as they are shown. Source: facts/easemob-server.md 3.8, 3.10; facts/easemob-client.md 6.

/// All groups of the App, newest first, page by page.
struct ListChatGroups: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups", "List groups", page: "获取 app 中的群组 (group_obtain)")
    static let area = Area.groups

    let limit: Int
    let after: GroupID?

    init(_ call: Call) throws {
        self.limit = call.number("limit", default: 10, in: 1...1000)
        self.after = try call.cursor().map { GroupID($0) }
    }

    func perform(_ call: Call) async throws -> Page<GroupCount> {
        let groups = try await call.groups(after: self.after, limit: self.limit) { ChatGroups.includes($0) }
        return Page(try await call.counted(groups), limit: self.limit, cursor: \.group.id.rawValue)
    }

    func encode(_ page: Page<GroupCount>, _ call: Call) -> Answer {
        Answer.data { json in
            json.array(page.items) { json, item in
                json.object { json in
                    json.field("owner", call.qualified(item.group.owner))
                    json.field("groupid", item.group.id.easemob)
                    json.field("affiliations", item.memberCount)
                    json.field("type", "group")
                    json.field("lastModified", String(item.group.updatedAt.milliseconds))
                    json.field("groupname", item.group.name)
                }
            }
        }
        .noEntities().params(call.query).count(page.items.count).cursor(page.cursor)
    }
}

/// The groups that anybody may find, newest first, page by page: for clients.
struct ListPublicChatGroups: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/publicchatgroups", "List public groups",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrUser
    static let area = Area.groups

    let limit: Int
    let after: GroupID?

    init(_ call: Call) throws {
        self.limit = call.number("limit", default: 20, in: 1...1000)
        self.after = try call.cursor().map { GroupID($0) }
    }

    func perform(_ call: Call) async throws -> Page<Group> {
        let groups = try await call.groups(after: self.after, limit: self.limit) {
            ChatGroups.includes($0) && $0.isPublic
        }
        return Page(groups, limit: self.limit, cursor: \.id.rawValue)
    }

    func encode(_ page: Page<Group>, _ call: Call) -> Answer {
        Answer.data { $0.names(of: page.items) }
            .noEntities().params(call.query).count(page.items.count).cursor(page.cursor)
    }
}

/// One, or up to 100 whose ids are joined by commas. Of several, those that there are not are told among the others.
struct GetGroups<Kind: GroupKind>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", Kind.path, "Get \(Kind.noun)s", page: "获取\(Kind.word)详情 (\(Kind.page)_obtain_detail)")
    }
    static var callers: Callers { .applicationOrUser }
    static var area: Area { Kind.area }

    static var maximumGroups: Int { 100 }
    private static var maximumMembers: Int { 10_000 }

    let ids: [GroupID]
    private let showsTimes: Bool

    init(_ call: Call) throws {
        self.ids = call.list(Kind.parameter).map { GroupID(easemob: $0) }.uniqued()
        guard self.ids.count <= Self.maximumGroups else {
            throw Malformed("groupId", .tooMany(limit: Self.maximumGroups))
        }
        self.showsTimes = call.isTrue("joined_time")
    }

    func perform(_ call: Call) async throws -> [GroupSnapshot?] {
        var groups: [GroupSnapshot?] = []
        for id in self.ids {
            let group = try await call.core.directory.group(id, in: call.app.id)
            groups.append(group.flatMap { Kind.includes($0.group) ? $0 : nil })
        }
        guard groups.count < 2 else { return groups.map { $0.flatMap { call.sees($0) ? $0 : nil } } }
        guard let group = groups.first.flatMap({ $0 }) else {
            throw Rejection.groupNotFound(self.ids.first ?? GroupID(easemob: call.parameter(Kind.parameter)))
        }
        if !call.sees(group) { throw Rejection.notMember(call.actor, of: group.group.id) }
        return groups
    }

    func encode(_ groups: [GroupSnapshot?], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(zip(self.ids, groups)) { json, pair in
                guard let group = pair.1 else {
                    json.object { json in
                        json.field("id", pair.0.easemob)
                        json.field("error", "group id doesn't exist")
                    }
                    return
                }
                self.write(group, call, to: &json)
            }
        }
        .noEntities().count(groups.count)
    }

    private func write(_ snapshot: GroupSnapshot, _ call: Call, to json: inout JSONWriter) {
        let group = snapshot.group
        // Who is not in it may know what it is, not who is.
        let members =
            call.isIn(snapshot) ? snapshot.membersInOrder : snapshot.membersInOrder.filter { $0.role == .owner }
        json.object { json in
            json.field("id", group.id.easemob)
            json.field("name", group.name)
            json.field("avatar", group.avatar)
            json.field("description", group.summary)
            json.field("membersonly", group.isMembersOnly)
            json.field("allowinvites", group.membersMayInvite)
            json.field("invite_need_confirm", group.asksInvited)
            json.field("maxusers", group.capacity)
            json.field("owner", group.owner?.rawValue ?? "")
            json.field("created", group.createdAt.milliseconds)
            json.field("custom", group.custom)
            json.field("mute", group.isMuted)
            json.field("affiliations_count", snapshot.members.count)
            json.field("disabled", group.isDisabled)
            json.field("affiliations") {
                $0.affiliations(members.prefix(Self.maximumMembers), showsTimes: self.showsTimes)
            }
            json.field("public", group.isPublic)
        }
    }
}

/// The groups that a user is in.
struct GetJoinedChatGroups: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/user/{username}", "Get the groups of a user",
        page: "获取单个用户加入的所有群组 (group_obtain)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.groups
    static let callsPerSecond = 50

    struct Item: Sendable {
        let group: Group
        let role: Member.Role
        let memberCount: Int
    }

    let pageSize: Int
    let pageNumber: Int
    let showsCounts: Bool
    let showsRoles: Bool

    init(_ call: Call) {
        self.pageSize = call.number("pagesize", default: 5, in: 1...20)
        self.pageNumber = call.number("pagenum", default: 0, in: 0...Int(Int32.max))
        self.showsCounts = call.isTrue("needAffiliations")
        self.showsRoles = call.isTrue("needRole")
    }

    func perform(_ call: Call) async throws -> (items: [Item], total: Int) {
        let all = try await call.joined(ChatGroups.self)
        let page = all.dropFirst(self.pageNumber * self.pageSize).prefix(self.pageSize)
        let counts = self.showsCounts ? try await call.counted(page.map(\.group)).map(\.memberCount) : []
        let items = page.enumerated().map { index, place in
            Item(group: place.group, role: place.member.role, memberCount: self.showsCounts ? counts[index] : 0)
        }
        return (items, all.count)
    }

    func encode(_ joined: (items: [Item], total: Int), _ call: Call) -> Answer {
        Answer.entities(joined.items) { json, item in
            let group = item.group
            json.object { json in
                json.field("id", group.id.easemob)
                json.field("groupId", group.id.easemob)
                json.field("name", group.name)
                json.field("avatar", group.avatar)
                json.field("owner", group.owner?.rawValue ?? "")
                json.field("description", group.summary)
                json.field("disabled", group.isDisabled)
                json.field("public", group.isPublic)
                json.field("allowinvites", group.membersMayInvite)
                json.field("membersonly", group.isMembersOnly)
                json.field("maxusers", group.capacity)
                json.field("created", group.createdAt.milliseconds)
                if self.showsCounts { json.field("affiliations_count", item.memberCount) }
                if self.showsRoles { json.field("permission", item.role.easemob) }
            }
        }
        .with("total") { $0.int(joined.total) }
    }
}

/// The same, as SDKs asked before: names and ids alone.
struct GetJoinedChatGroupsLegacy: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/joined_chatgroups", "Get the groups of a user (legacy)",
        page: "facts 2.4, 3.8")
    static let callers = Callers.applicationOrOneself
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [Group] {
        let groups = try await call.joined(ChatGroups.self).map(\.group)
        guard let size = call.query["pagesize"].flatMap({ Int($0) }), size > 0 else { return groups }
        let number = call.number("pagenum", default: 1, in: 1...1_000_000)
        return Array(groups.dropFirst((number - 1) * min(size, 1000)).prefix(size))
    }

    func encode(_ groups: [Group], _ call: Call) -> Answer {
        Answer.data { $0.names(of: groups) }.noEntities().count(groups.count)
    }
}

// MARK: - What they share

struct GroupCount: Sendable {
    let group: Group
    let memberCount: Int
}

extension Member.Role {
    fileprivate var easemob: String {
        switch self {
        case .owner: "owner"
        case .administrator: "admin"
        case .member: "member"
        }
    }
}

extension Call {
    private static let readLimit = 100

    /// Newest first, after one of them: one more than `limit`, where there are more.
    func groups(
        after: GroupID?, limit: Int, where isWanted: (Group) -> Bool
    ) async throws -> [Group] {
        var found: [Group] = []
        var last = after
        while found.count <= limit {
            let wanted = max(Self.readLimit, limit + 1)
            let groups = try await self.core.directory.groups(in: self.app.id, after: last, limit: wanted)
            found += groups.filter(isWanted)
            guard groups.count == wanted else { break }
            last = groups.last?.id
        }
        return Array(found.prefix(limit + 1))
    }

    func counted(_ groups: [Group]) async throws -> [GroupCount] {
        var counted: [GroupCount] = []
        for group in groups {
            let snapshot = try await self.core.directory.group(group.id, in: self.app.id)
            counted.append(GroupCount(group: group, memberCount: snapshot?.members.count ?? 0))
        }
        return counted
    }

    /// Of the user whom the path names, in the order of joining.
    func joined<Kind: GroupKind>(_: Kind.Type) async throws -> [(group: Group, member: Member)] {
        let user = try await self.existingUser(self.user())
        return try await self.core.directory.groups(of: user.id, in: self.app.id).filter { Kind.includes($0.group) }
    }

    fileprivate func isIn(_ group: GroupSnapshot) -> Bool {
        self.callingUser.map { group.rank(of: $0) != nil } ?? true
    }

    /// A group that is not public is shown to those who are in it, and to those who were asked to be.
    fileprivate func sees(_ group: GroupSnapshot) -> Bool {
        guard let user = self.callingUser, !self.isIn(group) else { return true }
        return group.group.isPublic || group.group.note(of: user.rawValue, in: .invited) != nil
    }
}

extension JSONWriter {
    /// `[{"groupid":"1","groupname":"One"}]`
    fileprivate mutating func names(of groups: [Group]) {
        self.array(groups) { json, group in
            json.object { json in
                json.field("groupid", group.id.easemob)
                json.field("groupname", group.name)
            }
        }
    }
}
