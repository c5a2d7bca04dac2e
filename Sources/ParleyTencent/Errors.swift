import ParleyCore
import ParleyDialectKit

/// Which of the vendor's services is speaking: each has its own codes for one and the same refusal.
enum Area: Hashable, Sendable {
    case accounts
    case groups
    /// `create_group`: an id that is taken has two codes, depending on whose the group is.
    case groupCreation(owner: UserID?)
    case messages
    /// `sendmsg`: an unknown sender and an unknown recipient have different codes.
    case directMessage(from: UserID)
}

/// What this dialect refuses by itself, beyond the shape of a request: rules of the vendor's that the core need not know.
enum Refusal: Error, Hashable, Sendable {
    /// Groups of this type do not have the parameter.
    case parameterNotAllowed(String, in: GroupType)
    /// Groups of this type do not have the operation, recalling.
    case recallNotAllowed(in: GroupType)
    case topicsNotEnabled
    case readReceiptOfOnlineMessage
    case unknownAccount(UserID)
    case answerTooLong
    /// None of a batch's recipients could be written to.
    case noRecipientExists
    /// None of the accounts asked about exists.
    case noAccountExists
}

/// Everything that can go wrong before, in and beside the core, and what the caller is told: the only place with codes.
///
/// Sources: facts/tencent-im.md 1.2 (texts in use), 1.4, 2.4, 4.
enum Errors {
    /// One account of several that were asked for.
    static let accountNotFound = Failure(70107, "Err_TLS_PT_Open_Login_Account_Not_Exist")

    static func failure(for rejection: Rejection, in area: Area) -> Failure {
        switch (rejection, area) {
        case (.userNotFound(let user), .accounts): Failure(70107, "account \(user) does not exist")
        case (.userNotFound(let user), .groups), (.userNotFound(let user), .groupCreation):
            Failure(10019, "account \(user) does not exist")
        case (.userNotFound(let user), .directMessage(let sender)) where user == sender:
            Failure(20003, "invalid From_Account: account \(user) does not exist")
        case (.userNotFound, .messages), (.userNotFound, .directMessage): Failure(90012, "invalid To_Account")

        case (.userExists(let user), _): Failure(70402, "account \(user) exists already")
        case (.userInactive(let user), .accounts): Failure(70402, "account \(user) is deactivated")
        case (.userInactive(let user), .groups), (.userInactive(let user), .groupCreation):
            Failure(10007, "account \(user) is deactivated")
        case (.userInactive(let user), .messages), (.userInactive(let user), .directMessage):
            Failure(20003, "account \(user) is deactivated")

        case (.groupNotFound, _): Failure(10010, "this group does not exist")
        case (.groupExists(_, let owner), .groupCreation(let wanted)) where owner == wanted:
            Failure(10025, "group id has be used by youself!")
        case (.groupExists(let group, _), _): Failure(10021, "group id \(group) has been used by someone else")
        case (.groupFull(_, let capacity), _): Failure(10014, "the group is full: it takes \(capacity) members")
        case (.notMember(let user, let group), _): Failure(10019, "\(user) is not a member of group \(group)")
        case (.alreadyMember(let user, let group), _): Failure(10013, "\(user) is a member of group \(group) already")
        case (.keptOut(let user, let group), _): Failure(10007, "\(user) may not come into group \(group)")
        case (.notSupported(let type), _):
            Failure(10007, "groups of type \(type.tencentName) do not support this operation")
        case (.notPermitted, _): Failure(10007, "this operation is not permitted")
        case (.ownerMayNotLeave(let group), _): Failure(10009, "the owner of group \(group) may not leave it")
        case (.contactsFull(let user, let limit), _):
            Failure(30010, "\(user) has \(limit) friends, which is as many as may be")
        case (.pinsFull(let limit), _):
            Failure(10007, "the conversation has \(limit) pinned messages, which is as many as may be")
        case (.reactionExists, _): Failure(10007, "there is such a reaction already")
        case (.reactionsFull(let limit), _):
            Failure(10007, "the message has \(limit) kinds of reactions, which is as many as may be")
        case (.threadsFull(let limit), _): Failure(10007, "there are \(limit) threads, which is as many as may be")
        case (.threadMembershipsFull(let user, let limit), _):
            Failure(10007, "\(user) is in \(limit) threads, which is as many as may be")

        case (.senderMuted(let until), .groups), (.senderMuted(let until), .groupCreation):
            Failure(10017, "the sender is muted \(Self.until(until))")
        case (.senderMuted(let until), _): Failure(20012, "the sender is muted \(Self.until(until))")
        case (.groupMuted, _): Failure(10017, "all members of the group are muted")
        case (.groupDisabled, _): Failure(10017, "nobody may speak in the group")
        case (.senderNotMember(let user, let group), _): Failure(10007, "\(user) is not a member of group \(group)")
        case (.blockedByRecipient(let user), _): Failure(20007, "\(user) has blocked the sender")
        case (.tooFrequent, .groups): Failure(10023, "msg count exceeds limit,please retry later")
        case (.tooFrequent, _): Failure(60018, "requests are too frequent, please retry later")
        case (.refusedByCallback(let code, let reason), .groups),
            (.refusedByCallback(let code, let reason), .groupCreation):
            Self.refusal(code, reason, among: TencentCallbacks.groupCodes, else: 10016)
        case (.refusedByCallback(let code, let reason), _):
            Self.refusal(code, reason, among: TencentCallbacks.directCodes, else: 20006)
        case (.callbackFailed, _): Failure(80003, "the message was not sent: the callback to the App's backend failed")

        case (.messageNotFound, .groups): Failure(10030, "the message does not exist")
        case (.messageNotFound, _): Failure(20022, "the message does not exist")
        case (.alreadyRecalled, .groups): Failure(10032, "the message was recalled before")
        case (.alreadyRecalled, _): Failure(20023, "the message was recalled before")
        case (.recallWindowPassed, .groups): Failure(10031, "the message is too old to be recalled")
        case (.recallWindowPassed, _): Failure(20016, "the message is too old to be recalled")
        case (.notRecallable, .groups): Failure(10032, "this is no message that can be recalled")
        case (.notRecallable, _): Failure(20022, "this is no message that can be recalled")
        case (.notEditable, .groups): Failure(10032, "this is no message that can be modified")
        case (.notEditable, _): Failure(20022, "this is no message that can be modified")
        // The vendor has no such limit.
        case (.editLimitReached(let limit), .groups): Failure(10007, "the message was modified \(limit) times already")
        case (.editLimitReached(let limit), _): Failure(20022, "the message was modified \(limit) times already")
        case (.expansionFull(let limit), .groups): Failure(10007, "the message has \(limit) extensions already")
        case (.expansionFull(let limit), _): Failure(20022, "the message has \(limit) extensions already")
        case (.noReceipts, _): Failure(10062, "the message did not ask for read receipts")

        case (.fileNotFound, _), (.fileExpired, _), (.fileSecretWrong, _), (.fileTooLarge, _), (.fileUnreadable, _):
            Self.fault(in: area)
        case (.overloaded, _): Failure(60008, "service timeout or request format error,please check and try again")
        }
    }

