import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Why a call was refused, for whoever looks on.

extension Explanation {
    init(_ refusal: GateRefusal, _ request: WireRequest) {
        switch refusal {
        case .unknownCommand(let path): self = .noCommand(at: path)
        case .methodNotPost(let method):
            self.init(
                .route,
                Wording(
                    "It is a \(method), and this vendor's commands are POST.", "请求方法是 \(method)，而该厂商的接口均为 POST。"))
        case .queryUnreadable: self.init(.request, Wording("The query is not UTF-8.", "查询参数不是 UTF-8。"))
        case .sdkAppIDMissing:
            self.init(.app, Wording("`sdkappid` is missing in the query.", "查询参数缺少 `sdkappid`。"))
        case .sdkAppIDNotNumber: self.init(.app, Wording("`sdkappid` is no number.", "`sdkappid` 不是数字。"))
        case .sdkAppIDUnknown:
            self.init(.app, Wording("No App has this `sdkappid`.", "没有应用使用此 `sdkappid`。"))
        case .identifierMissing:
            self.init(.proof, Wording("`identifier` is missing in the query.", "查询参数缺少 `identifier`。"))
        case .userSigMissing, .userSigEmpty:
            self.init(
                .proof, Wording("`usersig` is missing in the query, or empty.", "查询参数缺少 `usersig`，或其为空。"))
        case .userSigUnreadable:
            self.init(
                .proof, Wording("`usersig` is no UserSig: it cannot be decoded.", "`usersig` 不是 UserSig：无法解码。"),
                [
                    Detail(
                        Wording("a UserSig is", "UserSig 应为"),
                        Wording(
                            "base64, with * - _ for + / =, of zlib of JSON",
                            "JSON 经 zlib 压缩后的 base64，其中 + / = 换为 * - _")),
                    .received(Self.userSig(of: request)),
                ])
        case .userSigOfOtherApp(let other):
            self.init(
                .proof, Wording("The UserSig was made for another SDKAppID.", "UserSig 属于另一个 SDKAppID。"),
                Self.details(of: request) + [Detail("made for", "属于", other)])
        case .userSigOfOtherAccount(let other):
            self.init(
                .proof, Wording("The UserSig is not that of `identifier`.", "UserSig 不属于 `identifier`。"),
                Self.details(of: request) + [Detail("it is of", "属于", other)])
        case .userSigWrong:
            self.init(
                .proof,
                Wording(
                    "The UserSig was not made with the App's secret key, or changed since.",
                    "UserSig 不是用此应用的密钥生成的，或生成后被改动。"), Self.details(of: request))
        case .userSigExpired(let end):
            self.init(
                .proof, Wording("The UserSig has expired.", "UserSig 已过期。"),
                Self.details(of: request) + [
                    Detail("expired at", "过期时间", "\(end.seconds) s"), .serverTime("\(request.receivedAt.seconds) s"),
                ])
        case .userSigVoid:
            self.init(
                .proof, Wording("The UserSig was made void: the user was kicked since.", "UserSig 已失效：用户此后被踢下线。"))
        case .notAdministrator(let account):
            self.init(
                .proof,
                Wording(
                    "The UserSig is right, and \(account) is not one of the App's administrators.",
                    "UserSig 正确，但 \(account) 不是应用的管理员。"), [Detail("identifier", account)])
        case .tooFrequent(let limit):
            self.init(
                .rate,
                Wording("More than \(limit.count) in \(limit.seconds) s.", "\(limit.seconds) 秒内超过了 \(limit.count) 次。"))
        }
    }

    init(_ refusal: Refusal) {
        switch refusal {
        case .parameterNotAllowed(let name, let type):
            self.init(
                .request, Wording("Groups of the type \(type) do not have `\(name)`.", "\(type) 类型的群组不支持 `\(name)`。"))
        case .recallNotAllowed(let type):
            self.init(
                .rules, Wording("In groups of the type \(type) nothing can be recalled.", "\(type) 类型的群组不支持撤回。"))
        case .topicsNotEnabled: self.init(.rules, Wording("There are no topics.", "未开启话题。"))
        case .readReceiptOfOnlineMessage:
            self.init(
                .request,
                Wording("A message for those online only has no read receipts.", "在线消息不支持已读回执。"))
        case .unknownAccount(let user):
            self.init(.rules, Wording("There is no user \(user).", "用户 \(user) 不存在。"))
        case .answerTooLong:
            self.init(
                .rules,
                Wording(
                    "The answer would be longer than this vendor's may be: ask for less.",
                    "应答超过该厂商的长度上限：请减少查询的数量。"))
        case .noRecipientExists:
            self.init(.rules, Wording("None of the recipients exists.", "所有接收者均不存在。"))
        case .noAccountExists: self.init(.rules, Wording("None of the accounts exists.", "所有账号均不存在。"))
        }
    }

    static func noCommand(at path: String) -> Explanation {
        Explanation(
            .route, Wording("There is no command at this path.", "此路径没有接口。"), [Detail("path", "路径", path)])
    }

    init(_ error: JSON.SyntaxError) {
        self.init(
            .request,
            Wording(
                "The body is not JSON: byte \(error.offset) cannot be.", "请求体不是 JSON：第 \(error.offset) 字节有误。"))
    }

    private static func userSig(of request: WireRequest) -> String {
        (try? Form(query: request.query))?["usersig"] ?? ""
    }

    /// What is signed, line by line, as it is in the signature that came. The MAC is not among it.
    private static func details(of request: WireRequest) -> [Detail] {
        let query = try? Form(query: request.query)
        guard let text = query?["usersig"], let signature = UserSig(decoding: text) else {
            return [.received(Self.userSig(of: request))]
        }
        var lines = [
            "TLS.identifier:\(signature.identifier)", "TLS.sdkappid:\(signature.sdkAppID)",
            "TLS.time:\(signature.issuedAtSeconds)", "TLS.expire:\(signature.lifetimeSeconds)",
        ]
        if let userbuf = signature.userbuf { lines.append("TLS.userbuf:\(userbuf)") }
        return [
            Detail("signed is", "签名内容", lines.map { $0 + "\\n" }.joined()),
            Detail(
                Wording("with", "算法"),
                Wording("HMAC-SHA256, key \(Self.mask)", "HMAC-SHA256，密钥 \(Self.mask)")),
            .received(text), Detail("sdkappid in the query", "查询参数 sdkappid", query?["sdkappid"] ?? ""),
            Detail("identifier in the query", "查询参数 identifier", query?["identifier"] ?? ""),
        ]
    }
}
