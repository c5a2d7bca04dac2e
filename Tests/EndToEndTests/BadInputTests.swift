import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

/// What no vendor's SDK sends. Each gets an answer or a close, and the server goes on.
@Suite(.timeLimit(minutes: 2))
struct BadInputTests {
    static let signature = Insecure.SHA1.hash(data: Data("parley-demo-secret11".utf8)).map {
        String(format: "%02x", $0)
    }.joined()
    static let signed = "App-Key: parley-demo\r\nNonce: 1\r\nTimestamp: 1\r\nSignature: \(signature)\r\nHost: x\r\n"

    @Test func nonsenseIsAnsweredOrClosedAndTheServerGoesOn() async throws {
        try await withServer { live in
            let cases: [[UInt8]] = [
                Array("\r\n\r\n\r\n\r\nhello\r\n\r\n".utf8),
                [UInt8](repeating: 0, count: 4096),
                (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 31) },
                Array("GET / HTTP/9.9\r\n\r\n".utf8),
                Array("POST /message/group/publish.json HTTP/1.1\r\nContent-Length: -5\r\n\r\n".utf8),
                Array("POST /x.json HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".utf8),
                Array("POST /x.json HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8),
                Array("GET / HTTP/1.1\r\n".utf8) + Array(String(repeating: "A: b\r\n", count: 1000).utf8)
                    + Array("\r\n".utf8),
                Array(("GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 300_000) + "\r\n\r\n").utf8),
                Array(("GET /" + String(repeating: "a", count: 300_000) + " HTTP/1.1\r\n\r\n").utf8),
            ]
            for bytes in cases {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send(bytes)
                let answer = await raw.received { $0.contains("\r\n\r\n") }
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(200))")
                await raw.close()
            }
            #expect(try await live.backend().say("still-here", through: "tencent"))
        }
    }

    @Test func aBodyOverTheLimitIsRefusedInTheVendorsForm() async throws {
        try await withServer { live in
            for path in [
                "/message/group/publish.json", "/parley/demo/messages/chatgroups", "/v4/openim/sendmsg?sdkappid=1",
            ] {
                let declared = try await RawConnection.connect(port: live.server.port)
                await declared.send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
                let answer = await declared.received { $0.contains("}") }
                let body = answer.components(separatedBy: "\r\n\r\n").last ?? ""
                let json = try JSON(parsing: body)
                let code = json["code"] ?? json["ErrorCode"] ?? json["error"]
                #expect(code != nil, "\(answer)")
                await declared.close()

                let chunked = try await RawConnection.connect(port: live.server.port)
                await chunked.send("POST \(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                let chunk = "100000\r\n" + String(repeating: "a", count: 0x100000) + "\r\n"
                for _ in 0..<16 { await chunked.send(chunk) }
                #expect(await chunked.received { $0.contains("}") }.hasPrefix("HTTP/1.1"))
                await chunked.close()
            }
            #expect(try await live.backend().say("still-here", through: "rongcloud"))
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            let requests = (1...50).map { number in
                let body =
                    "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22p\(number)%22%7D"
                return "POST /message/group/publish.json HTTP/1.1\r\n\(Self.signed)X-Request-ID: r\(number)\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            await raw.send(requests.joined())
            let answers = await raw.received { $0.components(separatedBy: "\"code\":200").count == 51 }
            let order = answers.matches(of: /X-Request-ID: r(\d+)/).map { Int($0.1) }
            #expect(order == Array(1...50))
            let dave = try await live.listen("rongcloud", "dave")
            #expect(try await dave.missed().compactMap(\.text) == (1...50).map { "p\($0)" })
        }
    }

    @Test func bodiesThatAreBrokenOffAreForgotten() async throws {
        try await withServer(["http.max-body-megabytes": "16"]) { live in
            let chunk = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
            for _ in 0..<40 {
                let raw = try await RawConnection.connect(port: live.server.port)
                let options = try #require(raw.channel as? any SocketOptionProvider)
                try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
                await raw.send("POST /parley/demo/chatfiles HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
                await raw.send(chunk)
                await raw.close()
            }
            #expect(try await live.backend().say("still-here", through: "tencent"))
        }
    }

    @Test func tooManyHeadersAreRefusedInTheVendorsForm() async throws {
        try await withServer { live in
            let headers = (0..<300).map { "X-\($0): y\r\n" }.joined()
            for (path, expected) in [
                ("/v4/openim/sendmsg", #""ErrorCode":60002"#), ("/user/info.json", #""code":1002"#),
                ("/parley/demo/users", #""error":"#),
            ] {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
                #expect(await raw.received { $0.hasSuffix("}") }.contains(expected))
                await raw.close()
            }
        }
    }

    @Test func aClientThatDoesNotReadItsAnswersIsNotReadFrom() async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            try await raw.channel.setOption(.autoRead, value: false).get()
            let request = Array("GET /metrics HTTP/1.1\r\n\r\n".utf8)
            let many = Array(repeatElement(request, count: 40_000).joined())
            let sending = Task { try? await raw.channel.writeAndFlush(ByteBuffer(bytes: many)) }
            // The server goes on for everyone else; what this client wants stays in its own buffers until it reads.
            #expect(try await live.backend().say("still-here", through: "rongcloud"))
            try await raw.channel.setOption(.autoRead, value: true).get()
            raw.channel.read()
            let answers = await raw.received { $0.utf8.count > 1_000_000 }
            #expect(answers.hasPrefix("HTTP/1.1 200 OK"))
            await raw.close()
            await sending.value
        }
    }

    @Test func thousandsOfRequestsBehindOneThatWaitsAreAnswered() async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            let body = "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content=x"
            let first =
                "POST /message/group/publish.json HTTP/1.1\r\n\(Self.signed)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let last = "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n"
            await raw.send(first + String(repeating: "GET /health/live HTTP/1.1\r\n\r\n", count: 4999) + last)
            let answers = await raw.received()
            #expect(answers.count(of: "HTTP/1.1 200 OK") == 5001)
        }
    }

    @Test func aRequestSentByteByByteIsAnswered() async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            for byte in "POST /user/checkOnline.json HTTP/1.1\r\n\(Self.signed)Content-Length: 12\r\n\r\nuserId=alice"
                .utf8
            {
                await raw.send([byte])
            }
            #expect(await raw.received { $0.contains("}") }.contains(#""code":200"#))
        }
    }

