import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import Testing

/// A backend that talks to the demo app through all three vendors' APIs, with real signatures and tokens.
struct Backend: Sendable {
    let client: HTTPClient
    let userSig: String
    let easemobToken: String

    /// - Parameter userSig: the administrator's.
    static func connect(port: Int, userSig: String) async throws -> Backend {
        let client = try await HTTPClient.connect(host: "127.0.0.1", port: port, group: .singleton)
        let answer = try await client.send(
            .POST, "/parley/demo/token", headers: [("Content-Type", "application/json")],
            body: Array(
                #"{"grant_type":"client_credentials","client_id":"parley-demo-client","client_secret":"parley-demo-secret"}"#
                    .utf8))
        let token = try #require(try JSON(parsing: answer.body)["access_token"]?.string)
        return Backend(client: client, userSig: userSig, easemobToken: token)
    }

    func rongCloud(_ path: String, _ form: String) async throws -> JSON {
        let digest = Insecure.SHA1.hash(data: Data("parley-demo-secret143141408706337".utf8))
        let answer = try await self.client.send(
            .POST, path,
            headers: [
                ("App-Key", "parley-demo"), ("Nonce", "14314"), ("Timestamp", "1408706337"),
                ("Signature", digest.map { String(format: "%02x", $0) }.joined()),
                ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(form.utf8))
        return try JSON(parsing: answer.body)
    }

    func easemob(_ path: String, _ json: String, method: HTTPMethod = .POST) async throws -> JSON {
        let answer = try await self.client.send(
            method, "/parley/demo" + path,
            headers: [("Authorization", "Bearer \(self.easemobToken)"), ("Content-Type", "application/json")],
            body: Array(json.utf8))
        return try JSON(parsing: answer.body)
    }

    func tencent(_ command: String, _ json: String) async throws -> JSON {
        let answer = try await self.client.send(
            .POST,
            "/v4/\(command)?sdkappid=1400000000&identifier=administrator&usersig=\(self.userSig)&random=1&contenttype=json",
            body: Array(json.utf8))
        return try JSON(parsing: answer.body)
    }

    /// Says `text` in demo-group through one vendor's API; true when the answer says that it was taken.
    func say(_ text: String, through dialect: String, random: UInt32 = .random(in: 0...UInt32.max)) async throws -> Bool
    {
        switch dialect {
        case "rongcloud":
            let form =
                "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
            return try await self.rongCloud("/message/group/publish.json", form)["code"]?.int == 200
        case "easemob":
            let body = #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"\#(text)"}}"#
            return try await self.easemob("/messages/chatgroups", body)["data"]?["demo-group"]?.string != nil
        default:
            let body =
                #"{"GroupId":"demo-group","From_Account":"bob","Random":\#(random),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            return try await self.tencent("group_open_http_svc/send_group_msg", body)["ErrorCode"]?.int == 0
        }
    }
}

/// A client on ParleySocket.
struct Listener: Sendable {
    let socket: SocketClient

    static func connect(port: Int, token: String, query: String = "", receiveBuffer: Int? = nil) async throws
        -> Listener
    {
        let escaped = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let target = "/v1/connect?token=\(escaped)\(query)"
        return Listener(
            socket: try await SocketClient.connect(
                host: "127.0.0.1", port: port, target: target, receiveBuffer: receiveBuffer, group: .singleton))
    }

    /// Frames until one that `isLast` accepts, that one included. Ends early when the connection does.
    func frames(until isLast: (JSON) -> Bool) async throws -> [JSON] {
        var frames: [JSON] = []
        for await text in self.socket.frames {
            let frame = try JSON(parsing: Array(text.readableBytesView))
            frames.append(frame)
            if isLast(frame) { break }
        }
        return frames
    }

    /// The next `count` messages.
    func messages(_ count: Int) async throws -> [JSON] {
        var messages = 0
        return try await self.frames { frame in
            if frame["type"]?.string == "message" { messages += 1 }
            return messages == count
        }.filter { $0["type"]?.string == "message" }
    }

    /// What was missed: the messages before the server says that there are no more.
    func missed() async throws -> [JSON] {
        try await self.frames { $0["type"]?.string == "ready" }.filter { $0["type"]?.string == "message" }
    }
}

extension JSON {
    var text: String? { self["content"]?["text"]?.string }
}
