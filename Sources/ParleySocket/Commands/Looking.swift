import ParleyCore
import ParleyJSON

extension Command {
    static let history = Command(
        "history",
        "Messages as the user may see them: backwards from the newest or from `before`, or forwards from `after` (both exclusive).",
        required("conversation", Shapes.conversation), optional("before", Shapes.sequence),
        optional("after", Shapes.sequence, "not together with `before`"),
        optional("limit", Shapes.limit(1...200), default: 50), answer: .history
    ) { (conversation, before, after, limit) throws(Refusal) in
        guard before == nil || after == nil else { throw Refusal(.badField, "after: not together with before") }
        let start = before.map { HistoryQuery.Start.before($0) } ?? after.map { .after($0) } ?? .newest
        return .lookup { asker in
            try await asker.requireConversation(conversation)
            let page = try await asker.core.history(
                HistoryQuery(
                    app: asker.app, conversation: conversation, user: asker.user, from: start, limit: limit))
            let name = conversation.name(for: asker.user)
            let (messages, next) = Page.cut(page)
            return Answer(.history) { json in
                json.field("conversation", name)
                json.field("messages") { json in json.array(messages) { $0.raw($1) } }
                if let next { json.field("next", next) }
            }
        }
    }

    static let conversations = Command(
        "conversations", "The user's list: pinned ones first, then by the time of what was last said.",
        optional("from", Shapes.bookmark, "the `next` of the page before"),
        optional("limit", Shapes.limit(1...100), default: 50), answer: .conversations
    ) { bookmark, limit in
        .lookup { asker in
            var limit = limit
            while true {
                let page = try await asker.core.places.conversations(
                    of: asker.user, in: asker.app, from: bookmark, limit: limit)
                let summaries = page.summaries.map { summary in
                    JSONWriter.object { $0.members(of: summary, for: asker.user) }
                }
                // Last messages can be long: then fewer of them.
                if limit > 1, summaries.reduce(0, { $0 + $1.count }) > Page.bytes {
                    limit = max(1, limit / 4)
                    continue
                }
                let next = page.next.map(\.text)
                return Answer(.conversations) { json in
                    json.field("conversations") { json in json.array(summaries) { $0.raw($1) } }
                    if let next { json.field("next", next) }
                }
            }
        }
    }

    static let unread = Command(
        "unread", "What the user has not read, in all conversations of his list that are not muted.", answer: .unread
    ) {
        .lookup { asker in
            let unread = try await asker.core.places.unread(of: asker.user, in: asker.app)
            return Answer(.unread) { json in
                json.field("messages", unread.messages)
                json.field("conversations", unread.conversations)
            }
        }
    }

    static let groups = Command(
        "groups",
        "The groups that the user is in, in the order of their ids; also those in which nothing was said yet.",
        optional("after", Shapes.text(1...256), "the `next` of the page before"),
        optional("limit", Shapes.limit(1...500), default: 100), answer: .groups
    ) { after, limit in
        .lookup { asker in
            let rest = try await asker.core.directory.groups(of: asker.user, in: asker.app)
                .filter { place in
                    !place.group.type.rules.isThread && after.map { $0 < place.group.id.rawValue } ?? true
                }
                .sorted { $0.group.id.rawValue < $1.group.id.rawValue }
            let page = rest.prefix(limit)
            let next = page.count < rest.count ? page.last?.group.id.rawValue : nil
            return Answer(.groups) { json in
                json.field("groups") { json in
                    json.array(page) { json, place in json.object { $0.members(of: place.group, as: place.member) } }
                }
                if let next { json.field("next", next) }
            }
        }
    }

    static let members = Command(
        "members", "Who is in a group, in the order of user ids.", required("conversation", Shapes.conversation),
        optional("after", Shapes.text(1...256), "the `next` of the page before"),
        optional("limit", Shapes.limit(1...500), default: 100), answer: .members
    ) { (conversation, after, limit) throws(Refusal) in
        guard case .group(let id) = conversation else { throw Refusal(.badField, "conversation: must be a group") }
        return .lookup { asker in
            guard let group = try await asker.core.directory.group(id, in: asker.app) else {
                throw Rejection.groupNotFound(id)
            }
            guard group.members[asker.user] != nil else { throw Rejection.notMember(asker.user, of: id) }
            let rest = group.members(after: after.map { UserID($0) }, atMost: limit + 1)
            return Answer(.members) { $0.members(of: group, rest.prefix(limit), isLast: rest.count <= limit) }
        }
    }

