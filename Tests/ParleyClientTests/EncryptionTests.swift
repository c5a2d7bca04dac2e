import Foundation
import NIOSSL
import Testing

@testable import ParleyClient

/// wss: with a certificate for `localhost` (2020 to 2120, signed by itself) that nobody but these tests trusts.
@Suite(.timeLimit(.minutes(1)))
struct EncryptionTests {
    @Test func aServerWhoseCertificateIsTrustedIsTalkedTo() async throws {
        let (server, file) = try await Self.server()
        defer { try? FileManager.default.removeItem(at: file) }
        let chat = try Self.chat("wss://localhost:\(server.port)", .file(file.path))
        let connection = try await server.connection()
        await connection.welcome()
        for await event in chat.events {
            guard case .connected = event else { throw Unexpected() }
            break
        }
        await chat.close()
        await server.stop()
    }

    @Test(arguments: [false, true])
    func aCertificateOfAStrangerOrForAnotherHostIsNotAccepted(_ isTrusted: Bool) async throws {
        let (server, file) = try await Self.server()
        defer { try? FileManager.default.removeItem(at: file) }
        // Trusted, but for `localhost`; or for the right host, but from nowhere.
        let chat = try Self.chat(
            isTrusted ? "wss://127.0.0.1:\(server.port)" : "wss://localhost:\(server.port)",
            isTrusted ? .file(file.path) : .system)
        for await event in chat.events {
            guard case .disconnected(.network, retryIn: .some) = event else { throw Unexpected() }
            break
        }
        await chat.close()
        await server.stop()
    }

    @Test func aFileOfCertificatesThatIsNotThereIsSaidAtOnce() {
        #expect(throws: Chat.ConfigurationError.self) { try Self.chat("wss://localhost:1", .file("/nowhere.pem")) }
        #expect(throws: Chat.ConfigurationError.badServer("gopher://x")) { try Self.chat("gopher://x", .system) }
    }

    private static func chat(_ server: String, _ certificates: Chat.Certificates) throws -> Chat {
        var configuration = Chat.Configuration(server: URL(string: server)!, device: "d") { "t" }
        configuration.certificates = certificates
        configuration.backoff = Chat.Backoff(initial: .milliseconds(1), maximum: .milliseconds(2))
        return try Chat(configuration)
    }

    private static func server() async throws -> (ScriptedServer, URL) {
        let certificate = try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
        try Data(Self.certificate.utf8).write(to: file)
        return (try await ScriptedServer.start(tls: context), file)
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNc41b8sjOwy2e6l
        6LagYUdLY1LfN9V80oQ8t5VsveWrJjPx8bo3nYSQzCduPirz0mJ2GxuRzCfV8A59
        KNYuu6mjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
        MB0GA1UdDgQWBBT7Tw7MleN22ckwt4bUIjX6j+AuAjAKBggqhkjOPQQDAgNJADBG
        AiEApJEUd4aSdpp70yRlWm6EAs582riAQoTAwjcKgpKUpvUCIQC0PHalccMA6XNf
        DAd9+2dTxyw2JxJXhYxdaBljB8d94A==
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRa6a5yITej4X8WKy
        4Yr5oFqjh0vLN61fR+OCbLw96+ahRANCAATXONW/LIzsMtnupei2oGFHS2NS3zfV
        fNKEPLeVbL3lqyYz8fG6N52EkMwnbj4q89Jidhsbkcwn1fAOfSjWLrup
        -----END PRIVATE KEY-----
        """
}
