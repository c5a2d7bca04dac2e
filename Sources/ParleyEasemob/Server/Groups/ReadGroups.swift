import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// All groups of the App, newest first, page by page. Source: facts/easemob-server.md 3.8.
struct ListChatGroups: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups", "List groups", page: "获取 app 中的群组 (group_obtain)")
    static let area = Area.groups

    struct Item: Sendable {
        let group: Group
        let memberCount: Int
    }

    let limit: Int
    let after: GroupID?

    init(_ call: Call) throws {
        self.limit = call.number("limit", default: 10, in: 1...1000)
        self.after = try call.cursor().map { GroupID($0) }
    }

    func perform(_ call: Call) async throws -> Page<Item> {
        let groups = try await self.groups(call)
        var items: [Item] = []
        for group in groups {
            let snapshot = try await call.core.directory.group(group.id, in: call.app.id)
            items.append(Item(group: group, memberCount: snapshot?.members.count ?? 0))
        }
        return Page(items, limit: self.limit, cursor: \.group.id.rawValue)
    }

    /// One more than the page has room for. Rooms are not among them: to this API they are another kind of thing.
    private func groups(_ call: Call) async throws -> [Group] {
        var found: [Group] = []
        var last = self.after
        while found.count <= self.limit {
            let wanted = max(Self.readLimit, self.limit + 1)
            let groups = try await call.core.directory.groups(in: call.app.id, after: last, limit: wanted)
            found += groups.filter { !$0.type.rules.isRoom }
            guard groups.count == wanted else { break }
            last = groups.last?.id
        }
        return Array(found.prefix(self.limit + 1))
    }

    private static let readLimit = 100

    func encode(_ page: Page<Item>, _ call: Call) -> Answer {
        Answer.data { json in
            json.array(page.items) { json, item in
                json.object { json in
                    json.field("owner", call.qualified(item.group.owner))
                    json.field("groupid", item.group.id.rawValue)
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

/// One group, or up to 100 whose ids are joined by commas. Of several, those that there are not are told among the others.
struct GetChatGroups: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/{group_id}", "Get groups", page: "获取群组详情 (group_obtain_detail)")
    static let area = Area.groups

    static let maximumGroups = 100
    private static let maximumMembers = 10_000

    let ids: [GroupID]

    init(_ call: Call) throws {
        self.ids = call.list("group_id").map { GroupID($0) }.uniqued()
        guard self.ids.count <= Self.maximumGroups else {
            throw Malformed("groupId", .tooMany(limit: Self.maximumGroups))
        }
    }

    func perform(_ call: Call) async throws -> [GroupSnapshot?] {
        var groups: [GroupSnapshot?] = []
        for id in self.ids { groups.append(try await call.core.directory.group(id, in: call.app.id)) }
        if groups.count < 2, groups.first.flatMap({ $0 }) == nil {
            throw Rejection.groupNotFound(self.ids.first ?? call.group)
        }
        return groups
    }

    func encode(_ groups: [GroupSnapshot?], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(zip(self.ids, groups)) { json, pair in
                guard let group = pair.1 else {
                    json.object { json in
                        json.field("id", pair.0.rawValue)
                        json.field("error", "group id doesn't exist")
                    }
                    return
                }
                Self.write(group, to: &json)
            }
        }
        .noEntities().count(groups.count)
    }

    private static func write(_ snapshot: GroupSnapshot, to json: inout JSONWriter) {
        let group = snapshot.group
        json.object { json in
            json.field("id", group.id.rawValue)
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
            json.field("disabled", false)
            json.field("affiliations") { $0.affiliations(snapshot.membersInOrder.prefix(Self.maximumMembers)) }
            json.field("public", group.isPublic)
        }
    }
}

/// The groups that a user is in.
struct GetJoinedChatGroups: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/user/{username}", "Get the groups of a user",
        page: "获取单个用户加入的所有群组 (group_obtain)")
    static let area = Area.groups
    static let callsPerSecond = 50

    let pageSize: Int
    let pageNumber: Int

    init(_ call: Call) {
        self.pageSize = call.number("pagesize", default: 5, in: 1...20)
        self.pageNumber = call.number("pagenum", default: 0, in: 0...Int(Int32.max))
    }

    func perform(_ call: Call) async throws -> [Group] { try await call.joinedGroups() }

    func encode(_ groups: [Group], _ call: Call) -> Answer {
        let page = groups.dropFirst(self.pageNumber * self.pageSize).prefix(self.pageSize)
        return Answer.entities(Array(page)) { json, group in
            json.object { json in
                json.field("id", group.id.rawValue)
                json.field("groupId", group.id.rawValue)
                json.field("name", group.name)
                json.field("avatar", group.avatar)
                json.field("owner", group.owner?.rawValue ?? "")
                json.field("description", group.summary)
                json.field("disabled", false)
                json.field("public", group.isPublic)
                json.field("allowinvites", group.membersMayInvite)
                json.field("membersonly", group.isMembersOnly)
                json.field("maxusers", group.capacity)
                json.field("created", group.createdAt.milliseconds)
            }
        }
        .with("total") { $0.int(groups.count) }
    }
}

/// The same, as SDKs asked before: names and ids alone.
struct GetJoinedChatGroupsLegacy: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/joined_chatgroups", "Get the groups of a user (legacy)",
        page: "facts 2.4, 3.8")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [Group] {
        let groups = try await call.joinedGroups()
        guard let size = call.query["pagesize"].flatMap({ Int($0) }), size > 0 else { return groups }
        let number = call.number("pagenum", default: 1, in: 1...1_000_000)
        return Array(groups.dropFirst((number - 1) * min(size, 1000)).prefix(size))
    }

    func encode(_ groups: [Group], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(groups) { json, group in
                json.object { json in
                    json.field("groupid", group.id.rawValue)
                    json.field("groupname", group.name)
                }
            }
        }
        .noEntities().count(groups.count)
    }
}

extension Call {
    fileprivate func joinedGroups() async throws -> [Group] {
        let user = try await self.existingUser(self.user())
        return try await self.core.directory.groups(of: user.id, in: self.app.id).map(\.group)
            .filter { !$0.type.rules.isRoom }
    }
}