    static let users = Command(
        "users", "Names and portraits. Users that are not known are left out.",
        required("users", Shapes.users(1...100)), answer: .users
    ) { ids in
        .lookup { asker in
            var users: [User] = []
            for id in ids {
                if let user = try await asker.core.directory.user(id, in: asker.app) { users.append(user) }
            }
            let found = users
            return Answer(.users) { json in
                json.field("users") { json in
                    json.array(found) { json, user in
                        json.object {
                            $0.field("user", user.id.rawValue)
                            if let name = user.name { $0.field("name", name) }
                            if let portrait = user.portrait { $0.field("portrait", portrait) }
                        }
                    }
                }
            }
        }
    }
}

extension GroupSnapshot {
    /// In the order of user ids, the first `limit`. On an event loop, of perhaps a hundred thousand: so not all are sorted for it.
    fileprivate func members(after bound: UserID?, atMost limit: Int) -> [Member] {
        var first: [Member] = []
        var last: UserID?
        func sort() {
            first.sort { $0.user < $1.user }
            first = Array(first.prefix(limit))
            if first.count == limit { last = first.last?.user }
        }
        for member in self.members.values {
            if let bound, member.user <= bound { continue }
            if let last, member.user > last { continue }
            first.append(member)
            if first.count >= 2 * limit { sort() }
        }
        sort()
        return first
    }
}

extension JSONWriter {
    fileprivate mutating func members(of group: Group, as member: Member) {
        self.field("conversation", "group:" + group.id.rawValue)
        self.field("name", group.name)
        if let owner = group.owner { self.field("owner", owner.rawValue) }
        self.field("role", member.role.rawValue)
        self.field("joinedAt", member.joinedAt.milliseconds)
    }

    fileprivate mutating func members(of group: GroupSnapshot, _ members: ArraySlice<Member>, isLast: Bool) {
        self.field("conversation", "group:" + group.group.id.rawValue)
        self.field("name", group.group.name)
        if let owner = group.group.owner { self.field("owner", owner.rawValue) }
        self.field("count", group.members.count)
        self.field("members") { json in
            json.array(members) { json, member in
                json.object {
                    $0.field("user", member.user.rawValue)
                    $0.field("role", member.role.rawValue)
                    if !member.nameCard.isEmpty { $0.field("nameCard", member.nameCard) }
                    $0.field("joinedAt", member.joinedAt.milliseconds)
                }
            }
        }
        if !isLast, let last = members.last { self.field("next", last.user.rawValue) }
    }
}

extension Frame {
    static let history = Frame(
        "history",
        "A page of messages, in the order of asking: newest first going backwards, oldest first going forwards.",
        isAnswer: true,
        [
            Schema.Member("conversation", .conversation), Schema.Member("messages", .list(.shared("listedMessage"))),
            .optional(
                "next", .sequence,
                "what to give as `before` or `after` for the page that follows; absent: there is none"),
        ])
    static let conversations = Frame(
        "conversations", "A page of the user's list.", isAnswer: true,
        [
            Schema.Member("conversations", .list(.shared("summary"))),
            .optional("next", .text, "what to give as `from` for the page that follows; absent: there is none"),
        ])
    static let unread = Frame(
        "unread", "What the user has not read, but for muted conversations.", isAnswer: true,
        [Schema.Member("messages", .count), Schema.Member("conversations", .count, "in how many")])
    static let groups = Frame(
        "groups", "A page of the user's groups.", isAnswer: true,
        [
            Schema.Member(
                "groups",
                .list(
                    .object([
                        Schema.Member("conversation", .conversation), Schema.Member("name", .text),
                        .optional("owner", .userID), Schema.Member("role", .role), Schema.Member("joinedAt", .moment),
                    ]))),
            .optional("next", .text, "what to give as `after` for the page that follows; absent: there is none"),
        ])
    static let members = Frame(
        "members", "A page of a group's members.", isAnswer: true,
        [
            Schema.Member("conversation", .conversation), Schema.Member("name", .text), .optional("owner", .userID),
            Schema.Member("count", .count, "all members"),
            Schema.Member(
                "members",
                .list(
                    .object([
                        Schema.Member("user", .userID),
                        Schema.Member("role", .role),
                        .optional("nameCard", .text, "the name shown in this group"),
                        Schema.Member("joinedAt", .moment),
                    ]))),
            .optional("next", .userID, "what to give as `after` for the page that follows; absent: there is none"),
        ])
    static let users = Frame(
        "users", "Names and portraits.", isAnswer: true,
        [
            Schema.Member(
                "users",
                .list(
                    .object([
                        Schema.Member("user", .userID), .optional("name", .text), .optional("portrait", .text),
                    ])))
        ])
}

extension Schema {
    fileprivate static let role = Schema(.choice(["owner", "administrator", "member"]))
}
