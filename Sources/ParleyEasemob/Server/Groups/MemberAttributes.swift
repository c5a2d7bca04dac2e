import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What members of a group are called and what else is said of them there: texts under names of the App's own. Clients put `/sdk` before the paths.
// Source: facts/easemob-server.md 3.8 (group_member_attribute).

/// In the core they are attributes of the member under this dialect's prefix.
struct MemberAttributes: Sendable {
    static let prefix = "easemob."

    private static let maximumKeyBytes = 16
    private static let maximumValueBytes = 512
    private static let maximumBytes = 4 * 1024

    /// In the order they came. An empty value takes the attribute away.
    let changes: [(key: String, value: String)]

    init(_ json: JSON, _ name: String) throws {
        guard let value = json.value(name) else { throw Malformed(name, .missing) }
        guard let members = value.members else { throw Malformed(name, .invalid) }
        var changes: [(key: String, value: String)] = []
        for (key, value) in members {
            guard let text = value.string else { throw Malformed(name, .invalid) }
            guard !key.isEmpty, key.utf8.count <= Self.maximumKeyBytes else {
                throw Refusal.memberAttribute("exceeds chatgroup user metadata single key limit")
            }
            guard text.utf8.count <= Self.maximumValueBytes else {
                throw Refusal.memberAttribute("exceeds chatgroup user metadata single value limit")
            }
            changes.append((key, text))
        }
        self.changes = changes
    }

    func apply(to member: inout Member) throws {
        for (key, value) in self.changes { member.attributes[Self.prefix + key] = value.isEmpty ? nil : value }
        let byteCount = Self.of(member).reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard byteCount <= Self.maximumBytes else {
            throw Refusal.memberAttribute("exceeds chatgroup user metadata total limit")
        }
    }

    /// By name.
    static func of(_ member: Member, _ names: [String]? = nil) -> [(key: String, value: String)] {
        Self.shown(member.attributes).filter { names?.contains($0.key) ?? true }
    }

    /// Those of this dialect, by name.
    static func shown(_ attributes: [String: String]) -> [(key: String, value: String)] {
        attributes.filter { $0.key.hasPrefix(Self.prefix) }
            .map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    }
}

struct SetMemberAttributes<Front: PathFront>: GroupEndpoint {
    typealias Kind = ChatGroups

    static var description: EndpointDescription {
        EndpointDescription(
            "PUT", "\(Front.front)/metadata/chatgroup/{group_id}/user/{username}",
            "Set attributes of a member of a group\(Front.note)",
            page: "设置单个群成员的自定义属性 (group_member_attribute)")
    }

    let right: Right
    let attributes: MemberAttributes

    init(_ call: Call) throws {
        self.right = call.callingUser == call.user() ? .member : .administrator
        self.attributes = try MemberAttributes(call.object(), "metaData")
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        try await call.set(self.attributes, of: call.user(), in: group)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { $0.texts(self.attributes.changes.filter { !$0.value.isEmpty }) }.noEntities()
    }
}

struct GetMemberAttributes: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/metadata/chatgroup/{group_id}/user/{username}",
        "Get the attributes of a member of a group", page: "获取单个群成员的所有自定义属性 (group_member_attribute)")

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) throws -> Member {
        guard let member = group.members[call.user()] else { throw Refusal.memberAttributeNotMember }
        return member
    }

    func encode(_ member: Member, _ call: Call) -> Answer {
        Answer.data { $0.texts(MemberAttributes.of(member)) }.noEntities()
    }
}

/// The names of the answer's members end in a colon, as in the vendor's example.
struct SetAttributesOfMembers: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/metadata/chatgroup/{group_id}/users/batch",
        "Set attributes of members of a group", page: "批量设置群成员的自定义属性 (group_member_attribute)")
    static let callers = Callers.application

    static let maximumUsers = 20

    struct Item: Sendable {
        let user: UserID
        let attributes: MemberAttributes
    }

    let right = Right.anyone
    let items: [Item]

    init(_ call: Call) throws {
        guard let list = try call.json().array, !list.isEmpty else { throw Malformed("", .unreadable) }
        guard list.count <= Self.maximumUsers else { throw Refusal.memberAttribute("query param reaches limit.") }
        self.items = try list.map { json in
            guard let name = try json.textOrNumber("username"), !name.isEmpty else {
                throw Malformed("username", .missing)
            }
            return Item(user: UserID(easemob: name), attributes: try MemberAttributes(json, "metadata"))
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        if let stranger = self.items.first(where: { group.members[$0.user] == nil }) {
            throw Refusal.memberAttribute("Some users are not in the group: \(stranger.user)")
        }
        for item in self.items { try await call.set(item.attributes, of: item.user, in: group) }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("updateMetadataFailed:") { $0.array { _ in } }
                json.field("updateMetadataSucceeded:") { json in
                    json.array(self.items) { json, item in
                        json.object { json in
                            json.field("username", item.user.rawValue)
                            json.field("metadata") {
                                $0.texts(item.attributes.changes.filter { !$0.value.isEmpty })
                            }
                        }
                    }
                }
            }
        }
        .noEntities()
    }
}

struct GetAttributesOfMembers<Front: PathFront>: GroupEndpoint {
    typealias Kind = ChatGroups

    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Front.front)/metadata/chatgroup/{group_id}/get",
            "Get attributes of members of a group\(Front.note)",
            page: "根据属性 key 获取多个群成员的自定义属性 (group_member_attribute)")
    }

    static var maximumUsers: Int { 10 }

    let right = Right.member
    let users: [UserID]
    /// Nil: all.
    let names: [String]?

    init(_ call: Call) throws {
        let json = try call.object()
        guard let users = try json.users("targets"), !users.isEmpty else { throw Malformed("targets", .missing) }
        guard users.count <= Self.maximumUsers else { throw Refusal.memberAttribute("query param reaches limit.") }
        self.users = users
        let names = try json.texts("properties") ?? []
        self.names = names.isEmpty ? nil : names
    }

    func perform(_ call: Call, in group: GroupSnapshot) -> [Member] { self.users.compactMap { group.members[$0] } }

    func encode(_ members: [Member], _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                for member in members {
                    json.field(member.user.rawValue) { $0.texts(MemberAttributes.of(member, self.names)) }
                }
            }
        }
        .noEntities()
    }
}

extension Call {
    fileprivate func set(
        _ attributes: MemberAttributes, of user: UserID, in group: GroupSnapshot
    ) async throws {
        guard group.members[user] != nil else { throw Refusal.memberAttributeNotMember }
        try await self.core.changeMember(user, of: group.group.id, in: self.app.id, by: self.callingUser) { member, _ in
            try attributes.apply(to: &member)
        }
    }
}

extension Refusal {
    fileprivate static func memberAttribute(_ description: String) -> Refusal {
        Refusal(.badRequest, "metadata_error", description, exception: "MetadataException")
    }

    fileprivate static let memberAttributeNotMember = Refusal(
        .notFound, "metadata_error", "user not in group", exception: "MetadataException")
}

extension JSONWriter {
    /// `{"key":"value"}`
    mutating func texts(_ pairs: [(key: String, value: String)]) {
        self.object { json in
            for (key, value) in pairs { json.field(key, value) }
        }
    }
}
