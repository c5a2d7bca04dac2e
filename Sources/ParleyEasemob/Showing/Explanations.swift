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
        var details = [("error", refusal.error)]
        if !refusal.allow.isEmpty { details.append(("methods", refusal.allow.joined(separator: ", "))) }
        self.init(check, refusal.description, details)
    }

    /// What the token is, and why it does not do.
    init(tokenOf call: Call, _ refusal: Refusal) {
        let header = call.request.header("Authorization")
        let words = (header ?? "").split(separator: " ").map(String.init)
        guard let text = words.last, words.count == 2, words[0].lowercased() == "bearer" else {
            self.init(
                .proof, header == nil ? "The header Authorization is missing." : "Authorization is not `Bearer TOKEN`.",
                [("needed", "Authorization: Bearer … (POST /token with the client id and secret)")])
            return
        }
        var details = [("received", "\(Self.masked(text)) (\(text.count) characters)")]
        let time = ("server's time", "\(call.now.milliseconds) ms")
        if let dynamic = DynamicToken(parsing: text) {
            details += [
                ("it is", "a dynamic token of the user \(dynamic.user), for \(dynamic.appKey)"),
                ("signed is", "client id + appkey + userId + curTime + ttl + client secret, which is \(Self.mask)"),
                ("valid until", "\(dynamic.expiresAt.milliseconds) ms"), time,
            ]
        } else if let token = Token(parsing: text) {
            let isOurs = token.application == .application(call.app.id)
            let isGenuine = token.isGenuine(secret: call.credential.secret)
            details += [
                ("it is", token.principal.words), ("of this App", isOurs ? "yes" : "no"),
                ("signed with its client secret", isGenuine ? "yes" : "no"),
                ("issued at", "\(token.issuedAt.milliseconds) ms"),
                ("valid until", token.lifetimeSeconds == 0 ? "for ever" : "\(token.expiresAt.milliseconds) ms"), time,
            ]
        } else {
            details.append(("it is", "no token of this server"))
        }
        self.init(.proof, Self.words(for: refusal), details)
    }

    private static func words(for refusal: Refusal) -> String {
        switch refusal {
        case .tokenExpired: "The token has expired, or was made void."
        case .tokenCorrupt: "The token cannot be read."
        case .tokenForeign: "The token was not issued by this App, or its client secret has changed since."
        case .unauthenticated: "The token is right, and is not of one who may do this."
        default: refusal.description
        }
    }
}

extension Token.Principal {
    fileprivate var words: String {
        switch self {
        case .application: "an App token"
        case .user(let user): "a token of the user \(user)"
        }
    }
}