    @Test func connectionsBrokenInTheMiddleOfABodyHarmNobody() async throws {
        try await withServer { live in
            for _ in 0..<50 {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send(
                    "POST /message/group/publish.json HTTP/1.1\r\n\(Self.signed)Content-Length: 5000\r\n\r\nfromUserId=bob"
                )
                await raw.close()
            }
            #expect(try await live.backend().say("still-here", through: "easemob"))
        }
    }

    @Test func headHasNoBodyAndHttp10IsClosed() async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            await raw.send("GET /health/ready HTTP/1.0\r\n\r\n")
            let answer = await raw.received()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
            #expect(answer.contains("Connection: close"))
            let client = try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton)
            #expect(try await client.send(.GET, "/metrics").status == 200)
            #expect(try await client.send(.GET, "/nowhere").status == 404)
            #expect(try await client.send(.GET, "/v1/connect").status == 426)
            await client.close()
        }
    }

    @Test func aSlowReaderCostsNobodyElseAndLosesNothing() async throws {
        try await withServer(["sockets.outbox-bytes": "16384", "sockets.full-seconds": "120"]) { live in
            let alice = try await live.listen("rongcloud", "alice")
            let slow = try await live.listen("tencent", "dave", receiveBuffer: 16_384)
            _ = try await (alice.missed(), slow.missed())
            try await slow.socket.setReading(false)
            let backend = try await live.backend()
            let (count, filler) = (120, String(repeating: "x", count: 30_000))
            for number in 1...count { #expect(try await backend.say("\(number)-\(filler)", through: "rongcloud")) }
            #expect(try await alice.messages(count).count == count)
            // 3.6 MB are more than kernel and outbox hold: the rest is pulled when dave reads again.
            try await slow.socket.setReading(true)
            let messages = try await slow.messages(count)
            #expect(messages.compactMap { $0["seq"]?.int } == Array(1...Int64(count)))
        }
    }
}

extension String {
    fileprivate func count(of text: String) -> Int { self.components(separatedBy: text).count - 1 }
}
