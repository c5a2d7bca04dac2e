import Crypto
package import ParleyCore
package import ParleyDialectKit

/// What proves that a request comes from an App's backend: `hex(SHA1(secret + nonce + timestamp))`.
///
/// Nonce and timestamp count as the texts they are, never as numbers; path and body are not covered. Source:
/// facts/rongcloud-server.md 1.3.
package struct Signature: Hashable, Sendable {
    package var nonce: String
    package var timestamp: String
    package var value: String

    package init(nonce: String, timestamp: String, value: String) {
        self.nonce = nonce
        self.timestamp = timestamp
        self.value = value
    }

    /// Nil when a header is missing.
    package init?(_ request: WireRequest) {
        guard let nonce = request.header("Nonce", "RC-Nonce"),
            let timestamp = request.header("Timestamp", "RC-Timestamp"),
            let value = request.header("Signature", "RC-Signature")
        else { return nil }
        self.init(nonce: nonce, timestamp: timestamp, value: value)
    }

    /// The signature that the secret makes, 40 lower-case hexadecimal digits.
    package static func value(secret: String, nonce: String, timestamp: String) -> String {
        Insecure.SHA1.hash(data: Array((secret + nonce + timestamp).utf8)).hex
    }

    package func isMade(with secret: String) -> Bool {
        isEqualInConstantTime(
            self.value, Self.value(secret: secret, nonce: self.nonce, timestamp: self.timestamp))
    }

    /// When its timestamp says that it was made; nil when that is no time. Vendors' SDKs send seconds where the documentation says milliseconds; the
    /// size of the number tells which.
    var sentAt: Timestamp? {
        guard let number = Int64(self.timestamp), number > 0 else { return nil }
        return number < 100_000_000_000 ? Timestamp(seconds: number) : Timestamp(milliseconds: number)
    }

    package func isTimely(at now: Timestamp, toleranceSeconds: Int64?) -> Bool {
        guard let toleranceSeconds else { return true }
        guard let sent = self.sentAt else { return false }
        return sent.adding(seconds: toleranceSeconds) >= now && now.adding(seconds: toleranceSeconds) >= sent
    }
}

extension Credential {
    /// How far a request's timestamp may be from the present. Nil, as it is unless the App's operator sets
    /// `signatureToleranceSeconds` among the details: the vendor's own Node SDK signs once and repeats that signature
    /// for as long as the process lives.
    var signatureToleranceSeconds: Int64? { self.details["signatureToleranceSeconds"].flatMap { Int64($0) } }
    /// Whether a signature is good for one request. Only beside a tolerance, which bounds what must be remembered.
    var hasSingleUseNonces: Bool { self.details["singleUseNonces"] == "on" }
}
