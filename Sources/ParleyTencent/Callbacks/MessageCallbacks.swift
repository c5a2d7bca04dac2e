import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 发单聊消息之前/之后回调, 群内发言之前/之后回调, 单聊消息撤回后回调, 撤回群消息之后回调.
extension CallbackPacket {
    init?(after message: Message, _ entry: Entry, in subject: CallbackSubject) {
        let key = MsgKey(entry)
        switch entry.conversation.conversation {
        case .direct(let pair):
            self.init(.directAfterSend, from: message.origin, at: entry.sentAt) {
                $0.members(of: message, to: pair.peer(of: message.sender), key: key)
                $0.field("SendMsgResult", 0)
                $0.field("ErrorInfo", "send msg succeed")
                $0.unread(subject)
                // What is for those online only is not in the log.
                $0.body(of: message, isOnlineOnly: false)
            }
        case .group(let group):
            self.init(.groupAfterSend, from: message.origin, at: entry.sentAt) {
                $0.members(of: group, subject.group)
                $0.people(of: message, in: subject.app)
                $0.field("MsgSeq", key.sequence)
                $0.field("MsgTime", key.timeSeconds)
                $0.mentions(message.options.mention)
                $0.body(of: message, isOnlineOnly: false)
            }
        case .room, .system: return nil
        }
    }

    init?(before attempt: SendAttempt) {
        let message = attempt.send.message
        let isOnlineOnly = attempt.send.isEphemeral
        switch attempt.send.conversation {
        case .direct(let pair):
            self.init(.directBeforeSend, from: message.origin, at: attempt.id.sentAt) {
                $0.members(of: message, to: pair.peer(of: message.sender), key: MsgKey(attempt))
                $0.body(of: message, isOnlineOnly: isOnlineOnly)
            }
        case .group(let group):
            let hasOnlineOnly = attempt.group?.type.rules.allowsOnlineOnlyMessages ?? true
            self.init(.groupBeforeSend, from: message.origin, at: attempt.id.sentAt) {
                $0.members(of: group, attempt.group)
                $0.people(of: message, in: attempt.app)
                $0.body(of: message, isOnlineOnly: isOnlineOnly && hasOnlineOnly)
            }
        case .room, .system: return nil
        }
    }

    /// Nil also when the message is no longer there, and with it what names it.
    init?(_ recall: Recall, _ entry: Entry, in subject: CallbackSubject) {
        // Who recalls as an administrator does so through a server API. RongCloud's backends also recall in a user's name: these pass for him.
        let origin: MessageOrigin = recall.byAdministrator ? .server : .client
        switch entry.conversation.conversation {
        case .direct(let pair):
            guard let target = subject.target, let message = target.message else { return nil }
            self.init(.directAfterWithdrawal, from: origin, at: entry.sentAt) {
                $0.field("From_Account", message.sender.rawValue)
                $0.field("To_Account", pair.peer(of: message.sender).rawValue)
                $0.field("MsgKey", MsgKey(target).description)
                $0.unread(subject)
            }
        case .group(let group):
            guard let sequence = recall.targetSequence ?? subject.target?.sequence else { return nil }
            self.init(.groupAfterRecall, from: origin, at: entry.sentAt) {
                $0.field("Operator_Account", recall.by.rawValue)
                $0.members(of: group, subject.group)
                $0.objects("MsgSeqList", [sequence]) { $0.field("MsgSeq", $1) }
            }
        case .room, .system: return nil
        }
    }
}

extension MsgKey {
    /// What is not taken yet has no sequence. So that no two attempts are called the same (clients give no random), it is named by a part of its id
    /// that differs from any other's in the same quarter of an hour.
    fileprivate init(_ attempt: SendAttempt) {
        self.init(
            sequence: UInt64(UInt32(truncatingIfNeeded: attempt.id.rawValue)),
            random: attempt.send.message.options.random ?? 0, timeSeconds: attempt.id.sentAt.seconds)
    }
}

extension JSONWriter {
    /// `Type` is left out when the group is no longer there.
    mutating func members(of id: GroupID, _ group: Group?) {
        self.field("GroupId", id.rawValue)
        if let group { self.field("Type", group.type.tencentName) }
    }

    fileprivate mutating func members(of message: Message, to recipient: UserID, key: MsgKey) {
        self.field("From_Account", message.sender.rawValue)
        self.field("To_Account", recipient.rawValue)
        self.field("MsgSeq", key.sequence)
        self.field("MsgRandom", key.random)
        self.field("MsgTime", key.timeSeconds)
        self.field("MsgKey", key.description)
    }

    /// By now: what was said since counts too.
    fileprivate mutating func unread(_ subject: CallbackSubject) {
        if let unread = subject.unread { self.field("UnreadMsgNum", unread) }
    }

    /// Who is seen as the sender, and who it was.
    mutating func people(of message: Message, in app: App) {
        let caller =
            switch message.origin {
            case .client: message.sender
            case .server: app.callbackOperator ?? message.sender
            }
        self.field("From_Account", message.sender.rawValue)
        self.field("Operator_Account", caller.rawValue)
        self.field("Random", message.options.random ?? 0)
    }

    mutating func body(of message: Message, isOnlineOnly: Bool) {
        self.field("OnlineOnlyFlag", isOnlineOnly ? 1 : 0)
        self.field("MsgBody") { $0.msgBody(of: message) }
        self.field("CloudCustomData", message.options.attachment ?? "")
    }

    /// As `send_group_msg` has them. The vendor's page does not, but SDKs read them.
    fileprivate mutating func mentions(_ mention: Mention?) {
        guard let mention else { return }
        self.field("GroupAtInfo") { json in
            json.array { json in
                if mention.isOfEveryone { json.object { $0.field("GroupAtAllFlag", 1) } }
                for user in mention.named {
                    json.object {
                        $0.field("GroupAtAllFlag", 0)
                        $0.field("GroupAt_Account", user.rawValue)
                    }
                }
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

    fileprivate var named: [UserID] {
        switch self {
        case .everyone: []
        case .users(let users), .everyoneAnd(let users): users
        }
    }
}
