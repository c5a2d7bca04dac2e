import Crypto
import Foundation
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyServer
import ParleyStore

/// A vendor's request to send to a group, from its body's bytes through dialect, core and store to the bytes of the answer; one after the other. HTTP's own
/// parsing, and the sockets, are left out.
package final class SendPath: Sendable {
    private let house: PathHouse
    private let dialect: any Dialect
    private let target: String
    private let headers: HTTPHeaders
    private let folder: String?

    /// - Parameters:
    ///   - dialect: rongcloud, easemob or tencent.
    ///   - onDisk: on a file that is flushed at each commit; otherwise in memory.
    package init(_ dialect: String, onDisk: Bool = false) async throws {
        self.folder =
            onDisk ? FileManager.default.temporaryDirectory.appendingPathComponent("parley-path-\(UUID())").path : nil
        self.house = try await PathHouse(folder: self.folder)
        guard let spoken = self.house.dialect(dialect) else { throw PathFailure(description: "no such dialect") }
        self.dialect = spoken
        (self.target, self.headers) = try await Self.request(dialect, self.house, spoken)
    }

    package func run(_ count: Int) async throws {
        for number in 0..<count {
            let request = WireRequest(
                method: .POST, target: self.target, headers: self.headers, body: self.body(number),
                receivedAt: self.house.core.clock.now())
            let response = await self.dialect.answer(request)
            guard response.status == .ok, !response.body.isEmpty,
                !Self.isRefusal(response.body)
            else { throw PathFailure(description: String(decoding: response.body, as: UTF8.self)) }
        }
    }

    package func close() {
        self.house.store.close()
        if let folder = self.folder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Tencent's refusals have status 200 too. Foundation's search was a third of what was counted.
    private static func isRefusal(_ body: [UInt8]) -> Bool { body.starts(with: self.refusal) }

    private static let refusal = Array(#"{"ActionStatus":"FAIL""#.utf8)
    private static let text = String(repeating: "x", count: 200)

    private func body(_ number: Int) -> [UInt8] {
        switch type(of: self.dialect).name.rawValue {
        case "rongcloud":
            Array(
                "fromUserId=bob&toGroupId=demo-group&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22\(Self.text)%22%7D"
                    .utf8)
        case "easemob":
            Array(#"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"\#(Self.text)"}}"#.utf8)
        default:
            Array(
                #"{"GroupId":"demo-group","From_Account":"bob","Random":\#(1_000_000 + number),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(Self.text)"}}]}"#
                    .utf8)
        }
    }

    private static func request(
        _ name: String, _ house: PathHouse, _ dialect: any Dialect
    ) async throws -> (target: String, headers: HTTPHeaders) {
        var headers = HTTPHeaders([("Host", "127.0.0.1:8080"), ("Content-Length", "300")])
        switch name {
        case "rongcloud":
            let digest = Insecure.SHA1.hash(data: Data((Demo.secret + "11").utf8))
            headers.add(name: "App-Key", value: "parley-demo")
            headers.add(name: "Nonce", value: "1")
            headers.add(name: "Timestamp", value: "1")
            headers.add(name: "Signature", value: digest.map { String(format: "%02x", $0) }.joined())
            headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            return ("/message/group/publish.json", headers)
        case "easemob":
            headers.add(name: "Content-Type", value: "application/json")
            headers.add(name: "Authorization", value: "Bearer \(try await self.easemobToken(house, dialect, headers))")
            return ("/parley/demo/messages/chatgroups", headers)
        default:
            let signature = Demo.signature(now: house.core.clock.now())
            return (
                "/v4/group_open_http_svc/send_group_msg?sdkappid=1400000000&identifier=administrator&usersig=\(signature)&random=1&contenttype=json",
                headers
            )
        }
    }

    private static func easemobToken(
        _ house: PathHouse, _ dialect: any Dialect, _ headers: HTTPHeaders
    ) async throws -> String {
        let body =
            #"{"grant_type":"client_credentials","client_id":"parley-demo-client","client_secret":"\#(Demo.secret)"}"#
        let answer = await dialect.answer(
            WireRequest(
                method: .POST, target: "/parley/demo/token", headers: headers, body: Array(body.utf8),
                receivedAt: house.core.clock.now()))
        let text = String(decoding: answer.body, as: UTF8.self)
        guard let token = text.firstMatch(of: /"access_token":"([^"]+)"/) else { throw PathFailure(description: text) }
        return String(token.1)
    }
}

package struct PathFailure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}
