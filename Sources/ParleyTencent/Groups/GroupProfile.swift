import ParleyCore
import ParleyDialectKit

/// What a request says of a group: all of it optional, at creation as at a change.
struct GroupProfile: Sendable {
    var name: String?
    var introduction: String?
    var notification: String?
    var faceURL: String?
    var capacity: Int?
    var applyJoinOption: JoinPolicy?
    var inviteJoinOption: InviteJoinOption?
    var isMuted: Bool?
    var appDefined: [AppDefinedField]

    init(_ fields: Fields) throws(Malformed) {
        self.name = try fields.optionalString("Name", limitBytes: Limits.groupNameBytes)
        self.introduction = try fields.optionalString("Introduction", limitBytes: Limits.introductionBytes)
        self.notification = try fields.optionalString("Notification", limitBytes: Limits.notificationBytes)
        self.faceURL = try fields.optionalString("FaceUrl", limitBytes: Limits.groupFaceURLBytes)
        // `create_group` calls it a count, `modify_group_base_info` a number.
        self.capacity = try fields.uint32("MaxMemberCount", "MaxMemberNum").map(Int.init)
        self.applyJoinOption = try fields.choice("ApplyJoinOption", of: JoinPolicy.tencentNames)
        self.inviteJoinOption = try fields.choice("InviteJoinOption", of: InviteJoinOption.names)
        self.isMuted = try fields.choice("MuteAllMember", "ShutUpAllMember", of: ["On": true, "Off": false])
        self.appDefined = try fields.appDefined(
            "AppDefinedData", limit: Limits.groupFields, valueBytes: Limits.groupFieldValueBytes)
    }

    func apply(to group: inout Group) {
        if let name { group.name = name }
        if let introduction { group.summary = introduction }
        if let notification { group.announcement = notification }
        if let faceURL { group.avatar = faceURL }
        // What an AVChatRoom takes has no end; only Public groups ask who may apply (facts, section 5).
        if let capacity, capacity > 0, group.type.rules.listsMembers { group.capacity = capacity }
        if let applyJoinOption, group.type.rules.defaultJoinPolicy == .approval { group.joinPolicy = applyJoinOption }
        if let inviteJoinOption { group.inviteJoinOption = inviteJoinOption }
        if let isMuted { group.isMuted = isMuted }
        AppDefined.apply(self.appDefined, to: &group.attributes)
    }
}

extension Fields {
    /// `[{"Key":…,"Value":…}]`
    func appDefined(_ name: String, limit: Int, valueBytes: Int) throws(Malformed) -> [AppDefinedField] {
        var fields: [AppDefinedField] = []
        for item in try self.objects(name, limit: limit) {
            let key = try item.string("Key", limitBytes: Limits.groupFieldKeyBytes)
            let value = try item.optionalString("Value", limitBytes: valueBytes) ?? ""
            fields.append(AppDefinedField(key: key, value: value))
        }
        return fields
    }
}
