import Foundation
import NIOCore
import NIOHTTP1
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

/// Requests that two readers could cut apart in two ways, behind which another could be smuggled past a proxy: refused, and the connection closed.
@Suite(.timeLimit(minutes: 2))
struct FramingTests {
    private static let hidden = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test(arguments: [
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6"),
        ("two lengths in one", "Content-Length: 5, 6"),
        ("a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        ("chunks and a length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        ("chunks that are not last", "Transfer-Encoding: chunked, identity"),
        ("an encoding nobody knows", "Transfer-Encoding: xchunked"),
        ("a space before the colon", "Content-Length : 5"),
        ("a tab before the colon", "Transfer-Encoding\t: chunked"),
        ("a folded line", "Transfer-Encoding:\r\n chunked"),
        ("a folded name", "X: y\r\n Content-Length: 5"),
        ("a negative length", "Content-Length: -5"),
        ("a signed length", "Content-Length: +5"),
        ("a hexadecimal length", "Content-Length: 0x5"),
        ("a length beyond counting", "Content-Length: 99999999999999999999999"),
        ("a length with a space in it", "Content-Length: 5 5"),
        ("a length that is empty", "Content-Length: \r\nX: y"),
        ("a NUL in a value", "X: a\0b"),
        ("a carriage return alone", "X: a\rContent-Length: 5"),
        ("a line without a colon", "nonsense"),
        ("a name with a space", "Con tent-Length: 5"),
        ("no name", ": 5"),
    ])
    func isNotGuessedAt(_ name: String, _ headers: String) async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            await raw.send(
                "POST /v4/openim/sendmsg HTTP/1.1\r\nHost: x\r\n\(headers)\r\n\r\n0\r\n\r\n\(Self.hidden)\(Self.hidden)"
            )
            try? await raw.channel.close(mode: .output).get()
            let answers = await raw.received()
            #expect(!answers.contains(#"{"status":"ok"}"#), "\(name): \(answers.prefix(300))")
            #expect(answers.components(separatedBy: "HTTP/1.1 ").count <= 2, "\(name)")
            #expect(answers.isEmpty || !answers.contains("HTTP/1.1 2") || answers.contains("60002"), "\(name)")
        }
    }

    /// It was sent whole, and somebody waits for its answer.
    @Test(arguments: ["Content-Length: 99999999999", "Content-Length: -5", "no header at all"])
    func aRequestIsAnsweredThoughTheNextCannotBeRead(_ next: String) async throws {
        try await withServer { live in
            let signature = try live.token("tencent", "administrator")
            let body =
                #"{"GroupId":"demo-group","From_Account":"bob","Random":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hi"}}]}"#
            let target =
                "/v4/group_open_http_svc/send_group_msg?sdkappid=1400000000&identifier=administrator&usersig=\(signature)&random=1&contenttype=json"
            let raw = try await RawConnection.connect(port: live.server.port)
            await raw.send(
                "POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    + "POST /v4/openim/sendmsg HTTP/1.1\r\nHost: x\r\n\(next)\r\n\r\n")
            try? await raw.channel.close(mode: .output).get()
            let answers = await raw.received().components(separatedBy: "HTTP/1.1 ").dropFirst()
            try #require(answers.count == 2, "\(answers)")
            #expect(answers[answers.startIndex].contains(#""MsgSeq":1"#), "\(answers)")
            #expect(answers[answers.startIndex + 1].contains("Connection: close"))
        }
    }

    @Test(arguments: ["5\n", "5;x=\0", "-1\r\n", "0x5\r\n", "5 \r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "\r\n"])
    func aChunkThatIsNoneEndsTheConnection(_ size: String) async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            await raw.send(
                "POST /v4/openim/sendmsg HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(size)hello\r\n0\r\n\r\n"
                    + Self.hidden)
            try? await raw.channel.close(mode: .output).get()
            let answers = await raw.received()
            #expect(!answers.contains(#"{"status":"ok"}"#), "\(answers.prefix(300))")
        }
    }

    /// The control: what is framed well is answered, and so is the request behind it.
    @Test func whatIsFramedWellIsFollowedByTheNext() async throws {
        try await withServer { live in
            for framing in [
                "Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "Transfer-Encoding: Chunked\r\n\r\n5;name=value\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
            ] {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send("POST /v4/openim/sendmsg HTTP/1.1\r\nHost: x\r\n\(framing)\(Self.hidden)")
                let answers = await raw.received { $0.contains(#"{"status":"ok"}"#) }
                #expect(answers.components(separatedBy: "HTTP/1.1 200").count == 3, "\(answers)")
                await raw.close()
            }
        }
    }

    /// Nothing of a request gets into an answer's head but its own id, and that only when it is printable.
    @Test func anAnswersHeadHoldsNothingOfTheRequest() async throws {
        try await withServer { live in
            let client = try await RawConnection.connect(port: live.server.port)
            await client.send(
                "GET /nowhere/%0d%0aSet-Cookie:%20a=b?x=%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: evil\r\n"
                    + "X-Request-ID: a\u{7F}b\r\nX-Forwarded-Proto: https\r\n\r\n")
            let answer = await client.received { $0.contains("}") }
            let head = answer.components(separatedBy: "\r\n\r\n")[0]
            #expect(head.contains("X-Request-ID: "))
            for word in ["Set-Cookie", "evil", "\u{7F}", "nowhere"] { #expect(!head.contains(word), "\(word)") }
            await client.close()
        }
    }

    /// Deeper than any message: refused by every API in its own form, and the stack does not notice.
    @Test func bodiesNestedWithoutEndAreRefusedInTheVendorsForm() async throws {
        try await withServer { live in
            let demo = try await Tenant(app: live.app, on: live)
            for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
                let depth = 100_000
                let nested = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
                let tencent = try await demo.tencent("openim/sendmsg", nested)
                #expect(tencent["ActionStatus"]?.string == "FAIL")
                let easemob = try await demo.easemob(.POST, "/messages/chatgroups", nested)
                #expect(easemob.status == 400)
                let form =
                    "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content="
                    + nested.replacing("\"", with: "%22")
                let rongCloud = try await demo.rongCloud("/message/group/publish.json", String(form.prefix(120_000)))
                #expect(rongCloud["code"]?.int != nil)
                let alice = try await live.listen("tencent", "alice")
                _ = try await alice.frames { $0["type"]?.string == "ready" }
                alice.socket.send(String(nested.prefix(200_000)))
                let answer = try await alice.frames { $0["type"]?.string == "error" }.last
                #expect(answer?["code"]?.string == "notJSON")
            }
            #expect(try await live.backend().say("still-here", through: "rongcloud"))
        }
    }
}
