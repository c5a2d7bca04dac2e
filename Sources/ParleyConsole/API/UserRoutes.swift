import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    private static let paging: [Field] = [
        .optional("after", .text, "`next` of the page before"), .optional("limit", .integer, "at most 200"),
        .optional("search", .text, "a part of the id or the name"),
    ]
    private static let profile: [Field] = [
        Field("id"), .optional("name"), Field("isOnline", .flag), Field("isBlocked", .flag),
        .optional("createdAt", .integer), .optional("mutedUntil", .integer, "in all groups"),
    ]
    private static let seconds = Field.optional("seconds", .integer, "0 or nothing: for good")

    /// Users, and what can be done to them.
    static let users: [Route] = [
        Route(
            .GET, "apps/{app}/users", "Users, in the order of creation", query: Self.paging,
            answer: [Field("users", .list(.object(Self.profile))), .optional("next")], perform: users),
        Route(
            .GET, "apps/{app}/users/{user}", "A user, with all that belongs to him",
            answer: Self.profile + [
                .optional("blockedUntil", .integer), .optional("portrait"), Field("attributes", .anything),
                Field("groups", .list(.object([Field("id"), Field("name"), Field("role")]))),
                Field("contacts", .list(.text)), Field("blocks", .list(.text), "whom the user has blocked"),
                Field(
                    "connections",
                    .list(.object([Field("device"), Field("platform"), Field("since", .integer)]))),
                Field("pushDevices", .list(.object([Field("device"), Field("provider"), Field("dialect")]))),
            ], perform: user),
        Route(
            .POST, "apps/{app}/users", "Make a user, or rename one", body: [Field("id"), .optional("name")],
            answer: []
        ) { visit in
            let name = try visit.optionalText("name")
            try await visit.core.importUser(UserID(try visit.text("id")), in: try await visit.app().id) { user in
                if let name { user.name = name }
            }
            return .done
        },
        Route(.POST, "apps/{app}/users/{user}/mute", "Mute in all groups", body: [Self.seconds], answer: []) { visit in
            let until = try visit.until()
            try await visit.core.changeUser(visit.user, in: try await visit.app().id) { user in
                user.mutedInGroupsUntil = until
            }
            return .done
        },
        Route(.POST, "apps/{app}/users/{user}/unmute", "Let speak again", answer: []) { visit in
            try await visit.core.changeUser(visit.user, in: try await visit.app().id) { $0.mutedInGroupsUntil = nil }
            return .done
        },
        Route(
            .POST, "apps/{app}/users/{user}/block", "Close the connections, and let no more in", body: [Self.seconds],
            answer: []
        ) { visit in
            let app = try await visit.app()
            _ = try await visit.knownUser(in: app)
            try await visit.core.block(visit.user, in: app.id, until: try visit.until())
            return .done
        },
        Route(.POST, "apps/{app}/users/{user}/unblock", "Let in again", answer: []) { visit in
            try await visit.core.unblock(visit.user, in: try await visit.app().id)
            return .done
        },
        Route(
            .POST, "apps/{app}/users/{user}/disconnect", "Close the connections that are open", answer: []
        ) { visit in
            let app = try await visit.app().id
            visit.core.signals.disconnect(Disconnect(visit.user, in: app, because: .kicked))
            return .done
        },
        Route(
            .POST, "apps/{app}/users/{user}/token", "A token for a client, good for a day",
            body: [Field("dialect")], answer: [Field("token")]
        ) { visit in
            let app = try await visit.app()
            _ = try await visit.knownUser(in: app)
            let dialect = try visit.context.dialect(try visit.text("dialect"))
            let token = try dialect.token(for: visit.user, in: app, lifetimeSeconds: 24 * 3600)
            return Reply { $0.field("token", token) }
        },
    ]

    private static func users(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let page = try await Search(visit).page(after: visit.query["after"]) { after, limit in
            try await visit.core.directory.users(in: app.id, after: after.map { UserID($0) }, limit: limit)
        } text: {
            "\($0.id) \($0.name ?? "")"
        } id: {
            $0.id.rawValue
        }
        var online: Set<UserID> = []
        for user in page.items where await visit.core.presence.isOnline(user.id, in: app.id) { online.insert(user.id) }
        let now = visit.core.clock.now()
        return Reply { json in
            json.field("users") { json in
                json.array(page.items) { json, user in
                    json.object { $0.members(of: user, isOnline: online.contains(user.id), at: now) }
                }
            }
            json.optional("next", page.next)
        }
    }

    private static func user(_ visit: Visit) async throws -> Reply {
        let app = try await visit.app()
        let user = try await visit.knownUser(in: app)
        let connections = await visit.core.presence.connections(of: user.id, in: app.id)
        let directory = visit.core.directory
        let groups = try await directory.groups(of: user.id, in: app.id)
        let contacts = try await directory.contacts(of: user.id, in: app.id, before: nil, limit: 200)
        let blocks = try await directory.blocked(by: user.id, in: app.id)
        let devices = try await visit.core.push.pushDevices(of: user.id, in: app.id)
        let now = visit.core.clock.now()
        return Reply { json in
            json.members(of: user, isOnline: !connections.isEmpty, at: now)
            json.optional("blockedUntil", user.blockedUntil)
            json.optional("portrait", user.portrait)
            json.field("attributes") { json in
                json.object { json in
                    for (name, value) in user.attributes.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
                }
            }
            json.field("groups") { json in
                json.array(groups.prefix(200)) { json, place in
                    json.object {
                        $0.field("id", place.group.id.rawValue)
                        $0.field("name", place.group.name)
                        $0.field("role", place.member.role.rawValue)
                    }
                }
            }
            json.field("contacts", contacts.map(\.user.rawValue))
            json.field("blocks", blocks.prefix(200).map(\.rawValue))
            json.field("connections") { json in
                json.array(connections) { json, connection in
                    json.object {
                        $0.field("device", connection.device.rawValue)
                        $0.field("platform", connection.platform)
                        $0.field("since", connection.since.milliseconds)
                    }
                }
            }
            json.field("pushDevices") { json in
                json.array(devices) { json, device in
                    json.object {
                        $0.field("device", device.device)
                        $0.field("provider", device.provider)
                        $0.field("dialect", device.dialect.rawValue)
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of user: User, isOnline: Bool, at now: Timestamp) {
        self.field("id", user.id.rawValue)
        self.optional("name", user.name)
        self.field("isOnline", isOnline)
        self.field("isBlocked", !user.mayLogIn(at: now))
        self.optional("createdAt", user.createdAt)
        if let until = user.mutedInGroupsUntil, until > now { self.optional("mutedUntil", until) }
    }
}

/// A page of a list that the store has no index of words for: some is looked through, and the rest is for the next page.
struct Search: Sendable {
    private static let reach = 20_000
    private static let piece = 500

    private let words: String?
    private let limit: Int

    init(_ visit: Visit) throws(Refusal) {
        self.words = visit.query["search"]?.lowercased()
        self.limit = try visit.number("limit", default: 50, in: 1...200)
    }

    func page<Item>(
        after start: String?, _ read: (_ after: String?, _ limit: Int) async throws -> [Item],
        text: (Item) -> String, id: (Item) -> String
    ) async throws -> (items: [Item], next: String?) {
        var found: [Item] = []
        var after = start
        var seen = 0
        while true {
            let count = self.words == nil ? self.limit - found.count : Self.piece
            let piece = try await read(after, count)
            for item in piece {
                after = id(item)
                if self.words.map({ text(item).lowercased().contains($0) }) ?? true { found.append(item) }
                if found.count == self.limit { return (found, after) }
            }
            seen += piece.count
            if piece.count < count { return (found, nil) }
            if seen >= Self.reach { return (found, after) }
        }
    }
}
