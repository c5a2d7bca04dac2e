package import ParleyCore
import ParleyJSON

/// What happens to groups and rooms, as MUC. Source: facts/easemob-client.md 5, MUC.
extension ClientSpelling {
    private enum Operation: Int32 {
        case destroy = 1
        case apply = 4
        case acceptApplication = 5
        case declineApplication = 6
        case invite = 7
        case acceptInvitation = 8
        case declineInvitation = 9
        case kick = 10
        case ban = 12
        case allow = 13
        case update = 14
        case presence = 17
        case absence = 18
        case directJoined = 19
        case assignOwner = 20
        case addAdministrator = 21
        case removeAdministrator = 22
        case addMute = 23
        case removeMute = 24
        case updateAnnouncement = 25
        case deleteAnnouncement = 26
        case uploadFile = 27
        case deleteFile = 28
        case addToAllowlist = 29
        case removeFromAllowlist = 30
        case muteAll = 31
        case unmuteAll = 32
        case disable = 41
        case enable = 42
        case setAttributes = 43
        case removeAttributes = 44
        case memberAttributes = 45
    }

    /// - Parameter id: makes an id for each.
    /// - Returns: nothing, where clients are not told of it.
    package func metas(of happening: GroupHappening, id: () -> MessageID) -> [WireMeta] {
        let group = happening.group
        let actor = happening.by ?? group.owner ?? UserID("admin")
        func meta(
            _ operation: Operation, from: UserID? = nil, to users: [UserID] = [],
            _ fill: (inout WireMUCBody) -> Void = { _ in }
        ) -> WireMeta {
            let id = id()
            var body = WireMUCBody()
            body.mucID = self.jid(conference: group.id.easemob)
            body.operation = operation.rawValue
            body.from = self.jid(from ?? actor)
            body.to = (users.isEmpty ? [self.user] : users).map(self.jid)
            body.isChatroom = group.id.isEasemobRoom
            body.mucName = group.name
            fill(&body)
            return self.meta(id, .muc, body.wireBytes, from: body.mucID)
        }
        switch happening.kind {
        case .created(let members, _):
            guard members.contains(self.user), self.user != actor else { return [] }
            return [meta(.directJoined)]
        case .dissolved: return [meta(.destroy)]
        case .joined(let users, let count):
            if users.contains(self.user) {
                return actor == self.user || happening.by == self.user ? [] : [meta(.directJoined)]
            }
            return users.map { user in meta(.presence, from: user) { $0.mucMemberCount = Int32(clamping: count) } }
        case .left(let users):
            return users.filter { $0 != self.user }.map { meta(.absence, from: $0) }
        case .removed(let users):
            if users.contains(self.user) { return [meta(.kick, to: [self.user])] }
            return users.map { meta(.absence, from: $0) }
        case .owner(let former):
            return [meta(.assignOwner, from: former ?? actor, to: group.owner.map { [$0] } ?? [])]
        case .administrators(let users, let added):
            return users.map { meta(added ? .addAdministrator : .removeAdministrator, to: [$0]) }
        case .muted(let users, let until):
            let time = max(0, until.milliseconds - id().sentAt.milliseconds)
            // SDKs look for it in either place.
            let ext = #"{"user_mute_time":\#(time)}"#
            return [
                meta(.addMute, to: users) { body in
                    body.eventInfo.ext = ext
                    body.ext = ext
                }
            ]
        case .unmuted(let users): return [meta(.removeMute, to: users)]
        case .speakers(let users, let added): return [meta(added ? .addToAllowlist : .removeFromAllowlist, to: users)]
        case .keptOut(let users, let until):
            return users.contains(self.user) ? [meta(until == nil ? .allow : .ban, to: [self.user])] : []
        case .applied(let user, let reason): return [meta(.apply, from: user) { $0.reason = reason }]
        case .applicationAnswered(_, let isAccepted, let reason):
            return [meta(isAccepted ? .acceptApplication : .declineApplication) { $0.reason = reason }]
        case .invited(_, let reason): return [meta(.invite) { $0.reason = reason }]
        case .invitationAnswered(let user, let isAccepted, let reason):
            return [meta(isAccepted ? .acceptInvitation : .declineInvitation, from: user) { $0.reason = reason }]
        case .file(let id, let isShared): return [meta(isShared ? .uploadFile : .deleteFile) { $0.reason = id }]
        case .memberAttributes(let user, let attributes):
            let shown = MemberAttributes.shown(attributes)
            guard !shown.isEmpty else { return [] }
            let ext = JSONWriter.object { json in
                json.field("username", user.rawValue)
                json.field("properties") { $0.texts(shown) }
            }
            return [meta(.memberAttributes, from: user) { $0.eventInfo.ext = String(decoding: ext, as: UTF8.self) }]
        case .attributesSet(let attributes):
            return [meta(.setAttributes) { $0.eventInfo.ext = Self.attributes(attributes) }]
        case .attributesRemoved(let keys):
            let removed = Dictionary(keys.map { ($0, "") }) { first, _ in first }
            return [meta(.removeAttributes) { $0.eventInfo.ext = Self.attributes(removed) }]
        case .changed(let former):
            return self.changes(from: former, to: group).map { operation, fill in meta(operation, fill) }
        case .full: return []
        }
    }

    private static func attributes(_ attributes: [String: String]) -> String {
        let json = JSONWriter.object { json in
            json.field("properties") { $0.texts(attributes) }
            json.field("result") { json in json.object { $0.field("successKeys", attributes.keys.sorted()) } }
        }
        return String(decoding: json, as: UTF8.self)
    }

    /// One for each thing that clients have a word for, and one for all the rest.
    private func changes(from former: Group, to group: Group) -> [(Operation, (inout WireMUCBody) -> Void)] {
        var changes: [(Operation, (inout WireMUCBody) -> Void)] = []
        var rest = former
        rest.updatedAt = group.updatedAt
        if former.announcement != group.announcement {
            changes.append(
                (
                    group.announcement.isEmpty ? .deleteAnnouncement : .updateAnnouncement,
                    { $0.reason = group.announcement }
                ))
            rest.announcement = group.announcement
        }
        if former.isMuted != group.isMuted {
            changes.append((group.isMuted ? .muteAll : .unmuteAll, { _ in }))
            rest.isMuted = group.isMuted
        }
        if former.isDisabled != group.isDisabled {
            changes.append((group.isDisabled ? .disable : .enable, { _ in }))
            rest.isDisabled = group.isDisabled
        }
        if rest != group { changes.append((.update, { $0.fill(with: group) })) }
        return changes
    }
}

extension WireMUCBody {
    fileprivate mutating func fill(with group: Group) {
        self.setting.name = group.name
        self.setting.desc = group.summary
        self.setting.maxUsers = Int32(clamping: group.capacity)
        if let owner = group.owner { self.setting.owner = owner.rawValue }
        let ext = JSONWriter.object { json in
            json.field("name", group.name)
            json.field("description", group.summary)
            json.field("public", group.isPublic)
            json.field("members_only", group.isMembersOnly)
            json.field("allow_user_invites", group.membersMayInvite)
            json.field("max_users", Int64(clamping: group.capacity))
            json.field("invite_need_confirm", group.asksInvited)
            json.field("custom", group.custom)
            json.field("last_modified", group.updatedAt.milliseconds)
        }
        self.eventInfo.ext = String(decoding: ext, as: UTF8.self)
    }
}

extension JSONWriter {
    fileprivate mutating func texts(_ texts: [String: String]) {
        self.object { json in
            for (key, text) in texts.sorted(by: { $0.key < $1.key }) { json.field(key, text) }
        }
    }
}
