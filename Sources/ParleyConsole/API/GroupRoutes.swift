import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    private static let profile: [Field] = [
        Field("id"), Field("name"), Field("type", .choice(GroupType.allCases.map(\.rawValue))), .optional("owner"),
        Field("memberCount", .integer), Field("createdAt", .integer), Field("isMuted", .flag),
    ]
    private static let memberLimit = 500

    /// Groups and their members.
    static let groups: [Route] = [
        Route(
            .GET, "apps/{app}/groups", "Groups, the newest first",
            query: [.optional("after"), .optional("limit", .integer, "at most 200"), .optional("search")],
            answer: [Field("groups", .list(.object(Self.profile))), .optional("next")], perform: groups),
        Route(
            .GET, "apps/{app}/groups/{group}", "A group and its members",
            answer: Self.profile + [
                Field("summary"), Field("announcement"), Field("capacity", .integer), Field("attributes", .anything),
                Field(
                    "members",
                    .list(
                        .object([
                            Field("user"), Field("role"), Field("joinedAt", .integer),
                            .optional("mutedUntil", .integer),
                        ]))), Field("more", .integer, "members that are left out"),
            ], perform: group),
        Route(
            .POST, "apps/{app}/groups", "Make a group",
            body: [
                Field("id"), .optional("name"), .optional("owner"),
                .optional("type", .choice(GroupType.allCases.map(\.rawValue))), .optional("members", .list(.text)),
            ], answer: [], perform: createGroup),
        Route(
            .POST, "apps/{app}/groups/{group}/members", "Add and remove members",
            body: [.optional("add", .list(.text)), .optional("remove", .list(.text))], answer: []
        ) { visit in
            let app = try await visit.app()
            _ = try await visit.knownGroup(in: app)
            let (added, removed) = (try visit.texts("add"), try visit.texts("remove"))
            if !added.isEmpty {
                let users = added.map { UserID($0) }
                let outcomes = try await visit.core.addMembers(
                    AddMembers(
                        app: app.id, group: visit.group, users: users, usersMustExist: true, isAnnounced: true))
                if let stranger = zip(users, outcomes).first(where: { $0.1 == .unknownUser })?.0 {
                    throw Rejection.userNotFound(stranger)
                }
            }
            if !removed.isEmpty {
                try await visit.core.removeMembers(
                    RemoveMembers(
                        app: app.id, group: visit.group, users: removed.map { UserID($0) }, isAnnounced: true,
                        owner: .mayLeave))
            }
            return .done
        },
        Route(
            .POST, "apps/{app}/groups/{group}/mute", "Mute a member, or everybody",
            body: [
                .optional("user", .text, "none: everybody but the owner and the administrators"),
                .optional("seconds", .integer, "0 or nothing: for good"),
            ], answer: []
        ) { visit in
            try await Self.mute(visit, until: try visit.until())
        },
        Route(
            .POST, "apps/{app}/groups/{group}/unmute", "Let a member, or everybody, speak again",
            body: [.optional("user")], answer: []
        ) { visit in
            try await Self.mute(visit, until: nil)
        },
    ]

    private static func mute(_ visit: Visit, until: Timestamp?) async throws -> Reply {
        let app = try await visit.app()
        if let user = try visit.optionalText("user") {
            try await visit.core.mute([UserID(user)], in: visit.group, of: app.id, until: until)
        } else {
            try await visit.core.changeGroup(visit.group, in: app.id) { $0.isMuted = until != nil }
        }
        return .done
    }

    private static func groups(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let page = try await Search(visit).page(after: visit.query["after"]) { after, limit in
            try await visit.core.directory.groups(in: app.id, after: after.map { GroupID($0) }, limit: limit)
        } text: {
            "\($0.id) \($0.name)"
        } id: {
            $0.id.rawValue
        }
        var counts: [Int] = []
        for group in page.items {
            counts.append(try await visit.core.directory.group(group.id, in: app.id)?.members.count ?? 0)
        }
        let rows = zip(page.items, counts)
        return Reply { json in
            json.field("groups") { json in
                json.array(rows) { json, row in json.object { $0.members(of: row.0, memberCount: row.1) } }
            }
            json.optional("next", page.next)
        }
    }

    private static func group(_ visit: Visit) async throws -> Reply {
        let found = try await visit.knownGroup(in: try await visit.app())
        let now = visit.core.clock.now()
        let members = found.members.values.sorted { ($0.role, $1.joinedAt, $1.user) > ($1.role, $0.joinedAt, $0.user) }
        return Reply { json in
            json.members(of: found.group, memberCount: members.count)
            json.field("summary", found.group.summary)
            json.field("announcement", found.group.announcement)
            json.field("capacity", found.group.capacity)
            json.field("attributes") { json in
                json.object { json in
                    for (name, value) in found.group.attributes.sorted(by: { $0.key < $1.key }) {
                        json.field(name, value)
                    }
                }
            }
            json.field("members") { json in
                json.array(members.prefix(Self.memberLimit)) { json, member in
                    json.object { json in
                        json.field("user", member.user.rawValue)
                        json.field("role", member.role.rawValue)
                        json.field("joinedAt", member.joinedAt.milliseconds)
                        if let until = found.mutes[member.user], until > now { json.optional("mutedUntil", until) }
                    }
                }
            }
            json.field("more", max(0, members.count - Self.memberLimit))
        }
    }

    private static func createGroup(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let now = visit.core.clock.now()
        let id = try visit.text("id")
        let owner = try visit.optionalText("owner").map { UserID($0) }
        var type = GroupType.public
        if let name = try visit.optionalText("type") {
            guard let known = GroupType(rawValue: name) else {
                let types = GroupType.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.badField("type", Wording("is none of \(types)", "不是以下之一：\(types)"))
            }
            type = known
        }
        let group = Group(
            id: GroupID(id), type: type, name: try visit.optionalText("name") ?? id, owner: owner, createdAt: now)
        let members = try visit.texts("members").map { UserID($0) }
        for user in members where try await visit.core.directory.user(user, in: app.id) == nil {
            throw Rejection.userNotFound(user)
        }
        try await visit.core.createGroup(
            CreateGroup(
                app: app.id, group: group,
                members: members.map { Member(user: $0, joinedAt: now, delivery: type.rules.defaultDelivery) },
                ownerMustExist: owner != nil))
        return .done
    }
}

extension JSONWriter {
    fileprivate mutating func members(of group: Group, memberCount: Int) {
        self.field("id", group.id.rawValue)
        self.field("name", group.name)
        self.field("type", group.type.rawValue)
        self.optional("owner", group.owner?.rawValue)
        self.field("memberCount", memberCount)
        self.field("createdAt", group.createdAt.milliseconds)
        self.field("isMuted", group.isMuted)
    }
}
