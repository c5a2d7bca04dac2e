import Crypto
import CryptoExtras
import FoundationEssentials
import ParleyJSON

/// A JSON web token (RFC 7519) with a signature. Read by hand, not with the library that the adapters write theirs with.
struct WebToken: Sendable {
    let header: JSON
    let claims: JSON
    private let signed: [UInt8]
    private let signature: [UInt8]

    enum Key: Sendable {
        case es256(P256.Signing.PublicKey)
        case rs256(_RSA.Signing.PublicKey)
        case ps256(_RSA.Signing.PublicKey)
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.decoded(parts[0]), let claims = Self.decoded(parts[1]),
            let signature = Self.decoded(parts[2]), let head = try? JSON(parsing: header),
            let body = try? JSON(parsing: claims), head.kind == .object, body.kind == .object
        else { return nil }
        self.header = head
        self.claims = body
        self.signed = Array("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
    }

    func isSigned(with key: Key) -> Bool {
        switch key {
        case .es256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: self.signature) else {
                return false
            }
            return key.isValidSignature(signature, for: self.signed)
        case .rs256(let key):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: self.signature)
            return key.isValidSignature(signature, for: self.signed, padding: .insecurePKCS1v1_5)
        case .ps256(let key):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: self.signature)
            return key.isValidSignature(signature, for: self.signed, padding: .PSS)
        }
    }

    /// Base64url, which has no padding in a token.
    private static func decoded(_ text: Substring) -> [UInt8]? {
        guard !text.contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        var plain = text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : String($0) }.joined()
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain).map(Array.init)
    }
}