    static func failure(for refusal: Refusal) -> Failure {
        switch refusal {
        case .parameterNotAllowed(let field, let type):
            Failure(10004, "\(field) is not allowed in a group of type \(type.tencentName)")
        case .recallNotAllowed(let type):
            Failure(10033, "messages of a group of type \(type.tencentName) cannot be recalled")
        case .topicsNotEnabled: Failure(11000, "TopicId: topics are not enabled for this group")
        case .readReceiptOfOnlineMessage:
            Failure(10061, "NeedReadReceipt: a message for those online only has no receipts")
        case .unknownAccount(let user): Failure(10019, "account \(user) does not exist")
        case .answerTooLong: Failure(10018, "the answer would exceed 1 MB, please ask for less")
        case .noRecipientExists: Failure(90012, "invalid To_Account")
        case .noAccountExists: Failure(70107, "none of the accounts exists")
        }
    }

    static func failure(for refusal: GateRefusal) -> Failure {
        switch refusal {
        case .unknownCommand(let path): Failure(60009, "unknown servicename or command in the URL: \(path)")
        case .methodNotPost(let method): Failure(60002, "HTTP parse Error: the method must be POST, not \(method)")
        case .queryUnreadable: Failure(60002, "HTTP parse Error: the query of the URL is not UTF-8")
        case .sdkAppIDMissing: Failure(60012, "sdkappid is missing from the URL")
        case .sdkAppIDNotNumber: Failure(60006, "sdkappid in the URL is not a number")
        case .sdkAppIDUnknown: Failure(70020, "sdkappid in the URL was not found")
        case .identifierMissing: Failure(60004, "identifier is missing from the URL")
        case .userSigMissing: Failure(60004, "usersig is missing from the URL")
        case .userSigEmpty: Failure(70002, "usersig in the URL is empty")
        case .userSigUnreadable:
            Failure(70003, "usersig cannot be decoded: it is incomplete, not percent-encoded, or no UserSig")
        case .userSigOfOtherApp(let other):
            Failure(70014, "sdkappid in the URL differs from the one in usersig (\(other))")
        case .userSigOfOtherAccount(let other):
            Failure(70013, "identifier in the URL differs from the one in usersig (\(other))")
        case .userSigWrong: Failure(70009, "usersig does not verify: it was made with the key of another SDKAppID")
        case .userSigExpired(let moment): Failure(70001, "usersig expired at \(moment.seconds) (Unix seconds)")
        case .userSigVoid: Failure(70052, "usersig has been invalidated, please generate a new one")
        case .notAdministrator(let identifier):
            Failure(60010, "identifier \(identifier) is not an administrator of the App")
        case .tooFrequent(let limit):
            Failure(60007, "too many calls of this command within \(limit.seconds) s, please retry later")
        }
    }

