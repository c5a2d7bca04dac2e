import ParleyCore
import ParleyJSON

/// What a group's answer shows beside the group itself.
struct GroupInfo: Sendable {
    var group: Group
    var memberCount: Int
    var lastSequence: UInt64
    var lastMessageAt: Timestamp?
    var sdkAppID: String

    init(_ snapshot: GroupSnapshot, in core: Core, of caller: Caller) async throws {
        let conversation = ConversationID(app: caller.app.id, .group(snapshot.group.id))
        self.group = snapshot.group
        self.memberCount = snapshot.members.count
        self.lastSequence = try await core.log.lastSequence(of: conversation)
        self.lastMessageAt = try await core.log.entries(of: conversation, upTo: nil, limit: 1).first?.sentAt
        self.sdkAppID = caller.sdkAppID
    }
}

extension JSONWriter {
    /// The base fields of a group that pass the filter.
    mutating func members(of info: GroupInfo, filter: Filter) {
        let group = info.group
        if filter.admits("Type") { self.field("Type", group.type.tencentName) }
        if filter.admits("Name") { self.field("Name", group.name) }
        if filter.admits("Appid") { self.field("Appid", UInt64(info.sdkAppID) ?? 0) }
        if filter.admits("Introduction") { self.field("Introduction", group.summary) }
        if filter.admits("Notification") { self.field("Notification", group.announcement) }
        if filter.admits("FaceUrl") { self.field("FaceUrl", group.avatar) }
        if filter.admits("Owner_Account") { self.field("Owner_Account", group.owner?.rawValue ?? "") }
        if filter.admits("CreateTime") { self.field("CreateTime", group.createdAt.seconds) }
        if filter.admits("LastInfoTime") { self.field("LastInfoTime", group.updatedAt.seconds) }
        if filter.admits("LastMsgTime") { self.field("LastMsgTime", info.lastMessageAt?.seconds ?? 0) }
        if filter.admits("NextMsgSeq") { self.field("NextMsgSeq", info.lastSequence + 1) }
        if filter.admits("MemberNum") { self.field("MemberNum", info.memberCount) }
        // SDKs read it into 32 bits, signed.
        if filter.admits("MaxMemberNum") { self.field("MaxMemberNum", min(group.capacity, Int(Int32.max))) }
        if filter.admits("ApplyJoinOption"), group.type != .community {
            self.field("ApplyJoinOption", group.joinPolicy.tencentName)
        }
        if filter.admits("InviteJoinOption") { self.field("InviteJoinOption", group.inviteJoinOption.rawValue) }
        if filter.admits("MuteAllMember", "ShutUpAllMember") {
            self.field("MuteAllMember", group.isMuted ? "On" : "Off")
        }
    }

    mutating func appDefined(_ key: String, _ attributes: [String: String], filter: Filter) {
        let fields = AppDefined.fields(in: attributes).filter { filter.admits($0.key) }
        self.objects(key, fields) { json, field in
            json.field("Key", field.key)
            json.field("Value", field.value)
        }
    }

    mutating func members(of member: Member, mutedUntil: Timestamp?, filter: Filter, appDefined: Filter) {
        self.field("Member_Account", member.user.rawValue)
        if filter.admits("Role") { self.field("Role", member.role.tencentName) }
        if filter.admits("JoinTime") { self.field("JoinTime", member.joinedAt.seconds) }
        if filter.admits("MsgSeq") { self.field("MsgSeq", member.joinedAtSequence) }
        if filter.admits("MsgFlag") { self.field("MsgFlag", member.delivery.tencentName) }
        if filter.admits("LastSendMsgTime") { self.field("LastSendMsgTime", 0) }
        if filter.admits("MuteUntil", "ShutUpUntil") {
            self.field("MuteUntil", mutedUntil.map { $0.asMuteUntil } ?? 0)
        }
        if filter.admits("NameCard") { self.field("NameCard", member.nameCard) }
        if !AppDefined.fields(in: member.attributes).isEmpty {
            self.appDefined("AppMemberDefinedData", member.attributes, filter: appDefined)
        }
    }
}

extension Timestamp {
    /// Unix seconds in 32 bits; the greatest number is for ever.
    var asMuteUntil: UInt32 { UInt32(clamping: self.seconds) }

    /// What `MuteTime` asks for: nil ends the mute, the greatest number is for ever.
    static func muted(for seconds: UInt32, from now: Timestamp) -> Timestamp? {
        switch seconds {
        case 0: nil
        case .max: .distantFuture
        default: now.adding(seconds: Int64(seconds))
        }
    }
}

/// Which fields the caller wants to see; without a filter, all.
struct Filter: Hashable, Sendable {
    var names: Set<String>?

    static let all = Filter(names: nil)

    func admits(_ names: String...) -> Bool {
        guard let wanted = self.names else { return true }
        return names.contains(where: wanted.contains)
    }
}

extension GroupSnapshot {
    /// In the order of joining. Those who joined in the same second, as at the group's creation, have the owner before them.
    var membersInOrder: [Member] {
        self.members.values.sorted { one, other in
            if one.joinedAt.seconds == other.joinedAt.seconds, one.role == .owner || other.role == .owner {
                return one.role == .owner && other.role != .owner
            }
            return one.joinedAt != other.joinedAt ? one.joinedAt < other.joinedAt : one.user < other.user
        }
    }

    func mutedUntil(_ user: UserID, now: Timestamp) -> Timestamp? {
        self.mutes[user].flatMap { $0 > now ? $0 : nil }
    }
}
