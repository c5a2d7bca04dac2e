import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The vendor's settings of a group and the core's, both ways. Source: facts/easemob-server.md 3.8.
extension Group {
    private enum Attribute {
        static let isPublic = "public"
        static let needsConfirmation = "invite_need_confirm"
        static let custom = "custom"
    }

    /// It can be found and joined. Groups that other dialects made are, unless they are by invitation only.
    var isPublic: Bool {
        get { self.attributes[Attribute.isPublic].map { $0 == "true" } ?? (self.type != .work) }
        set { self.attributes[Attribute.isPublic] = newValue ? "true" : "false" }
    }

    /// Joining needs an approval. Means something in public groups only.
    var isMembersOnly: Bool { self.joinPolicy == .approval }

    /// Those invited are asked first.
    var asksInvited: Bool {
        get { self.attributes[Attribute.needsConfirmation] != "false" }
        set { self.attributes[Attribute.needsConfirmation] = newValue ? "true" : "false" }
    }

    var custom: String {
        get { self.attributes[Attribute.custom] ?? "" }
        set { self.attributes[Attribute.custom] = newValue }
    }

    /// `public`, `membersonly` and `allowinvites` depend on each other: a private group is joined by invitation alone, and in a public one
    /// only the owner and administrators invite.
    mutating func setAccess(isPublic: Bool, isMembersOnly: Bool, membersMayInvite: Bool) {
        self.isPublic = isPublic
        self.joinPolicy = isPublic ? (isMembersOnly ? .approval : .free) : .disabled
        self.membersMayInvite = membersMayInvite && !isPublic
    }
}

/// What a caller may set of a group, when it is made and afterwards. The names of older SDKs count too.
struct GroupForm: Sendable {
    var name: String?
    var avatar: String?
    var description: String?
    var capacity: Int?
    var isMembersOnly: Bool?
    var membersMayInvite: Bool?
    var asksInvited: Bool?
    var isPublic: Bool?
    var custom: String?

    static let defaultCapacity = 200
    private static let maximumNameCharacters = 128
    private static let maximumDescriptionCharacters = 512
    private static let maximumAvatarCharacters = 1024
    private static let maximumCustomBytes = 8 * 1024

    /// - Throws: ``Malformed``
    init(_ json: JSON) throws {
        self.name = try json.textOrNumber("groupname") ?? json.textOrNumber("name")
        self.avatar = try json.text("avatar")
        self.description = try json.text("description") ?? json.text("desc")
        self.isMembersOnly =
            try json.looseFlag("membersonly") ?? json.looseFlag("members_only") ?? json.looseFlag("approval")
            ?? json.looseFlag("need_verify")
        self.membersMayInvite = try json.looseFlag("allowinvites")
        self.asksInvited = try json.looseFlag("invite_need_confirm")
        self.isPublic = try json.looseFlag("public")
        self.custom = try json.textOrNumber("custom")
        if let capacity = try json.number("maxusers") {
            guard (1...Int64(Int32.max)).contains(capacity) else { throw Malformed("maxusers", .invalid) }
            self.capacity = Int(capacity)
        }
        try Self.check(self.name?.count, "groupname", Self.maximumNameCharacters)
        try Self.check(self.description?.count, "description", Self.maximumDescriptionCharacters)
        try Self.check(self.avatar?.count, "avatar", Self.maximumAvatarCharacters)
        try Self.check(self.custom?.utf8.count, "custom", Self.maximumCustomBytes)
    }

    private static func check(_ length: Int?, _ field: String, _ limit: Int) throws(Malformed) {
        if let length, length > limit { throw Malformed(field, .tooLong(limit: limit)) }
    }

    func apply(to group: inout Group) {
        if let name = self.name { group.name = name }
        if let avatar = self.avatar { group.avatar = avatar }
        if let description = self.description { group.summary = description }
        if let capacity = self.capacity { group.capacity = capacity }
        if let asksInvited = self.asksInvited { group.asksInvited = asksInvited }
        if let custom = self.custom { group.custom = custom }
        if self.isPublic != nil || self.isMembersOnly != nil || self.membersMayInvite != nil {
            group.setAccess(
                isPublic: self.isPublic ?? group.isPublic,
                isMembersOnly: self.isMembersOnly ?? group.isMembersOnly,
                membersMayInvite: self.membersMayInvite ?? group.membersMayInvite)
        }
    }
}

extension GroupSnapshot {
    /// The owner first, then in the order of joining.
    var membersInOrder: [Member] {
        self.members.values.sorted { one, other in
            if one.role == .owner || other.role == .owner { return one.role == .owner && other.role != .owner }
            return one.joinedAt == other.joinedAt ? one.user < other.user : one.joinedAt < other.joinedAt
        }
    }
}

/// A member's place in the order of joining, which stays when others leave.
struct MemberPosition: Comparable, Sendable {
    let joinedAt: Timestamp
    let user: UserID

    /// - Parameter ownerIsFirst: he comes before all others, whenever he joined.
    init(_ member: Member, ownerIsFirst: Bool = false) {
        self.joinedAt = ownerIsFirst && member.role == .owner ? .distantPast : member.joinedAt
        self.user = member.user
    }

    init?(_ text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let milliseconds = Int64(parts[0]) else { return nil }
        (self.joinedAt, self.user) = (Timestamp(milliseconds: milliseconds), UserID(String(parts[1])))
    }

    var text: String { "\(self.joinedAt.milliseconds) \(self.user)" }

    static func < (one: MemberPosition, other: MemberPosition) -> Bool {
        (one.joinedAt, one.user) < (other.joinedAt, other.user)
    }
}

extension Call {
    /// Where an earlier page of members ended.
    func memberPosition() throws -> MemberPosition? {
        try self.cursor().map { text in
            guard let position = MemberPosition(text) else { throw Refusal.illegalArgument("cursor is illegal") }
            return position
        }
    }
}

extension JSONWriter {
    /// `[{"owner":"u1"},{"member":"u2"}]`
    mutating func affiliations(_ members: some Sequence<Member>, showsTimes: Bool = false) {
        self.array(members) { json, member in
            json.object { json in
                json.field(member.role == .owner ? "owner" : "member", member.user.rawValue)
                if showsTimes { json.field("joined_time", member.joinedAt.milliseconds) }
            }
        }
    }
}
