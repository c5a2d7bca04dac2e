import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A user's token that the customer's own backend makes, without asking the server: base64url of `dt-` and JSON.
///
///     signature = lower-case hex of SHA-256(client id + appkey + userId + curTime + ttl + client secret)
///
/// Source: facts/easemob-server.md 1.2 d.
struct DynamicToken: Sendable {
    let appKey: String
    let user: UserID
    let issuedAt: Timestamp
    let expiresAt: Timestamp
    private let signature: String
    private let currentTime: String
    private let lifetime: String

    private static let prefix = Array("dt-".utf8)

    /// Nil when the text is not a dynamic token at all.
    init?(parsing text: String) {
        // The first three bytes are a group of four digits of their own: most tokens are told apart without decoding.
        guard text.hasPrefix("ZHQt"), text.utf8.count <= 2048, let bytes = Self.decoded(text),
            bytes.starts(with: Self.prefix), let json = try? JSON(parsing: Array(bytes.dropFirst(Self.prefix.count))),
            let signature = json["signature"]?.string, let appKey = json["appkey"]?.string,
            let user = json["userId"]?.string, !user.isEmpty,
            let currentTime = json["curTime"]?.digits, let seconds = Int64(currentTime),
            let lifetime = json["ttl"]?.digits, let ttl = Int64(lifetime)
        else { return nil }
        self.appKey = appKey
        self.user = UserID(user)
        self.signature = signature
        self.currentTime = currentTime
        self.lifetime = lifetime
        self.issuedAt = Timestamp.distantPast.adding(seconds: max(0, seconds))
        self.expiresAt = ttl > 0 ? self.issuedAt.adding(seconds: ttl) : .distantFuture
    }

    func isGenuine(for credential: Credential) -> Bool {
        let text =
            (credential.details[CredentialDetail.clientID] ?? "") + self.appKey + self.user.rawValue + self.currentTime
            + self.lifetime + credential.secret
        return isEqualInConstantTime(SHA256.hash(data: Array(text.utf8)).hex, self.signature.lowercased())
    }
}

extension JSON {
    /// A number, or the text in a string, as it was written.
    fileprivate var digits: String? {
        self.kind == .number ? String(decoding: self.raw, as: UTF8.self) : self.string
    }
}

/// What an App's Easemob credential says beside its key (`org#app`) and secret (the client secret).
enum CredentialDetail {
    static let clientID = "clientID"
    /// `open`: users may register themselves without a token. Anything else: they need one.
    static let registration = "registration"
    /// `true`: what the server API sends enters conversation lists (a console switch at the vendor, off by default).
    static let conversationList = "conversationList"
    /// Who may create chat rooms: names with commas between them.
    static let superAdministrators = "superAdministrators"
}

extension DynamicToken {
    /// Customers make these with whatever base64 they have at hand.
    private static func decoded(_ text: String) -> [UInt8]? {
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        return Base64.url.decoded(digits) ?? Base64.standard.decoded(digits)
    }
}
