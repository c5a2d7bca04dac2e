import Foundation
import NIOSSL
import ParleyCore

/// A certificate with its chain, and the key that belongs to it.
struct CertificatePair: Sendable {
    let context: NIOSSLContext
    /// When the server's own certificate, the first of the chain, ends.
    let expiresAt: Timestamp

    /// More than any chain has.
    private static let maximumBytes = 1 << 20

    /// - Throws: ``ConfigurationError`` naming the key of the file that cannot be used, and why.
    init(_ files: TLSFiles) throws(ConfigurationError) {
        let chain = try Self.chain(files.certificate)
        let key = try Self.key(files.key)
        do {
            self.context = try NIOSSLContext(configuration: Self.configuration(chain, key))
        } catch {
            throw ConfigurationError(
                key: "tls.key", reason: "\(files.key) is not the key of the certificate in \(files.certificate)")
        }
        self.expiresAt = Timestamp(milliseconds: 0).adding(seconds: Int64(chain[0].notValidAfter))
    }

    /// TLS 1.2 and 1.3, forward secrecy and authenticated encryption only: what Mozilla calls "intermediate", without the finite fields.
    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_AES_128_GCM_SHA256, .TLS_AES_256_GCM_SHA384, .TLS_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        configuration.renegotiationSupport = .none
        return configuration
    }

    private static func chain(_ path: String) throws(ConfigurationError) -> [NIOSSLCertificate] {
        let bytes = try Self.bytes(path, "tls.certificate")
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
            throw ConfigurationError(key: "tls.certificate", reason: "\(path) holds no certificates in PEM")
        }
        return chain
    }

    private static func key(_ path: String) throws(ConfigurationError) -> NIOSSLPrivateKey {
        let bytes = try Self.bytes(path, "tls.key")
        do {
            // A passphrase is asked for on the terminal unless one is given; nobody may be there.
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem) { $0("".utf8) }
        } catch {
            throw ConfigurationError(key: "tls.key", reason: "\(path) holds no private key in PEM without a passphrase")
        }
    }

    private static func bytes(_ path: String, _ key: String) throws(ConfigurationError) -> [UInt8] {
        let file = fopen(path, "re")
        guard let file else {
            throw ConfigurationError(key: key, reason: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: Self.maximumBytes)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else {
            throw ConfigurationError(key: key, reason: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        guard count > 0 else { throw ConfigurationError(key: key, reason: "\(path) is empty") }
        return Array(bytes.prefix(count))
    }
}
