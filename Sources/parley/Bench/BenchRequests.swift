import ArgumentParser
import Crypto
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer

/// A vendor's request to send to a group, or to several in turn, ready to be repeated.
struct BenchRequests: Sendable {
    let head: String
    /// The body of message `number`, which says `text`.
    let body: @Sendable (_ number: UInt32, _ text: String) -> String
    /// What the body of an answer contains when the message was taken.
    let success: String

    /// Signed with the demo's secret. Nonce and time stay the same: the clock tolerance of signatures is off unless told.
    static var rongCloudHeaders: [(String, String)] {
        let digest = Insecure.SHA1.hash(data: Data((Demo.secret + "1" + "1").utf8))
        return [
            ("App-Key", "parley-demo"), ("Nonce", "1"), ("Timestamp", "1"),
            ("Signature", digest.map { String(format: "%02x", $0) }.joined()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
    }

    static func make(
        _ dialect: String, host: String, port: Int, to chats: [String], from sender: String,
        group: MultiThreadedEventLoopGroup
    ) async throws -> BenchRequests {
        func head(_ target: String, _ headers: [String]) -> String {
            (["POST \(target) HTTP/1.1", "Host: \(host):\(port)"] + headers).joined(separator: "\r\n")
        }
        let chat: @Sendable (UInt32) -> String = { chats[Int($0) % chats.count] }
        switch dialect {
        case "rongcloud":
            return BenchRequests(
                head: head(
                    "/message/group/publish.json",
                    Self.rongCloudHeaders.map { "\($0): \($1)" }),
                body: { number, text in
                    "fromUserId=\(sender)&toGroupId=\(chat(number))&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
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
                body: { number, text in
                    #"{"from":"\#(sender)","to":["\#(chat(number))"],"type":"txt","body":{"msg":"\#(text)"}}"#
                },
                success: "\"data\":{\"")
        case "tencent":
            let signature = Demo.signature(now: SystemClock().now())
            return BenchRequests(
                head: head(
                    "/v4/group_open_http_svc/send_group_msg?sdkappid=1400000000&identifier=administrator"
                        + "&usersig=\(signature)&random=1&contenttype=json", []),
                body: { number, text in
                    #"{"GroupId":"\#(chat(number))","From_Account":"\#(sender)","Random":\#(number),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
                },
                success: "\"ErrorCode\":0")
        default: throw ValidationError("no dialect is called '\(dialect)'")
        }
    }
}
