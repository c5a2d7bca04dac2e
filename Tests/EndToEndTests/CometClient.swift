import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import Testing

/// A client that does what RongCloud's SDKs do where there is no WebSocket (facts/rongcloud-client.md, 8): it posts what it says, and fetches what it is
/// told with requests that wait.
struct CometClient: Sendable {
    let user: String
    /// What it was told when it connected.
    let welcome: JSON
    /// Nil: refused.
    let session: String?
    private let posts: HTTPClient
    private let polls: HTTPClient

    static func connect(
        _ live: LiveServer, _ user: String, _ generation: RongClient.Generation = .v2, token: String? = nil,
        query: String = "", headers: [(String, String)] = []
    ) async throws -> CometClient {
        let token = try token ?? live.token("rongcloud", user)
        let escaped = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let posts = try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton)
        let answer = try await posts.send(
            .GET,
            "/websocket?appId=parley-demo&token=\(escaped)&sdkVer=\(generation.rawValue)&apiVer=17\(query)",
            headers: headers)
        #expect(answer.status == 200)
        #expect(answer.headers["access-control-allow-origin"] == "*")
        let welcome = try JSON(parsing: answer.body)
        return CometClient(
            user: user, welcome: welcome, session: welcome["sessionid"]?.string, posts: posts,
            polls: try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton))
    }

    /// As the same page, or another one that has found the session in its storage.
    static func resume(_ session: String, _ live: LiveServer, _ user: String) async throws -> CometClient {
        CometClient(
            user: user, welcome: try JSON(parsing: "{}"), session: session,
            posts: try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton),
            polls: try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton))
    }

    // MARK: Told

    /// Nil: there is no such session any more.
    func poll() async throws -> [JSON]? {
        let answer = try await self.polls.send(
            .GET, "/pullmsg.js?sessionid=\(self.session ?? "")&timestrap=1&pid=\(self.user)")
        #expect(answer.status == 200)
        #expect(answer.headers["access-control-allow-origin"] == "*")
        guard answer.text != "lost params" else { return nil }
        let json = try JSON(parsing: answer.body)
        let frames: [JSON] = try #require(json.array)
        return frames
    }

    /// What comes up to the one that is asked for, each acknowledged as the SDKs do; it is nil when the session is lost first.
    func frames(until isLast: (JSON) -> Bool) async throws -> [JSON] {
        var all: [JSON] = []
        while let frames = try await self.poll() {
            for frame in frames { try await self.confirm(frame) }
            all += frames
            if frames.contains(where: isLast) { break }
        }
        return all
    }

    private func confirm(_ frame: JSON) async throws {
        guard let header = frame["headerCode"]?.int, header & 6 != 0, header & 8 == 0 else { return }
        let id = frame["messageId"]?.int ?? 0
        switch header >> 4 {
        case 3: #expect(try await self.post(64, id) == "[]")
        case 6: #expect(try await self.post(112, id) == "[]")
        default: break
        }
    }

    // MARK: Said

    /// - Returns: the answer's body.
    func post(_ header: Int, _ id: Int64, _ topic: String? = nil, to target: String = "", _ body: String = "{}")
        async throws -> String
    {
        try await self.answer(header, id, topic, to: target, Array(body.utf8)).text
    }

    func answer(_ header: Int, _ id: Int64, _ topic: String?, to target: String, _ body: [UInt8]) async throws
        -> HTTPClient.Response
    {
        var path = "/websocket?messageid=\(id)&header=\(header)&sessionid=\(self.session ?? "")"
        if let topic {
            path += "&topic=\(topic)&targetid=\(target.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)"
        }
        return try await self.posts.send(
            .POST, path + "&pid=\(self.user)", headers: [("Content-Type", "text/plain;charset=UTF-8")], body: body)
    }

    func say(_ text: String, id: Int64, to target: String, inGroup: Bool = false) async throws {
        let content = JSONWriter.object { $0.field("content", text) }
        let body = JSONWriter.object {
            $0.field("sessionId", 3)
            $0.field("classname", "RC:TxtMsg")
            $0.field("content", String(decoding: content, as: UTF8.self))
        }
        let answer = try await self.post(
            50, id, inGroup ? "pgMsgP" : "ppMsgP", to: target, String(decoding: body, as: UTF8.self))
        #expect(answer == "[]")
    }

    /// Asks, and waits for the answer.
    func query(_ topic: String, id: Int64, to target: String, _ body: String) async throws -> JSON {
        #expect(try await self.post(82, id, topic, to: target, body) == "[]")
        let frames = try await self.frames { $0.answers(id) }
        return try #require(frames.first { $0.answers(id) })
    }

    func pull(id: Int64, from time: Int64 = 0) async throws -> JSON {
        let answer = try await self.query(
            "pullMsg", id: id, to: self.user, #"{"syncTime":\#(time),"ispolling":false,"isPullSend":false}"#)
        #expect(answer["status"]?.int == 0)
        return try answer.data
    }

    func close() async {
        await self.posts.close()
        await self.polls.close()
    }
}

extension JSON {
    /// The message in a frame of comet: JSON within a text.
    var data: JSON { get throws { try JSON(parsing: try #require(self["data"]?.string)) } }

    func answers(_ id: Int64) -> Bool {
        [4, 6].contains((self["headerCode"]?.int ?? 0) >> 4) && self["messageId"]?.int == id
    }

    /// Of a text message in a frame's data.
    var saidText: String? {
        self["content"]?.string.flatMap { try? JSON(parsing: Array($0.utf8)) }?["content"]?.string
    }
}
