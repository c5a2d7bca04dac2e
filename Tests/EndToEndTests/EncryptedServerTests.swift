import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

/// TLS, from the outside: with certificates that ``TestCertificate`` made.
@Suite(.timeLimit(minutes: 2))
struct EncryptedServerTests {
    /// A folder with a certificate in it, beside the server's data.
    private static func folder(_ certificate: TestCertificate = .first) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try certificate.write(to: folder.url)
        return folder
    }

    /// The certificate alone, for clients to trust.
    private static func trusting(_ certificate: TestCertificate, _ folder: TemporaryFolder) throws -> Chat.Certificates
    {
        let file = folder.url.appendingPathComponent("\(UUID().uuidString).pem")
        try Data(certificate.certificate.utf8).write(to: file)
        return .file(file.path)
    }

    private static func http(_ port: Int, _ certificates: Chat.Certificates?) async throws -> HTTPClient {
        try await HTTPClient.connect(host: "127.0.0.1", port: port, certificates: certificates, group: .singleton)
    }

    private static func listen(
        _ live: LiveServer, _ user: String, _ certificates: Chat.Certificates, port: Int? = nil
    ) async throws -> Listener {
        let target = "/v1/connect?token=\(demoToken(user))"
        return Listener(
            socket: try await SocketClient.connect(
                host: "127.0.0.1", port: port ?? live.server.port, target: target, certificates: certificates,
                group: .singleton))
    }

    @Test func serverAPIsFilesAndSocketsAreServedOnOneEncryptedPort() async throws {
        let folder = try Self.folder()
        let trust = try Self.trusting(.first, folder)
        try await withServer(TestCertificate.settings(in: folder.url)) { live in
            #expect(live.server.scheme == "https")
            let alice = try await Self.listen(live, "alice", trust)
            _ = try await alice.missed()
            let client = try await Self.http(live.server.port, trust)
            let backend = Backend(client: client, userSig: demoToken("administrator"), easemobToken: "")
            for dialect in ["rongcloud", "tencent"] { #expect(try await backend.say(dialect, through: dialect)) }
            #expect(try await alice.messages(2).compactMap(\.text) == ["rongcloud", "tencent"])

            // Larger than a TLS record and a socket's buffer.
            let large = [UInt8](repeating: 7, count: 3_000_000)
            let upload = try await client.send(
                .POST, "/v1/files", headers: [("Authorization", "Bearer \(demoToken("alice"))")], body: large)
            let url = try #require(try JSON(parsing: upload.body)["url"]?.string)
            #expect(url.hasPrefix("https://127.0.0.1:\(live.server.port)/v1/files/"))
            let path = String(url.dropFirst("https://127.0.0.1:\(live.server.port)".count))
            #expect(try await client.send(.GET, path).body == large)
            await alice.socket.close()
            await client.close()
        }
    }

    @Test func aClientOfTheLibraryTalksThroughIt() async throws {
        let folder = try Self.folder()
        let trust = try Self.trusting(.first, folder)
        try await withServer(TestCertificate.settings(in: folder.url)) { live in
            var configuration = Chat.Configuration(
                server: try #require(URL(string: "https://localhost:\(live.server.port)")), device: "d"
            ) { demoToken("alice") }
            configuration.certificates = trust
            let chat = try Chat(configuration)
            _ = try await chat.send(.text("hello"), to: .group("demo-group"))
            await chat.close()
            let bob = try await Self.listen(live, "bob", trust)
            #expect(try await bob.missed().compactMap(\.text) == ["hello"])
        }
    }

    @Test func aCertificateForAnotherHostOrOfAStrangerIsRefusedByTheClient() async throws {
        let folder = try Self.folder(.elsewhere)
        let trusted = try Self.trusting(.elsewhere, folder)
        try await withServer(TestCertificate.settings(in: folder.url)) { live in
            for certificates in [trusted, .system] {
                await #expect(throws: (any Error).self) { try await Self.listen(live, "alice", certificates) }
            }
        }
    }

    @Test func aNewCertificateIsForNewConnectionsAndOldOnesLiveOn() async throws {
        let folder = try Self.folder(.first)
        let (first, second) = (try Self.trusting(.first, folder), try Self.trusting(.second, folder))
        try await withServer(TestCertificate.settings(in: folder.url)) { live in
            let alice = try await Self.listen(live, "alice", first)
            let client = try await Self.http(live.server.port, first)
            _ = try await alice.missed()

            try TestCertificate.second.write(to: folder.url)
            live.server.reloadCertificates()
            let bob = try await Self.listen(live, "bob", second)
            _ = try await bob.missed()
            await #expect(throws: (any Error).self) { try await Self.listen(live, "carol", first) }

            let backend = Backend(client: client, userSig: demoToken("administrator"), easemobToken: "")
            #expect(try await backend.say("after", through: "tencent"))
            #expect(try await alice.messages(1).first?.text == "after")
            #expect(try await bob.messages(1).first?.text == "after")
        }
    }

    @Test func aPortForTLSLeavesThePlainOneAsItIs() async throws {
        let folder = try Self.folder()
        let trust = try Self.trusting(.first, folder)
        let port = try await LiveServer.freePort()
        try await withServer(TestCertificate.settings(in: folder.url).merging(["tls.port": String(port)]) { $1 }) {
            live in
            #expect(live.server.scheme == "http")
            let plain = try await live.listen("tencent", "alice")
            let encrypted = try await Self.listen(live, "bob", trust, port: port)
            _ = try await (plain.missed(), encrypted.missed())
            #expect(try await live.backend().say("both", through: "easemob"))
            #expect(try await plain.messages(1).first?.text == "both")
            #expect(try await encrypted.messages(1).first?.text == "both")
        }
    }

    @Test func aServerThatStopsWaitsForNobodyWhoHasSaidGoodbye() async throws {
        let folder = try Self.folder()
        let trust = try Self.trusting(.first, folder)
        let live = try await LiveServer.start(TestCertificate.settings(in: folder.url))
        let alice = try await Self.listen(live, "alice", trust)
        let client = try await Self.http(live.server.port, trust)
        _ = try await alice.missed()
        #expect(try await client.send(.GET, "/health/live").status == 200)
        let began = ContinuousClock.now
        await live.server.stop()
        // NIOSSL's patience.
        #expect(ContinuousClock.now - began < .seconds(5) || isSanitized)
        await client.close()
    }

    @Test func whatDoesNotSpeakTLSIsClosedAndTheServerGoesOn() async throws {
        let folder = try Self.folder()
        let trust = try Self.trusting(.first, folder)
        try await withServer(TestCertificate.settings(in: folder.url)) { live in
            let hello: [UInt8] = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]
            for bytes in [
                Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xFF, count: 4000), hello,
            ] {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send(bytes)
                if bytes == hello { try? await raw.channel.close(mode: .output).get() }
                #expect(!(await raw.received()).contains("HTTP"))
            }
            #expect(try await Self.http(live.server.port, trust).send(.GET, "/health/live").status == 200)
        }
    }
}

