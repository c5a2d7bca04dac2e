package import ParleyCore

/// Why a call was refused: which check said no, and what it looked at. For people.
package struct Explanation: Hashable, Sendable {
    package var check: Check
    /// One sentence.
    package var reason: Wording
    package var details: [Detail]

    package enum Check: String, Hashable, Sendable, CaseIterable {
        /// There is no such endpoint, or not with this method.
        case route
        /// Which App it is.
        case app
        /// The proof that the call comes from the App's backend: a signature or a token.
        case proof
        case rate
        /// It cannot be read, or passes one of the vendor's limits.
        case request
        /// The rules say no.
        case rules
        /// The server failed; its log says more.
        case fault
    }

    package struct Detail: Hashable, Sendable {
        package var name: Wording
        package var value: Wording

        package init(_ name: Wording, _ value: Wording) {
            self.name = name
            self.value = value
        }

        /// What was found, as it is.
        package init(_ english: String, _ chinese: String, _ value: String) {
            self.init(Wording(english, chinese), Wording(verbatim: value))
        }

        /// The same for what has a name of the vendor's: a header, a parameter.
        package init(_ name: String, _ value: String) {
            self.init(Wording(verbatim: name), Wording(verbatim: value))
        }
    }

    package init(_ check: Check, _ reason: Wording, _ details: [Detail] = []) {
        self.check = check
        self.reason = reason
        self.details = details
    }

    /// Stands where a secret was.
    package static let mask = "********"

    /// The beginning of what proves something, so that it can be told from another: never more than a third of it, and at most 6 characters.
    package static func masked(_ proof: String) -> String {
        proof.isEmpty ? "" : proof.prefix(min(6, proof.count / 3)) + Self.mask
    }
}

extension Explanation {
    package init(_ malformed: Malformed) {
        let field = malformed.field
        let name = field.isEmpty ? Wording("The body", "请求体") : Wording("`\(field)`", "`\(field)` ")
        let words =
            switch malformed.reason {
            case .missing: Wording("is missing", "缺失")
            case .invalid:
                Wording("has not the type or one of the values that it may have", "的类型或取值不正确")
            case .tooLong(let limit): Wording("is longer than \(limit)", "的长度超过 \(limit)")
            case .tooMany(let limit): Wording("has more items than \(limit)", "的数量超过 \(limit)")
            case .notAllowed(let other): Wording("does not go together with `\(other)`", "不能与 `\(other)` 同时使用")
            case .unreadable: Wording("cannot be read", "无法解析")
            }
        self.init(
            .request,
            Wording("\(name.english) \(words.english).", "\(name.chinese)\(words.chinese)。"),
            field.isEmpty ? [] : [Detail("field", "字段", field)])
    }

    package init(_ rejection: Rejection) { self.init(.rules, rejection.words) }

    /// What could not be read whole.
    package init(_ fault: TransportFault) {
        switch fault {
        case .bodyTooLarge(let limit):
            self.init(
                .request,
                Wording(
                    "The body is longer than \(limit) bytes, and was not read to its end.",
                    "请求体超过 \(limit) 字节，未读取完。"), [.limit("\(limit) bytes", "\(limit) 字节")])
        case .timedOut:
            self.init(.request, Wording("The request did not arrive whole in time.", "请求未能按时完整到达。"))
        case .unreadable:
            self.init(
                .request,
                Wording(
                    "It is not HTTP, or has more or longer headers than are read.",
                    "不是有效的 HTTP 请求，或请求头过多、过长。"))
        case .overloaded: self.init(Rejection.overloaded)
        }
    }

    package static let fault = Explanation(
        .fault, Wording("The server failed; its log says more.", "服务器内部错误，详见服务器日志。"))
}

extension Explanation.Detail {
    /// A proof that came, masked.
    package static func received(_ proof: String) -> Explanation.Detail {
        let shown = Explanation.masked(proof)
        return Explanation.Detail(
            Wording("received", "收到"),
            Wording("\(shown) (\(proof.count) characters)", "\(shown)（\(proof.count) 个字符）"))
    }

    /// To be compared with a time of the call's, in the same unit.
    package static func serverTime(_ value: String) -> Explanation.Detail {
        Explanation.Detail("server's time", "服务器时间", value)
    }

    static func limit(_ english: String, _ chinese: String) -> Explanation.Detail {
        Explanation.Detail(Wording("limit", "上限"), Wording(english, chinese))
    }
}

