import Crypto
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTencent
import Testing

/// An App as its owner's backend knows it, with credentials that are good for it alone.
struct Tenant: Sendable {
    let app: App
    let http: HTTPClient
    let port: Int

    /// A second App on the server, with the users and the group of the demo app: the same names, and nothing else in common.
    static func other(on live: LiveServer) async throws -> Tenant {
        let core = live.server.core
        let app = App(
            id: AppID("other"),
            credentials: live.server.dialects.map {
                type(of: $0).newCredential(for: AppID("other"), secret: "other-secret")
            },
            createdAt: core.clock.now())
        try await core.directory.save(app)
        for user in Demo.users + [UserID("administrator")] { try await core.importUser(user, in: app.id) }
        let now = core.clock.now()
        try await core.createGroup(
            CreateGroup(
                app: app.id,
                group: Group(id: Demo.group, type: .public, name: "Other", owner: Demo.users[0], createdAt: now),
                members: Demo.users.dropFirst().map { Member(user: $0, joinedAt: now, delivery: .notify) }))
        return try await Tenant(app: app, on: live)
    }

    init(app: App, on live: LiveServer) async throws {
        self.app = app
        self.port = live.server.port
        self.http = try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton)
    }

    func credential(_ dialect: String) throws -> Credential {
        try #require(self.app.credential(in: DialectName(dialect)))
    }

    /// The path of its Easemob API.
    var easemobPath: String { get throws { "/" + (try self.credential("easemob")).key.replacing("#", with: "/") } }

    /// - Parameter key: the App-Key to say, if not its own.
    func rongCloud(_ path: String, _ form: String, key: String? = nil) async throws -> JSON {
        let credential = try self.credential("rongcloud")
        let digest = Insecure.SHA1.hash(data: Data((credential.secret + "11").utf8))
        let headers = [
            ("App-Key", key ?? credential.key), ("Nonce", "1"), ("Timestamp", "1"),
            ("Signature", digest.map { String(format: "%02x", $0) }.joined()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        return try JSON(parsing: try await self.http.send(.POST, path, headers: headers, body: Array(form.utf8)).body)
    }

    func userSig(_ identifier: String, sdkAppID: String? = nil) throws -> String {
        let credential = try self.credential("tencent")
        return UserSig(
            identifier: identifier, sdkAppID: try #require(Int64(sdkAppID ?? credential.key)),
            issuedAt: SystemClock().now(), lifetimeSeconds: 600, key: credential.secret
        ).text
    }

    /// - Parameters:
    ///   - sdkAppID: the SDKAppID to say, if not its own.
    ///   - signed: the UserSig to show, if not its administrator's.
    func tencent(_ command: String, _ json: String, sdkAppID: String? = nil, signed: String? = nil) async throws -> JSON
    {
        let key = try sdkAppID ?? self.credential("tencent").key
        let signature = try signed ?? self.userSig("administrator")
        let target = "/v4/\(command)?sdkappid=\(key)&identifier=administrator&usersig=\(signature)&random=1"
        return try JSON(parsing: try await self.http.send(.POST, target, body: Array(json.utf8)).body)
    }

    var easemobToken: String {
        get async throws {
            let credential = try self.credential("easemob")
            let body =
                #"{"grant_type":"client_credentials","client_id":"\#(credential.details["clientID"] ?? "")","client_secret":"\#(credential.secret)"}"#
            let answer = try await self.http.send(.POST, try self.easemobPath + "/token", body: Array(body.utf8))
            return try #require(try JSON(parsing: answer.body)["access_token"]?.string)
        }
    }

    /// - Parameter at: the org and app of the path, if not its own.
    func easemob(
        _ method: HTTPMethod, _ path: String, _ json: String = "", at: String? = nil, token: String? = nil,
        headers: [(String, String)] = []
    ) async throws -> HTTPClient.Response {
        var bearer = token
        if bearer == nil { bearer = try await self.easemobToken }
        return try await self.http.send(
            method, try at ?? self.easemobPath + path,
            headers: [("Authorization", "Bearer \(bearer ?? "")"), ("Content-Type", "application/json")] + headers,
            body: Array(json.utf8))
    }
}
