import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 群内发送普通消息: says something in a group, in the name of the administrator or of any account that there is. Neither needs to be a member.
///
/// Source: seeds/tencent-send-group-msg.txt; facts/tencent-im.md, section 2.
struct SendGroupMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/send_group_msg", "Send an ordinary message in a group",
        page: Page.sendGroupMsg,
        .partial("TopicId is refused: there are no topics; OnlineOnlyFlag messages are not deduplicated"))

    var group: GroupID
    var sender: UserID
    var random: UInt32
    var priority: Priority
    var fields: MessageFields
    var targets: [UserID]
    var mention: Mention?
    var hasTopic: Bool
    var wantsReadReceipts: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        self.random = try fields.requiredUInt32("Random")
        self.priority = try Self.priority(fields)
        self.fields = try MessageFields(fields, controls: SendMsgControl.ofGroups)
        self.sender = try fields.optionalAccount("From_Account") ?? caller.identifier
        self.targets = try fields.accounts("To_Account", limit: Limits.targets)
        self.mention = try Self.mention(fields)
        self.hasTopic = try fields.hasTopic
        self.wantsReadReceipts = try fields.flag("NeedReadReceipt")
    }

    /// Upper and lower case differ. SDKs' own tests send a priority that there is not ("first"), so that is taken for Normal.
    private static func priority(_ fields: Fields) throws(Malformed) -> Priority {
        switch try fields.optionalString("MsgPriority") {
        case "High": .high
        case "Low": .low
        case "Lowest": .lowest
        default: .normal
        }
    }

    /// In the order of the @ signs in the text.
    private static func mention(_ fields: Fields) throws(Malformed) -> Mention? {
        let items = try fields.objects("GroupAtInfo", limit: Limits.mentions)
        var users: [UserID] = []
        var mentionsEveryone = false
        for item in items {
            if try item.flag("GroupAtAllFlag") {
                mentionsEveryone = true
            } else {
                users.append(try item.account("GroupAt_Account"))
            }
        }
        if mentionsEveryone { return users.isEmpty ? .everyone : .everyoneAnd(users) }
        return users.isEmpty ? nil : .users(users)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> Receipt {
        guard let group = try await context.core.directory.group(self.group, in: caller.app.id) else {
            // The core says no, and tells the backend where it wants to know of that.
            return try await context.core.send(
                Send(
                    app: caller.app.id, conversation: .group(self.group), message: self.message(in: .public),
                    isEphemeral: self.fields.isOnlineOnly, checks: .groupExists))
        }
        let type = group.group.type
        try self.check(against: type)
        return try await context.core.send(
            Send(
                app: caller.app.id, conversation: .group(self.group), message: self.message(in: type),
                // An AVChatRoom does not have the flag; there it is ignored (facts 2.1).
                isEphemeral: self.fields.isOnlineOnly && type.rules.allowsOnlineOnlyMessages,
                checks: self.checks(by: caller),
                deduplication: DeduplicationKey(
                    "tencent|\(self.sender)|\(self.random)|\(self.fields.digest)", lifetimeSeconds: 300)))
    }

    /// What groups of some types do not have. The page says what is forbidden, and not what code that gets: 10004 it is.
    private func check(against type: GroupType) throws {
        let rules = type.rules
        if self.hasTopic { throw Refusal.topicsNotEnabled }
        if !self.targets.isEmpty, !rules.allowsTargetedMessages {
            throw Refusal.parameterNotAllowed("To_Account", in: type)
        }
        if self.fields.controls.contains(.noLastMsg), !rules.keepsMessages {
            throw Refusal.parameterNotAllowed("SendMsgControl NoLastMsg", in: type)
        }
        if self.fields.controls.contains(.noUnread), !rules.allowsUnreadControl {
            throw Refusal.parameterNotAllowed("SendMsgControl NoUnread", in: type)
        }
        if !self.fields.controls.isEmpty, self.fields.isOnlineOnly {
            throw Malformed("SendMsgControl", .notAllowed(with: "OnlineOnlyFlag"))
        }
        if !rules.allowsMentioningEveryone, self.mention?.isOfEveryone == true {
            throw Refusal.parameterNotAllowed("GroupAtAllFlag 1", in: type)
        }
        if self.wantsReadReceipts, !rules.allowsReadReceipts {
            throw Refusal.parameterNotAllowed("NeedReadReceipt", in: type)
        }
        if self.wantsReadReceipts, self.fields.isOnlineOnly { throw Refusal.readReceiptOfOnlineMessage }
    }

    private func message(in type: GroupType) -> Message {
        var message = self.fields.message(from: self.sender, random: self.random)
        message.options.priority = self.priority
        message.options.mention = self.mention
        message.options.wantsReadReceipts = self.wantsReadReceipts
        // Extensions are had by the same types of group as read receipts.
        message.options.isExpandable = self.fields.isExtensible && type.rules.allowsReadReceipts
        if !self.targets.isEmpty {
            message.audience = .only(self.targets)
            // Those named and nobody else: not even the sender's own devices.
            message.options.reachesSender = self.targets.contains(self.sender)
            message.options.countsAsUnread = false
        }
        return message
    }

    /// Administrators of the App are known without having been imported, and speak where everyone else is muted.
    private func checks(by caller: Caller) -> Send.Checks {
        let isAdministrator = caller.administrators.contains(self.sender)
        return isAdministrator ? [.groupExists, .frequency] : [.senderExists, .groupExists, .mutes, .frequency]
    }

    /// The vendor calls back about wrong parameters too (`Group.CallbackSendMsgException`).
    static func wasRefused(_ request: JSON, with failure: Failure, by caller: Caller, in context: DialectContext) {
        context.core.note(in: caller.app.id) { RefusedSend(request, failure, by: caller) }
    }

    func encode(_ receipt: Receipt) -> Envelope {
        .ok {
            $0.field("MsgTime", receipt.sentAt.seconds)
            // What is not stored takes no sequence.
            $0.field("MsgSeq", receipt.sequence ?? 0)
            switch receipt.dropped {
            case .frequency: $0.field("MsgDropReason", "MsgFreqCtrl")
            case nil: break
            }
        }
    }
}

extension Mention {
    fileprivate var isOfEveryone: Bool {
        switch self {
        case .everyone, .everyoneAnd: true
        case .users: false
        }
    }
}
