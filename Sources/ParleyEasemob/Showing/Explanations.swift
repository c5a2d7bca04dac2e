import NIOHTTP1
import ParleyCore
import ParleyDialectKit

// Why a call was refused, for whoever looks on.

extension Explanation {
    /// What an endpoint, the router or the rules throw.
    init(_ error: any Error) {
        switch error {
        case let malformed as Malformed: self.init(malformed)
        case let rejection as Rejection: self.init(rejection)
        case let refusal as Refusal: self.init(refusal)
        default: self = .fault
        }
    }

    private init(_ refusal: Refusal) {
        let check: Check =
            switch refusal.status {
            case .notFound, .methodNotAllowed: refusal.error == "organization_application_not_found" ? .app : .route
            case .unauthorized: .proof
            case .tooManyRequests, .serviceUnavailable: .rate
            case .forbidden: .rules
            default: .request
            }
        var details = [Detail("error", refusal.error)]
        if !refusal.allow.isEmpty {
            details.append(Detail("methods", "支持的方法", refusal.allow.joined(separator: ", ")))
        }
        self.init(check, Wording(refusal.description, Self.chinese(for: refusal, check)), details)
    }

    /// The vendor's own words are English: what they mean, or at least which check it was.
    private static func chinese(for refusal: Refusal, _ check: Check) -> String {
        switch refusal {
        case .reachedLimit, .messageRate: "调用超过频率限制。"
        case .overloaded: "服务器繁忙，暂不接受更多请求。"
        case .invalidBody: "请求体不正确，无法解析。"
        case .serviceResourceNotFound: "请求的资源不存在。"
        case .fileTooLarge: "文件超过大小上限。"
        case .forbiddenService: "不允许此操作。"
        default:
            switch check {
            case .app: "没有应用使用此 org_name 和 app_name。"
            case .route: refusal.allow.isEmpty ? "此路径没有接口，或资源不存在：\(refusal.description)" : "此路径不支持该请求方法。"
            case .proof: "凭证无效：\(refusal.description)"
            case .rate: "暂不受理：\(refusal.description)"
            case .rules: "规则不允许：\(refusal.description)"
            case .request, .fault: "请求不符合接口的要求：\(refusal.description)"
            }
        }
    }

    /// What the token is, and why it does not do.
    init(tokenOf call: Call, _ refusal: Refusal) {
        let header = call.request.header("Authorization")
        let words = (header ?? "").split(separator: " ").map(String.init)
        guard let text = words.last, words.count == 2, words[0].lowercased() == "bearer" else {
            self.init(
                .proof,
                header == nil
                    ? Wording("The header Authorization is missing.", "缺少请求头 Authorization。")
                    : Wording("Authorization is not `Bearer TOKEN`.", "Authorization 不是 `Bearer TOKEN` 的形式。"),
                [
                    Detail(
                        Wording("needed", "需要"),
                        Wording(
                            "Authorization: Bearer … (POST /token with the client id and secret)",
                            "Authorization: Bearer …（用 client id 和 client secret 调用 POST /token 获取）"))
                ])
            return
        }
        let what = Wording("it is", "它是")
        var details = [Detail.received(text)]
        let time = Detail.serverTime("\(call.now.milliseconds) ms")
        if let dynamic = DynamicToken(parsing: text) {
            details += [
                Detail(
                    what,
                    Wording(
                        "a dynamic token of the user \(dynamic.user), for \(dynamic.appKey)",
                        "用户 \(dynamic.user) 的动态 Token，属于 \(dynamic.appKey)")),
                Detail(
                    Wording("signed is", "签名内容"),
                    Wording(
                        "client id + appkey + userId + curTime + ttl + client secret, which is \(Self.mask)",
                        "client id + appkey + userId + curTime + ttl + client secret（\(Self.mask)）")),
                Detail("valid until", "有效期至", "\(dynamic.expiresAt.milliseconds) ms"), time,
            ]
        } else if let token = Token(parsing: text) {
            details += [
                Detail(what, token.principal.words),
                Detail(
                    Wording("of this App", "属于此应用"), .answer(token.application == .application(call.app.id))),
                Detail(
                    Wording("signed with its client secret", "用其 client secret 签名"),
                    .answer(token.isGenuine(secret: call.credential.secret))),
                Detail("issued at", "签发时间", "\(token.issuedAt.milliseconds) ms"),
                Detail(
                    Wording("valid until", "有效期至"),
                    token.lifetimeSeconds == 0
                        ? Wording("for ever", "永久") : Wording(verbatim: "\(token.expiresAt.milliseconds) ms")), time,
            ]
        } else {
            details.append(Detail(what, Wording("no token of this server", "不是此服务器的 Token")))
        }
        self.init(.proof, Self.words(for: refusal), details)
    }

    private static func words(for refusal: Refusal) -> Wording {
        switch refusal {
        case .tokenExpired: Wording("The token has expired, or was made void.", "Token 已过期，或已被作废。")
        case .tokenCorrupt: Wording("The token cannot be read.", "Token 无法解析。")
        case .tokenForeign:
            Wording(
                "The token was not issued by this App, or its client secret has changed since.",
                "Token 不是此应用签发的，或其 client secret 已更换。")
        case .unauthenticated:
            Wording("The token is right, and is not of one who may do this.", "Token 正确，但其持有者没有此权限。")
        default: Wording(refusal.description, "凭证无效：\(refusal.description)")
        }
    }
}

extension Wording {
    fileprivate static func answer(_ isSo: Bool) -> Wording { isSo ? Wording("yes", "是") : Wording("no", "否") }
}

extension Token.Principal {
    fileprivate var words: Wording {
        switch self {
        case .application: Wording("an App token", "App Token")
        case .user(let user): Wording("a token of the user \(user)", "用户 \(user) 的 Token")
        }
    }
}