extension Rejection {
    /// For people.
    fileprivate var words: Wording {
        switch self {
        case .userNotFound(let user): Wording("There is no user \(user).", "用户 \(user) 不存在。")
        case .userExists(let user): Wording("There is a user \(user) already.", "用户 \(user) 已存在。")
        case .userInactive(let user): Wording("The user \(user) may not log in.", "用户 \(user) 被禁止登录。")
        case .groupNotFound(let group): Wording("There is no group \(group).", "群组 \(group) 不存在。")
        case .groupExists(let group, _): Wording("There is a group \(group) already.", "群组 \(group) 已存在。")
        case .groupFull(let group, let capacity):
            Wording(
                "The group \(group) has room for \(capacity) members, and is full.",
                "群组 \(group) 已满，最多 \(capacity) 人。")
        case .notMember(let user, let group), .senderNotMember(let user, let group):
            Wording("\(user) is not a member of the group \(group).", "\(user) 不是群组 \(group) 的成员。")
        case .alreadyMember(let user, let group):
            Wording("\(user) is a member of the group \(group) already.", "\(user) 已是群组 \(group) 的成员。")
        case .keptOut(let user, let group):
            Wording("\(user) is kept out of the group \(group).", "\(user) 被禁止加入群组 \(group)。")
        case .notSupported(let type):
            Wording("Groups of the type \(type) do not have this.", "\(type) 类型的群组不支持此操作。")
        case .notPermitted:
            Wording("The one in whose name it is asked has not the role for it.", "操作者的角色没有此权限。")
        case .ownerMayNotLeave(let group):
            Wording("The owner may not leave the group \(group).", "群主不能退出群组 \(group)。")
        case .contactsFull(let user, let limit):
            Wording(
                "\(user) has \(limit) contacts, which is as many as may be.", "\(user) 的好友已达上限 \(limit) 个。")
        case .senderMuted(.distantFuture): Wording("The sender is muted.", "发送者被禁言。")
        case .senderMuted(let until):
            Wording(
                "The sender is muted until \(until.milliseconds) ms after 1970.",
                "发送者被禁言，至 1970 年后 \(until.milliseconds) 毫秒。")
        case .groupMuted(let group):
            Wording("All members of the group \(group) are muted.", "群组 \(group) 已全员禁言。")
        case .groupDisabled(let group): Wording("The group \(group) is disabled.", "群组 \(group) 已被封禁。")
        case .blockedByRecipient(let user):
            Wording("\(user) has blocked the sender.", "发送者在 \(user) 的黑名单中。")
        case .tooFrequent: Wording("Too many messages in a short time.", "短时间内消息过多。")
        case .refusedByCallback(let code, let reason):
            Wording(
                "The App's backend was asked, and refused: \(reason ?? "no reason given")"
                    + (code.map { " (code \($0))." } ?? "."),
                "应用后端在回调中拒绝：\(reason ?? "未说明原因")" + (code.map { "（错误码 \($0)）。" } ?? "。"))
        case .callbackFailed:
            Wording(
                "The App's backend was to be asked, and did not answer as it should.", "回调应用后端失败，未得到有效应答。")
        case .messageNotFound: Wording("There is no such message.", "消息不存在。")
        case .alreadyRecalled: Wording("The message was recalled before.", "消息已被撤回。")
        case .recallWindowPassed: Wording("The message is too old to be recalled.", "消息已超过可撤回的时限。")
        case .notRecallable: Wording("It is not a message that can be recalled.", "该消息不能撤回。")
        case .pinsFull(let limit):
            Wording(
                "The conversation has \(limit) pinned messages, which is as many as may be.",
                "会话的置顶消息已达上限 \(limit) 条。")
        case .reactionExists:
            Wording("The user has reacted to the message in this way already.", "用户已对该消息添加过此表情回复。")
        case .reactionsFull(let limit):
            Wording(
                "The message has \(limit) kinds of reactions, which is as many as may be.",
                "消息的表情回复已达上限 \(limit) 种。")
        case .threadsFull(let limit):
            Wording("The App has \(limit) threads, which is as many as may be.", "应用的子区已达上限 \(limit) 个。")
        case .threadMembershipsFull(let user, let limit):
            Wording(
                "\(user) is in \(limit) threads, which is as many as may be.", "\(user) 加入的子区已达上限 \(limit) 个。")
        case .notEditable: Wording("It is not a message that can be changed.", "该消息不能修改。")
        case .editLimitReached(let limit):
            Wording(
                "The message was changed \(limit) times, which is as often as may be.", "消息的修改次数已达上限 \(limit) 次。")
        case .expansionFull(let limit):
            Wording("The message's expansion may have \(limit) keys.", "消息扩展最多 \(limit) 个键。")
        case .noReceipts: Wording("The message did not ask for read receipts.", "该消息未要求已读回执。")
        case .fileNotFound: Wording("There is no such file.", "文件不存在。")
        case .fileExpired: Wording("The file is kept no longer.", "文件已过期。")
        case .fileSecretWrong: Wording("The file's secret is wrong.", "文件的访问密钥不正确。")
        case .fileTooLarge(let limit):
            Wording("The file is larger than \(limit) bytes.", "文件超过 \(limit) 字节。")
        case .fileUnreadable: Wording("The file cannot be read.", "文件无法读取。")
        case .overloaded: Wording("The server takes no more work just now.", "服务器繁忙，暂不接受更多请求。")
        }
    }
}
