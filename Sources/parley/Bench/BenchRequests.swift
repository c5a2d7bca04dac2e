import ArgumentParser
import Crypto
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer

/// A vendor's send request to demo-group, ready to be repeated: bytes before and after what changes from one message to the next.
struct BenchRequests: Sendable {
    let head: String
    /// The body of message `number`.
    let body: @Sendable (_ number: UInt32) -> String
    /// What the body of an answer contains when the message was taken.
    let success: String

    static func make(
        _ dialect: String, host: String, port: Int, size: Int, group: MultiThreadedEventLoopGroup
    ) async throws -> BenchRequests {
        let text = String(repeating: "x", count: size)
        func head(_ target: String, _ headers: [String]) -> String {
            (["POST \(target) HTTP/1.1", "Host: \(host):\(port)"] + headers).joined(separator: "\r\n")
        }
        switch dialect {
        case "rongcloud":
            let digest = Insecure.SHA1.hash(data: Data((Demo.secret + "1" + "1").utf8)).map {
                String(format: "%02x", $0)
            }
            return BenchRequests(
                head: head(
                    "/message/group/publish.json",
                    [
                        "App-Key: parley-demo", "Nonce: 1", "Timestamp: 1", "Signature: \(digest.joined())",
                        "Content-Type: application/x-www-form-urlencoded",
                    ]),
                body: { _ in
                    "fromUserId=bob&toGroupId=demo-group&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
                },
                success: "\"code\":200")
        case "easemob":
            let client = try await HTTPClient.connect(host: host, port: port, group: group)
            let answer = try await client.send(
                .POST, "/parley/demo/token", headers: [("Content-Type", "application/json")],
                body: Array(
                    #"{"grant_type":"client_credentials","client_id":"parley-demo-client","client_secret":"\#(Demo.secret)"}"#
                        .utf8))
            await client.close()
            guard let token = try JSON(parsing: answer.body)["access_token"]?.string else {
                throw ValidationError("no Easemob token: \(answer.text)")
            }
            return BenchRequests(
                head: head(
                    "/parley/demo/messages/chatgroups",
                    ["Authorization: Bearer \(token)", "Content-Type: application/json"]),
                body: { _ in #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"\#(text)"}}"# },
                success: "\"data\":{\"demo-group\"")
        case "tencent":
            let signature = Demo.administratorSignature(now: SystemClock().now())
            return BenchRequests(
                head: head(
                    "/v4/group_open_http_svc/send_group_msg?sdkappid=1400000000&identifier=administrator"
                        + "&usersig=\(signature)&random=1&contenttype=json", []),
                body: {
                    #"{"GroupId":"demo-group","From_Account":"bob","Random":\#($0),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
                },
                success: "\"ErrorCode\":0")
        default: throw ValidationError("no dialect is called '\(dialect)'")
        }
    }
}
