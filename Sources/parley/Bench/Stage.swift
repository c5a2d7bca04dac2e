import Crypto
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer

/// Sets up users and groups in a running demo server, through the vendors' own APIs, as many at a time as those take.
struct Stage: Sendable {
    let host: String
    let port: Int
    private let client: HTTPClient
    private let signature: String

    static func connect(host: String = "127.0.0.1", port: Int) async throws -> Stage {
        Stage(
            host: host, port: port,
            client: try await HTTPClient.connect(host: host, port: port, group: .singleton),
            signature: Demo.signature(now: SystemClock().now()))
    }

    func close() async { await self.client.close() }

    /// Users `<prefix>0`, `<prefix>1` … in Tencent's hundreds.
    func makeUsers(_ prefix: String, _ count: Int) async throws {
        for start in stride(from: 0, to: count, by: 100) {
            let accounts = (start..<min(start + 100, count)).map { #""\#(prefix)\#($0)""# }
            try await self.call(
                "im_open_login_svc/multiaccount_import", #"{"Accounts":[\#(accounts.joined(separator: ","))]}"#)
        }
    }

    /// A group with these members; the first owns it. Made by Tencent's API, which sets how many it may have; filled by RongCloud's, a thousand a call.
    func makeGroup(_ id: String, members: [String]) async throws {
        try await self.call(
            "group_open_http_svc/create_group",
            #"{"Type":"Public","Name":"bench","GroupId":"\#(id)","Owner_Account":"\#(members[0])","MaxMemberNum":\#(max(members.count, 100))}"#
        )
        for start in stride(from: 0, to: members.count, by: 1000) {
            let users = members[start..<min(start + 1000, members.count)].map { "userId=\($0)" }
            let answer = try await self.client.send(
                .POST, "/group/join.json", headers: BenchRequests.rongCloudHeaders,
                body: Array((users + ["groupId=\(id)"]).joined(separator: "&").utf8))
            guard try JSON(parsing: answer.body)["code"]?.int == 200 else {
                throw BenchFailure("group \(id) was not made: \(answer.text)")
            }
        }
    }

    /// Path and query that connect a user's socket.
    static func target(_ user: String, query: String = "") -> String {
        "/v1/connect?token=\(self.token(of: user))\(query)"
    }

    static func token(of user: String) -> String { Demo.signature(of: user, now: SystemClock().now()) }

    /// As an App's own backend makes them, without asking the server (facts/easemob-server.md 1.2 d).
    static func easemobToken(of user: String) -> String {
        let (key, now, seconds) = ("parley#demo", SystemClock().now().seconds, 86_400)
        let digest = SHA256.hash(data: Data("parley-demo-client\(key)\(user)\(now)\(seconds)\(Demo.secret)".utf8))
        let signature = digest.map { String(format: "%02x", $0) }.joined()
        let text =
            #"dt-{"signature":"\#(signature)","appkey":"\#(key)","userId":"\#(user)","curTime":"\#(now)","ttl":"\#(seconds)"}"#
        return Data(text.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func easemobToken(host: String, port: Int) async throws -> String {
        let client = try await HTTPClient.connect(host: host, port: port, group: .singleton)
        let answer = try await client.send(
            .POST, "/parley/demo/token", headers: [("Content-Type", "application/json")],
            body: Array(
                #"{"grant_type":"client_credentials","client_id":"parley-demo-client","client_secret":"\#(Demo.secret)"}"#
                    .utf8))
        await client.close()
        guard let token = try JSON(parsing: answer.body)["access_token"]?.string else {
            throw BenchFailure("no Easemob token: \(answer.text)")
        }
        return token
    }

    private func call(_ command: String, _ body: String) async throws {
        let answer = try await self.client.send(
            .POST, "/v4/\(command)?\(BenchRequests.tencentQuery(self.signature))", body: Array(body.utf8))
        guard try JSON(parsing: answer.body)["ErrorCode"]?.int == 0 else {
            throw BenchFailure("\(command): \(answer.text)")
        }
    }
}

extension Stage {
    struct MadeGroup: Sendable {
        var id: String
        var members: [String]
    }

    /// Groups `<prefix>0`, `<prefix>1` … each of so many users of its own.
    func makeGroups(_ prefix: String, _ count: Int, of size: Int) async throws -> [MadeGroup] {
        try await self.makeUsers("\(prefix)-", count * size)
        var groups: [MadeGroup] = []
        for index in 0..<count {
            let members = (0..<size).map { "\(prefix)-\(index * size + $0)" }
            try await self.makeGroup("\(prefix)\(index)", members: members)
            groups.append(MadeGroup(id: "\(prefix)\(index)", members: members))
        }
        return groups
    }
}