/// The same through the program itself.
@Suite(.timeLimit(minutes: 2))
struct EncryptedProcessTests {
    private static func arguments(_ folder: TemporaryFolder) -> [String] {
        TestCertificate.settings(in: folder.url).sorted { $0.key < $1.key }.flatMap { ["--set", "\($0)=\($1)"] }
    }

    @Test func aHangUpBringsTheNewCertificateAndTheTerminalTalksThroughIt() async throws {
        let folder = try TemporaryFolder()
        try TestCertificate.first.write(to: folder.url)
        let data = folder.url.appendingPathComponent("data").path
        let server = try RunningProcess(
            ["demo", "--port", "0", "--data", data, "--set", "tls.check-seconds=86400"] + Self.arguments(folder),
            environment: [:])
        let welcome = await server.lines(until: "Stop with Ctrl-C").joined(separator: "\n")
        let port = try #require(welcome.firstMatch(of: /https:\/\/127\.0\.0\.1:(\d+)/)).1

        try TestCertificate.second.write(to: folder.url)
        server.signal(SIGHUP)
        #expect(await server.lines(until: "certificate reloaded").last?.contains("expires") == true)
        let trusted = folder.url.appendingPathComponent("second.pem")
        try Data(TestCertificate.second.certificate.utf8).write(to: trusted)
        let terminal = try RunningProcess(
            [
                "connect", "--tls", "--ca", trusted.path, "--port", String(port), "--token", demoToken("alice"), "--to",
                "group:demo-group",
            ], environment: [:])
        _ = await terminal.lines(until: "up to date")
        terminal.type("over TLS")
        #expect(await terminal.lines(until: "alice: over TLS").last?.contains("over TLS") == true)
        terminal.type("/quit")
        #expect(await terminal.status == 0)
        server.signal(SIGTERM)
        #expect(await server.status == 0)
    }

    @Test func filesThatCannotBeUsedAreABadConfiguration() async throws {
        let folder = try TemporaryFolder()
        let data = folder.url.appendingPathComponent("data").path
        let missing = try await ParleyProcess.run(["serve", "--port", "0", "--data", data] + Self.arguments(folder))
        #expect(missing.status == 78)
        #expect(missing.output.contains("parley: configuration: tls.certificate: cannot read"))
        let shown = try await ParleyProcess.run(["config"] + Self.arguments(folder))
        #expect(shown.status == 0)
        for key in ["tls.certificate", "tls.key", "tls.port", "tls.check-seconds"] {
            #expect(shown.output.contains("\(key) "), "\(key)")
        }
    }
}
