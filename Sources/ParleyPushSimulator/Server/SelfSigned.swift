import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate for `localhost`, made anew for each simulator, that nobody but its maker's clients will trust. Both PEM.
struct SelfSigned: Sendable {
    let certificate: String
    let key: String

    private static let lifetime: Double = 365 * 24 * 3600
    /// Clients whose clock is a little behind.
    private static let leeway: Double = 24 * 3600

    init() throws {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("Parley push simulator") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: Date().addingTimeInterval(-Self.leeway),
            notValidAfter: Date().addingTimeInterval(Self.lifetime), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                SubjectAlternativeNames([
                    .dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                ])
            },
            issuerPrivateKey: .init(key))
        self.certificate = try certificate.serializeAsPEM().pemString
        self.key = key.pemRepresentation
    }
}
