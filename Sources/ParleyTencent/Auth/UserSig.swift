import Crypto
package import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A user's signature, version 2: who says it, for which App, from when and for how long, under the App's key.
///
///     base64, with * - _ for + / =    of    zlib    of    {"TLS.ver":"2.0","TLS.identifier":…,"TLS.sdkappid":…,"TLS.expire":…,"TLS.time":…,"TLS.sig":…}
///
/// Source: facts/tencent-im.md 1.3. The vendor's generators differ in the order of keys, in white space, in escapes and in the level of compression, so
/// all of it is parsed, and nothing compared as text.
package struct UserSig: Hashable, Sendable {
    package var identifier: String
    package var sdkAppID: Int64
    /// Unix seconds.
    package var issuedAtSeconds: Int64
    package var lifetimeSeconds: Int64
    /// Base64, as it is in the JSON: part of what is signed.
    package var userbuf: String?
    private var signature: [UInt8]

    /// What a signature may be and may inflate to, in bytes. A real one has some 250, with a userbuf some 400.
    private static let limitBytes = 8192

    /// Reads a signature, without asking whether it is right. Nil when it is none.
    package init?(decoding text: String) {
        guard text.utf8.count <= Self.limitBytes,
            let compressed = Self.urlBase64.decoded(text.utf8),
            let bytes = Zlib.inflated(compressed, limitBytes: Self.limitBytes),
            let json = try? JSON(parsing: bytes, maximumDepth: 4),
            let identifier = json["TLS.identifier"]?.string, !identifier.isEmpty,
            let sdkAppID = json["TLS.sdkappid"]?.int,
            let issuedAt = json["TLS.time"]?.int,
            let lifetime = json["TLS.expire"]?.int,
            let signature = json["TLS.sig"]?.string.flatMap({ Base64.standard.decoded($0.utf8) })
        else { return nil }
        self.identifier = identifier
        self.sdkAppID = sdkAppID
        self.issuedAtSeconds = issuedAt
        self.lifetimeSeconds = lifetime
        self.userbuf = json["TLS.userbuf"]?.string
        self.signature = signature
    }

    /// Makes a signature.
    ///
    /// - Parameters:
    ///   - key: the App's secret as text; it is not decoded, although it usually looks hexadecimal.
    ///   - userbuf: a room's privileges (PrivateMapKey), for those who want it signed along.
    package init(
        identifier: String, sdkAppID: Int64, issuedAt: Timestamp, lifetimeSeconds: Int64, userbuf: [UInt8]? = nil,
        key: String
    ) {
        self.identifier = identifier
        self.sdkAppID = sdkAppID
        self.issuedAtSeconds = issuedAt.seconds
        self.lifetimeSeconds = lifetimeSeconds
        self.userbuf = userbuf.map { Base64.standard.encoded($0) }
        self.signature = []
        self.signature = Array(
            HMAC<SHA256>.authenticationCode(for: Array(self.signedText.utf8), using: Self.symmetric(key)))
    }

    /// Whether the App's key made it. Takes the same time whatever the first wrong byte is.
    package func isSigned(with key: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            self.signature, authenticating: Array(self.signedText.utf8), using: Self.symmetric(key))
    }

    package var issuedAt: Timestamp { Timestamp(milliseconds: 0).adding(seconds: self.issuedAtSeconds) }

    /// The last moment at which it is good (it still is, at that very second).
    package var expiresAt: Timestamp {
        let (sum, overflow) = self.issuedAtSeconds.addingReportingOverflow(self.lifetimeSeconds)
        guard !overflow else { return self.lifetimeSeconds > 0 ? .distantFuture : .distantPast }
        return Timestamp(milliseconds: 0).adding(seconds: sum)
    }

    package func hasExpired(at now: Timestamp) -> Bool { now.seconds > self.expiresAt.seconds }

    /// As it travels in a URL.
    package var text: String {
        let json = JSONWriter.object {
            $0.field("TLS.ver", "2.0")
            $0.field("TLS.identifier", self.identifier)
            $0.field("TLS.sdkappid", self.sdkAppID)
            $0.field("TLS.expire", self.lifetimeSeconds)
            $0.field("TLS.time", self.issuedAtSeconds)
            if let userbuf = self.userbuf { $0.field("TLS.userbuf", userbuf) }
            $0.field("TLS.sig", Base64.standard.encoded(self.signature))
        }
        return Self.urlBase64.encoded(Zlib.deflated(json))
    }

    private var signedText: String {
        var lines = "TLS.identifier:\(self.identifier)\nTLS.sdkappid:\(self.sdkAppID)\n"
        lines += "TLS.time:\(self.issuedAtSeconds)\nTLS.expire:\(self.lifetimeSeconds)\n"
        if let userbuf = self.userbuf { lines += "TLS.userbuf:\(userbuf)\n" }
        return lines
    }

    private static func symmetric(_ key: String) -> SymmetricKey { SymmetricKey(data: Array(key.utf8)) }

    /// The vendor's own alphabet for URLs: `*` for `+`, `-` for `/`, `_` for `=`. What it replaces is wrong here.
    private static let urlBase64 = Base64(last: "*-", padding: "_")
}
