import Crypto
import ParleyCore
import ParleyDialectKit

/// What a backend or a client shows to prove who it is.
///
///     "ac-" | token UUID, 16 bytes | scope UUID (0…01, or the App's) | principal UUID (the App's, or the user's) | 02 App or 03 user | 03
///     | created, ms, 8 bytes | lifetime, s, 4 bytes, 0 for ever | HMAC-SHA256 with the client secret, 32 bytes | a user's id
///
/// The first 97 bytes are laid out as the vendor's (facts/easemob-server.md 1.3), so every token begins with `YWMt`. The vendor looks the user up by
/// UUID; here the id follows, under the same MAC, so that a token can be verified by any node without asking the database.
struct Token: Hashable, Sendable {
    enum Principal: Hashable, Sendable {
        case application
        case user(UserID)
    }

    let id: VersionOneUUID
    /// The UUID of the App that it is good for.
    let application: VersionOneUUID
    let principal: Principal
    let issuedAt: Timestamp
    /// 0: it never expires.
    let lifetimeSeconds: UInt32
    /// What a parsed token was signed with; empty in one that was not parsed.
    private let signature: [UInt8]
    private let userUUID: VersionOneUUID?

    static let defaultLifetimeSeconds: Int64 = 60 * 24 * 3600
    private static let prefix = Array("ac-".utf8)
    private static let byteCount = 97
    private static let signedByteCount = 65

    /// - Parameter lifetimeSeconds: 0 or less for ever; more than fits is cut.
    init(_ principal: Principal, of app: AppID, issuedAt: Timestamp, lifetimeSeconds: Int64) {
        self.id = .random()
        self.application = .application(app)
        self.principal = principal
        self.issuedAt = issuedAt
        self.lifetimeSeconds = UInt32(clamping: lifetimeSeconds)
        self.signature = []
        self.userUUID =
            switch principal {
            case .application: nil
            case .user(let user): .user(user, in: app)
            }
    }

    /// Nil when the text is not laid out as a token. Whether it is genuine is another question.
    init?(parsing text: String) {
        guard text.utf8.count <= 1024, let bytes = Base64.url.decoded(text.utf8), bytes.count >= Self.byteCount,
            bytes.starts(with: Self.prefix), bytes[52] == 3
        else { return nil }
        let scope = VersionOneUUID(bytes: bytes[19..<35])
        let principal = VersionOneUUID(bytes: bytes[35..<51])
        let rest = bytes[Self.byteCount...]
        switch bytes[51] {
        case 2:
            guard rest.isEmpty, scope == .one else { return nil }
            (self.application, self.principal, self.userUUID) = (principal, .application, nil)
        case 3:
            guard !rest.isEmpty, let user = String(validating: rest, as: UTF8.self) else { return nil }
            (self.application, self.principal, self.userUUID) = (scope, .user(UserID(user)), principal)
        default: return nil
        }
        self.id = VersionOneUUID(bytes: bytes[3..<19])
        self.issuedAt = Timestamp(milliseconds: Int64(clamping: Self.integer(bytes[53..<61])))
        self.lifetimeSeconds = UInt32(Self.integer(bytes[61..<65]))
        self.signature = Array(bytes[65..<97])
    }

    var expiresAt: Timestamp {
        self.lifetimeSeconds == 0 ? .distantFuture : self.issuedAt.adding(seconds: Int64(self.lifetimeSeconds))
    }

    func signed(secret: String) -> String {
        let mac = HMAC<SHA256>.authenticationCode(for: self.signedBytes, using: Self.key(secret))
        return Base64.url.encoded(Array(self.signedBytes.prefix(Self.signedByteCount)) + Array(mac) + self.suffix)
    }

    func isGenuine(secret: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            self.signature, authenticating: self.signedBytes, using: Self.key(secret))
    }

    private var suffix: [UInt8] {
        switch self.principal {
        case .application: []
        case .user(let user): Array(user.rawValue.utf8)
        }
    }

    private var signedBytes: [UInt8] {
        var bytes = Self.prefix + self.id.bytes
        if let user = self.userUUID {
            bytes += self.application.bytes + user.bytes + [3, 3]
        } else {
            bytes += VersionOneUUID.one.bytes + self.application.bytes + [2, 3]
        }
        withUnsafeBytes(of: self.issuedAt.milliseconds.bigEndian) { bytes += $0 }
        withUnsafeBytes(of: self.lifetimeSeconds.bigEndian) { bytes += $0 }
        return bytes + self.suffix
    }

    private static func key(_ secret: String) -> SymmetricKey { SymmetricKey(data: Array(secret.utf8)) }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
