import Foundation
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyServer

struct CertificateTests {
    private final class Folder: Sendable {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("parley-tls-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: self.url) }

        var certificate: URL { TestCertificate.certificateFile(in: self.url) }
        var key: URL { TestCertificate.keyFile(in: self.url) }
        var files: TLSFiles { TLSFiles(certificate: self.certificate.path, key: self.key.path) }
    }

    private static func pem(_ parts: String...) -> Data { Data((parts.joined(separator: "\n") + "\n").utf8) }

    @Test func filesThatChangeTogetherAreTakenUp() throws {
        let folder = try Folder()
        try TestCertificate.first.write(to: folder.url)
        let certificates = try Certificates(folder.files)
        let before = certificates.context
        #expect(certificates.reload() == .unchanged)
        #expect(certificates.context === before)
        try TestCertificate.second.write(to: folder.url)
        #expect(certificates.reload() == .reloaded(expiresAt: certificates.expiresAt))
        #expect(certificates.context !== before)
        #expect(certificates.reload() == .unchanged)
    }

    @Test func halfAChangeKeepsTheOldPairIsSaidOnceAndIsTriedAgain() throws {
        let folder = try Folder()
        try TestCertificate.first.write(to: folder.url)
        let certificates = try Certificates(folder.files)
        let before = certificates.context
        try Self.pem(TestCertificate.second.certificate).write(to: folder.certificate, options: .atomic)
        guard case .kept(let reason) = certificates.reload() else {
            Issue.record("a certificate was taken without its key")
            return
        }
        #expect(reason.contains("is not the key of the certificate"))
        #expect(certificates.reload() == .unchanged)
        #expect(certificates.context === before)
        try Self.pem(TestCertificate.second.key).write(to: folder.key, options: .atomic)
        #expect(certificates.reload() == .reloaded(expiresAt: certificates.expiresAt))
    }

    @Test(arguments: [
        "", "-----BEGIN CERTIFICATE-----\nMIIBiDCCAS6gAwIBAgIB", "not PEM at all", TestCertificate.first.key,
        TestCertificate.first.certificate + "\n-----BEGIN CERTIFICATE-----\nMIIBiDCCAS6gAwIBAgIB",
    ])
    func aCertificateThatIsNotWholeKeepsTheOldOne(text: String) throws {
        let folder = try Folder()
        try TestCertificate.first.write(to: folder.url)
        let certificates = try Certificates(folder.files)
        try Self.pem(text).write(to: folder.certificate)
        guard case .kept(let reason) = certificates.reload() else {
            Issue.record("taken: \(text.prefix(40))")
            return
        }
        #expect(reason.hasPrefix("tls.certificate: \(folder.certificate.path)"))
    }

    @Test func theChainIsPartOfTheFile() throws {
        let folder = try Folder()
        try TestCertificate.first.write(to: folder.url)
        try Self.pem(TestCertificate.first.certificate, TestCertificate.second.certificate)
            .write(to: folder.certificate)
        _ = try Certificates(folder.files)
        // The server's own comes first: the key must be its.
        try Self.pem(TestCertificate.second.certificate, TestCertificate.first.certificate)
            .write(to: folder.certificate)
        #expect(throws: ConfigurationError.self) { try Certificates(folder.files) }
    }

    @Test func whatCannotBeServedWithIsNamedAtTheStart() throws {
        let folder = try Folder()
        func failure() -> ConfigurationError? {
            #expect(throws: ConfigurationError.self) { try Certificates(folder.files) }
        }
        #expect(
            failure()?.description
                == "tls.certificate: cannot read \(folder.certificate.path): No such file or directory")
        try TestCertificate.first.write(to: folder.url)
        try FileManager.default.removeItem(at: folder.key)
        #expect(failure()?.description == "tls.key: cannot read \(folder.key.path): No such file or directory")
        try FileManager.default.createDirectory(at: folder.key, withIntermediateDirectories: false)
        #expect(failure()?.description == "tls.key: cannot read \(folder.key.path): Is a directory")
        try FileManager.default.removeItem(at: folder.key)
        try Self.pem(TestCertificate.second.key).write(to: folder.key)
        #expect(failure()?.key == "tls.key")
        try Self.pem(TestCertificate.first.certificate).write(to: folder.key)
        #expect(failure()?.reason == "\(folder.key.path) holds no private key in PEM without a passphrase")
        try Self.pem(Self.encryptedKey).write(to: folder.key)
        #expect(failure()?.reason == "\(folder.key.path) holds no private key in PEM without a passphrase")
    }

    @Test func oneFileWithoutTheOtherAndAPortWithoutFilesAreRefused() async throws {
        func failure(_ keys: [String: String]) async -> String? {
            await #expect(throws: ConfigurationError.self) {
                _ = try ServerConfiguration(
                    settings: try await Settings(commandLine: keys, environment: [:], file: nil))
            }?.key
        }
        #expect(await failure(["tls.certificate": "/a"]) == "tls.key")
        #expect(await failure(["tls.key": "/a"]) == "tls.certificate")
        #expect(await failure(["tls.port": "8443"]) == "tls.port")
    }

    /// Of ``TestCertificate/first``, with the passphrase `secret`.
    private static let encryptedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgfkcfDyvJV8AICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMLNXmPUCThZAs6esQF+DKcEgZAU
        sE0feL4gq5g9tJUEMk2Jc51QPWvpFzIeRyO1f1h1RmbeSRyzKL5v0BVirAT/KeFj
        0n0Rxka9UjC/pgqIMU8ZoqDoZJo724pfeMF84oTELef2dwUdsvxcN+iKFw+DRHhz
        ClQ3RUweVuPx+UixEq4ChbLceRq+oZi65jjCdMcAX/yGVLPecAY2iYIWpgV8wvE=
        -----END ENCRYPTED PRIVATE KEY-----
        """
}
