import ParleyCore
import ParleyDialectKit

// Why a call was refused, for whoever looks on.

extension Explanation {
    init(_ refusal: GateRefusal, _ request: WireRequest) {
        switch refusal {
        case .unknownCommand(let path): self.init(.route, "There is no command at this path.", ["path": path])
        case .methodNotPost(let method): self.init(.route, "It is a \(method), and this vendor's commands are POST.")
        case .queryUnreadable: self.init(.request, "The query is not UTF-8.")
        case .sdkAppIDMissing: self.init(.app, "`sdkappid` is missing in the query.")
        case .sdkAppIDNotNumber: self.init(.app, "`sdkappid` is no number.")
        case .sdkAppIDUnknown: self.init(.app, "No App has this `sdkappid`.")
        case .identifierMissing: self.init(.proof, "`identifier` is missing in the query.")
        case .userSigMissing, .userSigEmpty: self.init(.proof, "`usersig` is missing in the query, or empty.")
        case .userSigUnreadable:
            self.init(
                .proof, "`usersig` is no UserSig: it cannot be decoded.",
                [
                    ("a UserSig is", "base64, with * - _ for + / =, of zlib of JSON"),
                    ("received", Self.received(request)),
                ])
        case .userSigOfOtherApp(let other):
            self.init(
                .proof, "The UserSig was made for another SDKAppID.", Self.details(of: request) + [("made for", other)])
        case .userSigOfOtherAccount(let other):
            self.init(
                .proof, "The UserSig is not that of `identifier`.", Self.details(of: request) + [("it is of", other)])
        case .userSigWrong:
            self.init(
                .proof, "The UserSig was not made with the App's secret key, or changed since.",
                Self.details(of: request))
        case .userSigExpired(let end):
            self.init(
                .proof, "The UserSig has expired.",
                Self.details(of: request) + [
                    ("expired at", "\(end.seconds) s"), ("server's time", "\(request.receivedAt.seconds) s"),
                ])
        case .userSigVoid: self.init(.proof, "The UserSig was made void: the user was kicked since.")
        case .notAdministrator(let account):
            self.init(
                .proof, "The UserSig is right, and \(account) is not one of the App's administrators.",
                [("identifier", account)])
        case .tooFrequent(let limit): self.init(.rate, "More than \(limit.count) in \(limit.seconds) s.")
        }
    }

    init(_ refusal: Refusal) {
        switch refusal {
        case .parameterNotAllowed(let name, let type):
            self.init(.request, "Groups of the type \(type) do not have `\(name)`.")
        case .recallNotAllowed(let type): self.init(.rules, "In groups of the type \(type) nothing can be recalled.")
        case .topicsNotEnabled: self.init(.rules, "There are no topics.")
        case .readReceiptOfOnlineMessage: self.init(.request, "A message for those online only has no read receipts.")
        case .unknownAccount(let user): self.init(.rules, "There is no user \(user).")
        case .answerTooLong: self.init(.rules, "The answer would be longer than this vendor's may be: ask for less.")
        case .noRecipientExists: self.init(.rules, "None of the recipients exists.")
        case .noAccountExists: self.init(.rules, "None of the accounts exists.")
        }
    }

    private static func received(_ request: WireRequest) -> String {
        let text = (try? Form(query: request.query))?["usersig"] ?? ""
        return "\(Self.masked(text)) (\(text.count) characters)"
    }

    /// What is signed, line by line, as it is in the signature that came. The MAC is not among it.
    private static func details(of request: WireRequest) -> [(String, String)] {
        let query = try? Form(query: request.query)
        guard let text = query?["usersig"], let signature = UserSig(decoding: text) else {
            return [("received", Self.received(request))]
        }
        var lines = [
            "TLS.identifier:\(signature.identifier)", "TLS.sdkappid:\(signature.sdkAppID)",
            "TLS.time:\(signature.issuedAtSeconds)", "TLS.expire:\(signature.lifetimeSeconds)",
        ]
        if let userbuf = signature.userbuf { lines.append("TLS.userbuf:\(userbuf)") }
        return [
            ("signed is", lines.map { $0 + "\\n" }.joined()), ("with", "HMAC-SHA256, key \(Self.mask)"),
            ("received", Self.received(request)), ("sdkappid in the query", query?["sdkappid"] ?? ""),
            ("identifier in the query", query?["identifier"] ?? ""),
        ]
    }
}
