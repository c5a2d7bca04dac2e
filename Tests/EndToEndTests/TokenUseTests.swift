import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import Testing

/// What proves a user proves no backend, and the other way round.
@Suite(.timeLimit(minutes: 2))
struct TokenUseTests {
    @Test func aUsersTokenOpensNoServerAPI() async throws {
        try await withServer { live in
            let demo = try await Tenant(app: live.app, on: live)
            for dialect in ["rongcloud", "easemob", "tencent"] {
                let token = try live.token(dialect, "alice")
                for (method, path) in [
                    (HTTPMethod.POST, "/messages/chatgroups"), (.GET, "/users?limit=1"), (.DELETE, "/users/bob"),
                    (.POST, "/chatrooms/super_admin"), (.PUT, "/users/bob/password"), (.POST, "/messages/msg_recall"),
                ] {
                    let answer = try await demo.easemob(method, path, "{}", token: token)
                    #expect(answer.status == 401, "\(method) \(path) with alice's \(dialect) token")
                }
            }
            let notAdministrator = try await demo.http.send(
                .POST,
                "/v4/openim/sendmsg?sdkappid=1400000000&identifier=alice&usersig=\(try demo.userSig("alice"))&random=1",
                body: Array("{}".utf8))
            #expect(try JSON(parsing: notAdministrator.body)["ActionStatus"]?.string == "FAIL")
            let borrowed = try await demo.tencent("openim/sendmsg", "{}", signed: try demo.userSig("alice"))
            #expect(borrowed["ActionStatus"]?.string == "FAIL")
            let asSignature = try await demo.http.send(
                .POST, "/user/info.json",
                headers: [
                    ("App-Key", "parley-demo"), ("Nonce", "1"), ("Timestamp", "1"),
                    ("Signature", try live.token("rongcloud", "alice")),
                ], body: Array("userId=bob".utf8))
            #expect(asSignature.status == 401)
        }
    }

    @Test func whatABackendShowsOpensNoSocketAndNoFile() async throws {
        try await withServer { live in
            let demo = try await Tenant(app: live.app, on: live)
            for token in [try await demo.easemobToken, "parley-demo", "parley-demo-secret", "Bearer x"] {
                let refused = await #expect(throws: SocketClient.Refused.self) {
                    try await Listener.connect(port: live.server.port, token: token)
                }
                #expect(refused?.status == 401)
                let upload = try await demo.http.send(
                    .POST, "/v1/files", headers: [("Authorization", "Bearer \(token)")], body: [1])
                #expect(upload.status == 401)
            }
        }
    }

    /// Every way to take a token back ends its connections and closes the door, whichever vendor's token it is.
    @Test func aTokenThatWasTakenBackIsRefused() async throws {
        try await withServer { live in
            let demo = try await Tenant(app: live.app, on: live)
            let tokens = try ["rongcloud", "easemob", "tencent"].map { try live.token($0, "alice") }
            for token in tokens {
                _ = try await Listener.connect(port: live.server.port, token: token).missed()
            }
            let kicked = try await demo.tencent("im_open_login_svc/kick", #"{"UserID":"alice"}"#)
            #expect(kicked["ActionStatus"]?.string == "OK")
            for token in tokens {
                let refused = await #expect(throws: SocketClient.Refused.self) {
                    try await Listener.connect(port: live.server.port, token: token)
                }
                #expect(refused?.status == 401)
            }
        }
    }
}
