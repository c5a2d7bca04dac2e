import ArgumentParser
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer

/// Sets up users and groups in a running demo server, through the vendors' own APIs.
struct Stage: Sendable {
    let host: String
    let port: Int
    private let client: HTTPClient
    private let signature: String

    static func connect(host: String, port: Int, group: MultiThreadedEventLoopGroup) async throws -> Stage {
        Stage(
            host: host, port: port, client: try await HTTPClient.connect(host: host, port: port, group: group),
            signature: Demo.signature(now: SystemClock().now()))
    }

    func close() async { await self.client.close() }

    /// Users `<prefix>0`, `<prefix>1` …
    func makeUsers(_ prefix: String, _ count: Int) async throws {
        for start in stride(from: 0, to: count, by: 100) {
            let accounts = (start..<min(start + 100, count)).map { #""\#(prefix)\#($0)""# }
            _ = try await self.call(
                "im_open_login_svc/multiaccount_import", #"{"Accounts":[\#(accounts.joined(separator: ","))]}"#)
        }
    }

    /// A group with these members; the first owns it. Made by RongCloud's API, a thousand members a call.
    func makeGroup(_ id: String, members: [String]) async throws {
        for start in stride(from: 0, to: members.count, by: 1000) {
            let users = members[start..<min(start + 1000, members.count)].map { "userId=\($0)" }
            let path = start == 0 ? "/group/create.json" : "/group/join.json"
            let answer = try await self.client.send(
                .POST, path, headers: BenchRequests.rongCloudHeaders,
                body: Array((users + ["groupId=\(id)", "groupName=\(id)"]).joined(separator: "&").utf8))
            guard try JSON(parsing: answer.body)["code"]?.int == 200 else {
                throw ValidationError("group \(id) was not made: \(answer.text)")
            }
        }
    }

    /// Path and query that connect a user's socket.
    func target(_ user: String, query: String = "") -> String {
        "/v1/connect?token=\(self.token(of: user))\(query)"
    }

    func token(of user: String) -> String { Demo.signature(of: user, now: SystemClock().now()) }

    private func call(_ command: String, _ body: String) async throws -> JSON {
        let answer = try await self.client.send(
            .POST,
            "/v4/\(command)?sdkappid=1400000000&identifier=administrator&usersig=\(self.signature)&random=1&contenttype=json",
            body: Array(body.utf8))
        let json = try JSON(parsing: answer.body)
        guard json["ErrorCode"]?.int == 0 else { throw ValidationError("\(command): \(answer.text)") }
        return json
    }
}
