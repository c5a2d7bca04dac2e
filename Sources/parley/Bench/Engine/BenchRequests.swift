import Crypto
import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer

/// A vendor's requests, each of which can be repeated, and how an answer says that all is well.
struct BenchRequests: Sendable {
    struct Request: Sendable {
        var head: String
        var body: String
    }

    var requests: [Request]
    /// What an answer contains that is as it should be.
    var expected: String

    enum Target: Hashable, Sendable {
        case group(String, from: String)
        case user(String, from: String)
    }

    /// How a vendor's requests are signed. Made once for a measurement.
    struct Credentials: Sendable {
        var dialect: String
        var headers: [(String, String)]
        var query = ""

        static func make(_ dialect: String, host: String, port: Int) async throws -> Credentials {
            switch dialect {
            case "rongcloud": Credentials(dialect: dialect, headers: BenchRequests.rongCloudHeaders)
            case "easemob":
                Credentials(
                    dialect: dialect,
                    headers: [
                        ("Authorization", "Bearer \(try await Stage.easemobToken(host: host, port: port))"),
                        ("Content-Type", "application/json"),
                    ])
            case "tencent":
                Credentials(
                    dialect: dialect, headers: [],
                    query: BenchRequests.tencentQuery(Demo.signature(now: SystemClock().now())))
            default: throw ValidationFailure.dialect(dialect)
            }
        }

        /// Of somebody who does not know the secret: well-formed, and refused.
        static func bad(_ dialect: String) throws -> Credentials {
            switch dialect {
            case "rongcloud":
                Credentials(
                    dialect: dialect,
                    headers: BenchRequests.rongCloudHeaders.map {
                        ($0, $0 == "Signature" ? String(repeating: "0", count: 40) : $1)
                    })
            case "easemob":
                Credentials(
                    dialect: dialect,
                    headers: [
                        ("Authorization", "Bearer YWMt\(String(repeating: "A", count: 80))"),
                        ("Content-Type", "application/json"),
                    ])
            case "tencent":
                Credentials(
                    dialect: dialect, headers: [],
                    query: BenchRequests.tencentQuery(Demo.signature(now: SystemClock().now(), key: "guessed")))
            default: throw ValidationFailure.dialect(dialect)
            }
        }
    }

    enum ValidationFailure: Error, CustomStringConvertible {
        case dialect(String)

        var description: String {
            switch self {
            case .dialect(let name): "no dialect is called '\(name)'"
            }
        }
    }

    static let dialects = ["rongcloud", "easemob", "tencent"]

    /// Sends to each of `targets` in turn, `size` bytes of text each.
    static func sends(_ targets: [Target], with credentials: Credentials, host: String, port: Int, size: Int)
        -> BenchRequests
    {
        let text = RequestTemplate.text(bytes: size)
        let requests = targets.map { target in
            let (path, body) = self.send(target, text, credentials)
            let lines =
                ["POST \(path) HTTP/1.1", "Host: \(host):\(port)"] + credentials.headers.map { "\($0): \($1)" }
            return Request(head: lines.joined(separator: "\r\n"), body: body)
        }
        let expected =
            switch credentials.dialect {
            case "rongcloud": "\"code\":200"
            case "easemob": "\"data\":{\""
            default: "\"ErrorCode\":0"
            }
        return BenchRequests(requests: requests, expected: expected)
    }

    private static func send(_ target: Target, _ text: String, _ credentials: Credentials) -> (
        path: String, body: String
    ) {
        let number = RequestTemplate.numberPlace
        return switch (credentials.dialect, target) {
        case ("rongcloud", .group(let group, let sender)):
            (
                "/message/group/publish.json",
                "fromUserId=\(sender)&toGroupId=\(group)&isIncludeSender=1&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
            )
        case ("rongcloud", .user(let user, let sender)):
            (
                "/message/private/publish.json",
                "fromUserId=\(sender)&toUserId=\(user)&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
            )
        case ("easemob", .group(let group, let sender)):
            (
                "/parley/demo/messages/chatgroups",
                #"{"from":"\#(sender)","to":["\#(group)"],"type":"txt","body":{"msg":"\#(text)"}}"#
            )
        case ("easemob", .user(let user, let sender)):
            (
                "/parley/demo/messages/users",
                #"{"from":"\#(sender)","to":["\#(user)"],"type":"txt","body":{"msg":"\#(text)"}}"#
            )
        case (_, .group(let group, let sender)):
            (
                "/v4/group_open_http_svc/send_group_msg?\(credentials.query)",
                #"{"GroupId":"\#(group)","From_Account":"\#(sender)","Random":\#(number),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            )
        case (_, .user(let user, let sender)):
            (
                "/v4/openim/sendmsg?\(credentials.query)",
                #"{"SyncOtherMachine":2,"From_Account":"\#(sender)","To_Account":"\#(user)","MsgRandom":\#(number),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            )
        }
    }

    /// Signed with the demo's secret. Nonce and time stay the same: the clock tolerance of signatures is off unless told.
    static var rongCloudHeaders: [(String, String)] {
        let digest = Insecure.SHA1.hash(data: Data((Demo.secret + "1" + "1").utf8))
        return [
            ("App-Key", "parley-demo"), ("Nonce", "1"), ("Timestamp", "1"),
            ("Signature", digest.map { String(format: "%02x", $0) }.joined()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
    }

    static func tencentQuery(_ signature: String) -> String {
        "sdkappid=1400000000&identifier=administrator&usersig=\(signature)&random=1&contenttype=json"
    }
}
