import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import Testing

/// What must not leave the server: on its output, at any level, and on the disk for others to read.
@Suite(.timeLimit(minutes: 2))
struct SecretsTests {
    /// An App's credentials as `parley app create` prints them.
    private struct Created {
        let secrets: [String]
        let rongCloudKey: String
        let rongCloudSecret: String

        init(_ output: String) throws {
            self.secrets = output.matches(of: /secret ([0-9a-f]{64})/).map { String($0.1) }
            let match = try #require(output.firstMatch(of: /rongcloud: key (\S+)  secret (\S+)/))
            (self.rongCloudKey, self.rongCloudSecret) = (String(match.1), String(match.2))
        }
    }

    private static func command(_ arguments: [String], _ data: String) async throws -> String {
        let result = try await ParleyProcess.run(arguments + ["--data", data])
        #expect(result.status == 0)
        return result.output
    }

    @Test func noLevelOfLoggingShowsASecretOrAToken() async throws {
        let folder = try TemporaryFolder()
        let data = folder.url.appendingPathComponent("data").path
        let app = try Created(try await Self.command(["app", "create", "mine"], data))
        #expect(app.secrets.count == 3)
        var tokens: [String] = []
        for dialect in ["rongcloud", "easemob", "tencent"] {
            tokens.append(
                try await Self.command(["token", "--app", "mine", "--user", "zoe", "--dialect", dialect], data)
                    .trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let server = try RunningProcess(
            ["serve", "--port", "0", "--data", data, "--set", "log.level=trace"], environment: [:])
        let start = await server.lines(until: "listening on")
        let found = try #require(start.last?.firstMatch(of: /:(\d+)$/))
        let port = try #require(Int(found.1))
        try await Self.exercise(port, app, tokens)
        server.signal(SIGTERM)
        var output = start.joined(separator: "\n")
        for await line in server.lines { output += line + "\n" }
        #expect(await server.status == 0)
        #expect(output.contains("stopping"), "the log is there")
        for secret in app.secrets + tokens + ["wrong-secret", "hunter2", "bad-token"] {
            #expect(!output.contains(secret), "\(secret.prefix(8))…")
        }
    }

    /// Good and bad requests with every kind of secret, in headers, in queries and in bodies.
    private static func exercise(_ port: Int, _ app: Created, _ tokens: [String]) async throws {
        let http = try await HTTPClient.connect(host: "127.0.0.1", port: port, group: .singleton)
        for token in tokens + ["bad-token"] {
            let escaped = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            if let listener = try? await Listener.connect(port: port, token: token) {
                listener.socket.send(#"{"type":"nonsense","token":"\#(token)"}"#)
                _ = try await listener.frames { $0["type"]?.string == "error" }
                await listener.socket.close()
            }
            let bearer = ("Authorization", "Bearer \(token)")
            _ = try await http.send(.POST, "/v1/files", headers: [bearer], body: [1])
            _ = try await http.send(.GET, "/parley/mine/users/zoe", headers: [bearer])
            _ = try await http.send(.GET, "/v1/files/x?token=\(escaped)&secret=bad-token")
            _ = try await http.send(
                .POST, "/v4/openim/sendmsg?sdkappid=1&identifier=zoe&usersig=\(escaped)", body: Array("{".utf8))
        }
        for secret in app.secrets + ["wrong-secret"] {
            let grant =
                #"{"grant_type":"client_credentials","client_id":"parley-mine-client","client_secret":"\#(secret)"}"#
            _ = try await http.send(.POST, "/parley/mine/token", body: Array(grant.utf8))
            _ = try await http.send(
                .POST, "/user/info.json",
                headers: [("App-Key", app.rongCloudKey), ("Nonce", "1"), ("Timestamp", "1"), ("Signature", secret)],
                body: Array("userId=zoe".utf8))
        }
        let password = #"{"grant_type":"password","username":"zoe","password":"hunter2"}"#
        _ = try await http.send(.POST, "/parley/mine/token", body: Array(password.utf8))
        await http.close()
    }

    @Test func whatIsOnDiskIsItsOwnersAloneAndSecretsAreShownOnlyWhenAskedFor() async throws {
        let folder = try TemporaryFolder()
        let data = folder.url.appendingPathComponent("data")
        let app = try Created(try await Self.command(["app", "create", "mine"], data.path))
        let shown = try await Self.command(["app", "show", "mine"], data.path)
        for secret in app.secrets { #expect(!shown.contains(secret)) }
        #expect(try await Self.command(["app", "show", "mine", "--secrets"], data.path).contains(app.rongCloudSecret))

        let server = try await ParleyProcess.demo(folder: data)
        let backend = try await server.backend()
        _ = try await backend.client.send(
            .POST, "/v1/files", headers: [("Authorization", "Bearer \(demoToken("alice"))")], body: [1, 2, 3])
        #expect(try await backend.say("private", through: "rongcloud"))
        let limits = try String(contentsOfFile: "/proc/\(server.processIdentifier)/limits", encoding: .utf8)
        #expect(limits.contains(#/Max core file size +0 /#))
        var seen: [String] = []
        for path in [""] + (try FileManager.default.subpathsOfDirectory(atPath: data.path)) {
            let attributes = try FileManager.default.attributesOfItem(atPath: data.appendingPathComponent(path).path)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(path): \(String(mode, radix: 8))")
            seen.append(path)
        }
        for name in ["parley.sqlite", "server.lock", "files"] { #expect(seen.contains(name)) }
        #expect(await server.terminate() == 0)
    }
}