    static func failure(for malformed: Malformed, in area: Area) -> Failure {
        let text = Self.text(malformed)
        if malformed.field.isEmpty { return Self.unreadable(in: area) }
        if malformed.reason == .invalid, Self.isAccount(malformed.field) {
            return Failure(60015, "\(malformed.field): an account must be a String")
        }
        switch area {
        case .accounts: return Failure(Self.accountsCode(malformed), text)
        case .groups, .groupCreation: return Failure(Self.groupsCode(malformed), text)
        case .messages, .directMessage: return Failure(Self.messagesCode(malformed), text)
        }
    }

    /// What was said of a group message that was not taken. (Only this dialect has a code of its own noted.)
    static func failure(for cause: RefusedSend.Cause) -> Failure {
        if case .unreadable(let code, let reason) = cause { return Failure(code, reason) }
        return cause.rejection.map { self.failure(for: $0, in: .groups) } ?? self.fault(in: .groups)
    }

    /// What the service says when something of ours broke.
    static func fault(in area: Area) -> Failure {
        switch area {
        case .accounts: Failure(70500, "internal server error, please try again")
        case .groups, .groupCreation: Failure(10002, "internal server error, please try again")
        case .messages, .directMessage: Failure(91000, "internal server error, please try again")
        }
    }

    static func failure(for fault: TransportFault) -> Failure {
        switch fault {
        case .unreadable: Failure(60002, "HTTP parse Error")
        case .bodyTooLarge(let limit): Failure(60002, "HTTP parse Error: the body is longer than \(limit) bytes")
        case .timedOut, .overloaded:
            Failure(60008, "service timeout or request format error,please check and try again")
        }
    }
}

extension Errors {
    private static func unreadable(in area: Area) -> Failure {
        switch area {
        case .accounts: Failure(60003, "the body is not a JSON object")
        case .groups, .groupCreation: Failure(10011, "the body is not a JSON object")
        case .messages, .directMessage: Failure(90001, "Fail to Parse json data of body, Please check it")
        }
    }

    /// A backend's own code is passed on where the vendor lets it have one. The backend may also be another vendor's, with codes that mean something
    /// else here (0 would be success).
    private static func refusal(_ code: Int?, _ reason: String?, among codes: ClosedRange<Int>, else other: Int)
        -> Failure
    {
        Failure(
            code.flatMap { codes.contains($0) ? $0 : nil } ?? other,
            reason ?? "the App's backend refused this message in a callback")
    }

    private static func text(_ malformed: Malformed) -> String {
        switch malformed.reason {
        case .missing: "\(malformed.field): missing"
        case .invalid: "\(malformed.field): of the wrong type, or not a value that is allowed"
        case .tooLong(let limit): "\(malformed.field): longer than \(limit) bytes"
        case .tooMany(let limit): "\(malformed.field): more than \(limit) items"
        case .notAllowed(let other): "\(malformed.field): not allowed together with \(other)"
        case .unreadable: "\(malformed.field): unreadable"
        }
    }

    private static func accountsCode(_ malformed: Malformed) -> Int {
        switch (malformed.field, malformed.reason) {
        case (_, .tooMany): 70206
        case ("Nick", .tooLong), ("FaceUrl", .tooLong): 40601
        default: 70402
        }
    }

    private static func groupsCode(_ malformed: Malformed) -> Int {
        switch (malformed.field, malformed.reason) {
        case ("GroupId", .invalid), ("GroupId", .tooLong): 10015
        case ("MsgBody", .tooLong): 80002
        case ("GroupAtInfo", .tooMany): 10053
        case ("MemberList", .tooMany), ("MemberToDel_Account", .tooMany), ("Members_Account", .tooMany),
            ("User_Account", .tooMany):
            10005
        default: 10004
        }
    }

    private static func messagesCode(_ malformed: Malformed) -> Int {
        switch (malformed.field, malformed.reason) {
        case ("To_Account", .tooMany): 90011
        case ("To_Account", _): 90003
        case ("From_Account", _): 90008
        case ("MsgBody", .tooLong): 93000
        case ("MsgBody", .invalid): 90007
        case ("MsgBody", _): 90002
        case ("MsgRandom", _): 90005
        case ("MsgTimeStamp", _): 90006
        case ("SyncOtherMachine", _): 90031
        case ("MsgLifeTime", _): 90044
        case (let field, _) where field.hasSuffix("MsgKey") || field.hasPrefix("MsgKeyList"): 90054
        case (let field, _) where field.hasPrefix("MsgBody["): 90010
        case (let field, _) where field.hasPrefix("OfflinePushInfo"): 90043
        default: 90001
        }
    }

    /// Whether the field holds one account. (`To_Account` is left out: it is mostly a list, and has a code of its own where it is not.)
    private static func isAccount(_ field: String) -> Bool {
        guard let last = field.split(separator: ".").last else { return false }
        if last.hasSuffix("]") { return last.contains("_Account[") || last.hasPrefix("Accounts[") }
        return [
            "From_Account", "Member_Account", "Owner_Account", "NewOwner_Account", "GroupAt_Account", "UserID",
            "Identifier",
        ].contains(last)
    }

    private static func until(_ moment: Timestamp) -> String {
        moment >= .distantFuture ? "for ever" : "until \(moment.seconds) (Unix seconds)"
    }
}
