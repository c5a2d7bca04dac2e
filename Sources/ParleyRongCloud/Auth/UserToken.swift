import Crypto
package import ParleyCore
package import ParleyDialectKit

/// What a client shows to connect as a user. Opaque to the client; here it carries its own proof, so that checking
/// one costs no query.
///
///     base64url( mark | issued at | expires at | random | App-Key | user | HMAC-SHA256 of all that, keyed with the App Secret )
///
/// A new App Secret therefore voids every token, as it does at the vendor's. Tokens start with `RC1_` and hold no
/// `@`: client SDKs take what follows an `@` for the addresses of the server (facts/rongcloud-client.md, section 9),
/// send the token with or without them, and so they are cut off before it is read.
package struct UserToken: Hashable, Sendable {
    package var appKey: String
    package var user: UserID
    package var issuedAt: Timestamp
    package var expiresAt: Timestamp
    /// Makes two tokens of one moment differ.
    package var random: UInt64

    package init(
        appKey: String, user: UserID, issuedAt: Timestamp, expiresAt: Timestamp = .distantFuture,
        random: UInt64 = .random(in: .min ... .max)
    ) {
        self.appKey = appKey
        self.user = user
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.random = random
    }

    package func signed(with secret: String) -> String {
        let body = self.body
        return Base64.url.encoded(body + Self.proof(of: body, secret: secret))
    }

    /// `RC1_`, once encoded.
    private static let mark: [UInt8] = [0x44, 0x2D, 0x7F]
    private static let proofLength = 32

    private static func proof(of body: some Sequence<UInt8>, secret: String) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(for: Array(body), using: SymmetricKey(data: Array(secret.utf8))))
    }

    private var body: [UInt8] {
        var bytes = Self.mark
        bytes.append(bigEndian: UInt64(bitPattern: self.issuedAt.milliseconds))
        bytes.append(bigEndian: UInt64(bitPattern: self.expiresAt.milliseconds))
        bytes.append(bigEndian: self.random)
        for text in [self.appKey, self.user.rawValue] {
            bytes.append(bigEndian: UInt16(truncatingIfNeeded: text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        }
        return bytes
    }
}

extension UserToken {
    /// A token that was read and not yet believed: the secret to check it with is that of the App it names.
    package struct Unverified: Sendable {
        package let claim: UserToken
        private let body: ArraySlice<UInt8>
        private let proof: ArraySlice<UInt8>

        /// Nil when the text is no token of ours.
        package init?(_ text: some StringProtocol) {
            let core = text.prefix { $0 != "@" }
            guard core.hasPrefix("RC1_"), let bytes = Base64.url.decoded(core.utf8), bytes.count > UserToken.proofLength
            else { return nil }
            self.body = bytes.dropLast(UserToken.proofLength)
            self.proof = bytes.suffix(UserToken.proofLength)
            guard let claim = UserToken(body: self.body) else { return nil }
            self.claim = claim
        }

        package func isSigned(with secret: String) -> Bool {
            isEqualInConstantTime(self.proof, UserToken.proof(of: self.body, secret: secret))
        }
    }

    fileprivate init?(body: ArraySlice<UInt8>) {
        var rest = body.dropFirst(Self.mark.count)
        guard let issuedAt = rest.readInteger(as: UInt64.self), let expiresAt = rest.readInteger(as: UInt64.self),
            let random = rest.readInteger(as: UInt64.self), let appKey = rest.readText(), let user = rest.readText(),
            rest.isEmpty
        else { return nil }
        self.init(
            appKey: appKey, user: UserID(user), issuedAt: Timestamp(milliseconds: Int64(bitPattern: issuedAt)),
            expiresAt: Timestamp(milliseconds: Int64(bitPattern: expiresAt)), random: random)
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { self.append(contentsOf: $0) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func readInteger<Value: FixedWidthInteger>(as: Value.Type) -> Value? {
        let size = Value.bitWidth / 8
        guard self.count >= size else { return nil }
        defer { self.removeFirst(size) }
        return self.prefix(size).reduce(0) { $0 << 8 | Value($1) }
    }

    fileprivate mutating func readText() -> String? {
        guard let length = self.readInteger(as: UInt16.self), self.count >= Int(length) else { return nil }
        defer { self.removeFirst(Int(length)) }
        return String(validating: self.prefix(Int(length)), as: UTF8.self)
    }
}

// MARK: - The dialect's tokens

extension RongCloud {
    package func holder(of token: String) async throws -> TokenHolder? {
        guard let unverified = UserToken.Unverified(token) else { return nil }
        let claim = unverified.claim
        guard let app = try await self.context.core.directory.app(dialect: Self.name, key: claim.appKey),
            let secret = app.credential(in: Self.name)?.secret, unverified.isSigned(with: secret),
            claim.expiresAt > self.context.now
        else { return nil }
        return TokenHolder(
            app: app.id, user: claim.user, dialect: Self.name, issuedAt: claim.issuedAt, expiresAt: claim.expiresAt)
    }

    package func token(for user: UserID, in app: App, lifetimeSeconds: Int64) throws -> String {
        try self.token(for: user, in: app, expiresAt: self.context.now.adding(seconds: lifetimeSeconds))
    }

    /// The vendor's tokens have no end unless one is set in its console.
    func token(for user: UserID, in app: App, expiresAt: Timestamp = .distantFuture) throws -> String {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        let token = UserToken(appKey: credential.key, user: user, issuedAt: self.context.now, expiresAt: expiresAt)
            .signed(with: credential.secret)
        return credential.navigation.map { "\(token)@\($0)" } ?? token
    }
}

extension Credential {
    /// Addresses, parted by `;`, that SDKs ask first where to connect (facts/rongcloud-client.md, 9): with them in the token, an app needs to be told nothing.
    fileprivate var navigation: String? { self.details["navigation"] }
}

/// The App does not speak RongCloud.
package struct NoCredential: Error, Hashable, Sendable {
    package var app: AppID
}
