import Foundation
import NIOCore
import ParleyClient
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

/// Random numbers that are the same in every run.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { self.state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What no client library sends, on sockets of the real server.
@Suite(.timeLimit(minutes: 2))
struct HostileFrameTests {
    private static let commands = [
        #"{"type":"ping","request":1}"#,
        #"{"type":"ack","conversation":"group:demo-group","seq":3}"#,
        #"{"type":"sync","cursors":{"group:demo-group":2,"direct:bob":0}}"#,
        #"{"type":"send","request":2,"conversation":"group:demo-group","id":"x","kind":"text","content":{"text":"hi \u00e9\ud83d\ude00"},"options":{"mention":{"everyone":true},"push":{"title":"t"}}}"#,
        #"{"type":"send","request":3,"conversation":"direct:bob","kind":"image","content":{"url":"http://x/y","bytes":12,"width":3,"height":4}}"#,
        #"{"type":"send","request":4,"conversation":"group:demo-group","kind":"combined","content":{"parts":[{"kind":"text","content":{"text":"a"}}]},"to":["bob"],"ephemeral":true}"#,
        #"{"type":"recall","request":5,"message":"850911223344556","reason":"r"}"#,
        #"{"type":"edit","request":6,"message":"850911223344556","kind":"text","content":{"text":"b"}}"#,
        #"{"type":"delete","request":7,"conversation":"direct:bob","messages":["1","2"]}"#,
        #"{"type":"read","request":8,"conversation":"group:demo-group","seq":1}"#,
        #"{"type":"receipt","request":9,"conversation":"group:demo-group","messages":["1"]}"#,
        #"{"type":"receipts","request":10,"message":"1"}"#,
        #"{"type":"typing","conversation":"direct:bob","typing":false}"#,
        #"{"type":"history","request":11,"conversation":"group:demo-group","before":9,"limit":20}"#,
        #"{"type":"conversations","request":12,"from":"x","limit":10}"#,
        #"{"type":"unread","request":13}"#,
        #"{"type":"conversation","request":14,"conversation":"direct:bob","pinned":true,"cleared":true}"#,
        #"{"type":"members","request":15,"conversation":"group:demo-group","after":"bob","limit":2}"#,
        #"{"type":"users","request":16,"users":["alice","bob"]}"#,
        #"{"type":"watch","request":17,"users":["bob","carol"]}"#,
    ]

    private static let codes: Set<String> = [
        "notJSON", "badField", "unknownType", "unknownConversation", "notMember", "muted", "groupMuted", "blocked",
        "unknownUser", "tooLarge", "tooFast", "tooMany", "notPermitted", "unknownMessage", "alreadyRecalled",
        "tooLate", "notRecallable", "notEditable", "editLimitReached", "noReceipts", "overloaded",
        "refusedByCallback", "callbackFailed",
    ]

    private static let values = [
        "null", "true", "-1", "1e999", "99999999999999999999999", "9223372036854775807", "-0.0", "\"\"", "{}", "[]",
        #""\ud800""#, #""\u0000""#, String(repeating: "[", count: 200), String(repeating: #"{"a":"#, count: 50),
        #","type":"ping","type":"send""#, "\u{0}", "\u{FEFF}",
    ]

    private static func mutated(_ dice: inout Dice) -> [UInt8] {
        var bytes = Array(Self.commands.randomElement(using: &dice)!.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &dice) where !bytes.isEmpty { Self.mutate(&bytes, &dice) }
        // Now and then what cannot be UTF-8: it ends the connection.
        if Int.random(in: 0..<100, using: &dice) == 0 { bytes.append(0xFF) }
        return bytes
    }

    private static func mutate(_ bytes: inout [UInt8], _ dice: inout Dice) {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<7, using: &dice) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<7, using: &dice)
        case 1: bytes.removeSubrange(place...)
        case 2: bytes.remove(at: place)
        case 3:
            let end = min(bytes.count, place + Int.random(in: 1...30, using: &dice))
            bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.insert(contentsOf: Self.values.randomElement(using: &dice)!.utf8, at: place)
        case 5:
            // A whole value becomes another.
            guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { break }
            let end = bytes[(colon + 1)...].firstIndex { [0x2C, 0x7D, 0x5D].contains($0) } ?? bytes.count
            bytes.replaceSubrange((colon + 1)..<end, with: Self.values.randomElement(using: &dice)!.utf8)
        default: bytes[place] = UInt8.random(in: 0...127, using: &dice)
        }
    }

    @Test func commandsThatWereTamperedWithAreAnsweredOrRefusedAndNothingElse() async throws {
        try await withServer { live in
            var dice = Dice(3)
            var refusals: [String: Int] = [:]
            var closed = 0
            for connection in 0..<20 {
                let target = "/v1/connect?token=\(demoToken(["alice", "bob", "carol"][connection % 3]))"
                let socket = try await RawSocket.connect(port: live.server.port, target: target)
                var isText = true
                for _ in 0..<60 where isText {
                    let bytes = Self.mutated(&dice)
                    isText = String(validating: bytes, as: UTF8.self) != nil
                    await socket.send(ClientFrame(1, bytes))
                }
                if isText { await socket.send(.text(#"{"type":"ping","request":"the end"}"#)) }
                let outcome = await socket.outcome {
                    $0["type"]?.string == "pong" && $0["request"]?.string == "the end"
                }
                #expect(outcome.isSound)
                if isText {
                    #expect(outcome.texts.last?["type"]?.string == "pong")
                    #expect(outcome.closeCode == nil)
                } else {
                    #expect(outcome.closeCode == 1007)
                    closed += 1
                }
                for error in outcome.texts where error["type"]?.string == "error" {
                    let code = error["code"]?.string ?? ""
                    #expect(Self.codes.contains(code), "\(error.text ?? "") \(code)")
                    refusals[code, default: 0] += 1
                }
                await socket.raw.close()
            }
            // The dice were thrown well.
            #expect(
                refusals["badField", default: 0] > 50 && refusals["notJSON", default: 0] > 50 && closed > 5,
                "\(refusals) \(closed)")
            #expect(try await live.backend().say("still-here", through: "tencent"))
            let dave = try await live.listen("tencent", "dave")
            #expect(try await dave.missed().last?.text == "still-here")
        }
    }

    @Test func violationsOfTheProtocolAreClosedWithTheCodeOfTheContract() async throws {
        try await withServer { live in
            func frame(_ opcode: UInt8, _ count: Int = 0, _ change: (inout ClientFrame) -> Void = { _ in }) -> [UInt8] {
                var frame = ClientFrame(opcode, [UInt8](repeating: 0x20, count: count))
                change(&frame)
                return frame.bytes
            }
            let part = frame(1, 200_000) { $0.isFinal = false }
            let cases: [(String, [UInt8], Int)] = [
                ("not masked", frame(1, 2) { $0.isMasked = false }, 1002),
                ("reserved bit 1", frame(1, 2) { $0.reserved = 4 }, 1002),
                ("reserved bit 3", frame(1, 2) { $0.reserved = 1 }, 1002),
                ("opcode 3", frame(3, 2), 1002), ("opcode 11", frame(11, 2), 1002),
                ("binary", frame(2, 2), 1003), ("a part of a binary", frame(2, 2) { $0.isFinal = false }, 1003),
                ("not UTF-8", ClientFrame(1, [0x22, 0xC0, 0xAF, 0x22]).bytes, 1007),
                ("half of a character", ClientFrame(1, [0xE2, 0x82]).bytes, 1007),
                ("a continuation of nothing", frame(0, 2), 1002),
                ("text within text", frame(1, 2) { $0.isFinal = false } + frame(1, 2), 1002),
                ("a long ping", frame(9, 126), 1002), ("a long close", frame(8, 300), 1002),
                ("half a ping", frame(9, 2) { $0.isFinal = false }, 1002),
                ("a close of one byte", frame(8, 1), 1002), ("a close with 1005", ClientFrame.close(1005).bytes, 1002),
                ("a close with 999", ClientFrame.close(999).bytes, 1002),
                ("a close whose reason is not UTF-8", ClientFrame(8, [0x03, 0xE8, 0xFF]).bytes, 1007),
                ("too long", frame(1, 300_000), 1009),
                ("too long in parts", part + frame(0, 200_000), 1009),
                ("2^63 bytes", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1009),
                ("2^40 bytes", [0x81, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1009),
            ]
            // Side by side: where a client's answer to the close cannot be told from the rest, the server waits for it in vain.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, (name, bytes, code)) in cases.enumerated() {
                    group.addTask {
                        let target = "/v1/connect?token=\(demoToken("alice"))&device=d\(number)"
                        let socket = try await RawSocket.connect(port: live.server.port, target: target)
                        await socket.raw.send(bytes)
                        let outcome = await socket.outcome()
                        #expect(outcome.closeCode == code, "\(name)")
                        #expect(outcome.isSound, "\(name)")
                        await socket.raw.close()
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await live.backend().say("still-here", through: "rongcloud"))
        }
    }

    @Test func bytesThatAreNoFramesHarmNobodyAndTakeNoMemory() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(folder: folder.url)
        let dave = try await server.listen("dave")
        _ = try await dave.missed()
        let before = server.residentBytes
        var dice = Dice(7)
        for connection in 0..<60 {
            let socket = try await RawSocket.connect(
                port: server.port, target: "/v1/connect?token=\(demoToken("alice"))&device=d\(connection % 7)")
            var bytes: [UInt8] = []
            for _ in 0..<20 {
                var frame = ClientFrame(UInt8.random(in: 0...15, using: &dice), Self.mutated(&dice))
                if Int.random(in: 0..<3, using: &dice) > 0 { frame.opcode = [1, 9, 10].randomElement(using: &dice)! }
                frame.isFinal = Int.random(in: 0..<6, using: &dice) > 0
                if frame.opcode > 7 { frame.payload = Array(frame.payload.prefix(125)) }
                var raw = frame.bytes
                if Int.random(in: 0..<4, using: &dice) == 0 {
                    let place = Int.random(in: 0..<min(14, raw.count), using: &dice)
                    raw[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
                }
                bytes += raw
            }
            await socket.raw.send(bytes + ClientFrame.close(1000).bytes)
            try? await socket.raw.channel.close(mode: .output).get()
            let outcome = await socket.outcome()
            // No code where the garbage had swallowed the rest, or the connection was gone before.
            if let code = outcome.closeCode { #expect([1000, 1002, 1003, 1007, 1009, 1005].contains(code)) }
            #expect(outcome.isSound)
            await socket.raw.close()
        }
        let grown = server.residentBytes - before
        #expect(grown < 64 << 20 || isSanitized, "\(grown >> 20) MB")
        #expect(try await server.backend().say("still-here", through: "easemob"))
        #expect(try await dave.frames { $0.text == "still-here" }.last?.text == "still-here")
        #expect(await server.terminate() == 0)
    }

    @Test func whoPingsAndDoesNotReadGetsFewPongsAndTheServerKeepsNone() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(
            folder: folder.url, environment: ["PARLEY_SOCKETS_FULL_SECONDS": "120"])
        let before = server.residentBytes
        let socket = try await RawSocket.connect(
            port: server.port, target: "/v1/connect?token=\(demoToken("alice"))")
        try await socket.raw.channel.setOption(.autoRead, value: false).get()
        let ping = ClientFrame(9, [UInt8](repeating: 1, count: 125)).bytes
        let many = Array(repeatElement(ping, count: 1000).joined())
        // Not so long that the silence of who does not read would end it.
        for _ in 0..<(isSanitized ? 6 : 60) { await socket.raw.send(many) }
        #expect(try await server.backend().say("still-here", through: "easemob"))
        let grown = server.residentBytes - before
        #expect(grown < 16 << 20 || isSanitized, "\(grown >> 20) MB for 8 MB of pings")
        try await socket.raw.channel.setOption(.autoRead, value: true).get()
        socket.raw.channel.read()
        await socket.send(.close(1000))
        let outcome = await socket.outcome()
        #expect(outcome.closeCode == 1000)
        #expect(outcome.pongs > 0 && outcome.pongs <= 60_000)
        #expect(await server.terminate() == 0)
    }

    @Test func handshakesThatAreNoneAreRefusedInHTTP() async throws {
        try await withServer { live in
            let token = demoToken("alice")
            let good = [
                "Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==",
            ]
            func without(_ name: String, _ other: String? = nil) -> [String] {
                good.filter { !$0.hasPrefix(name) } + (other.map { [$0] } ?? [])
            }
            let target = "/v1/connect?token=\(token)"
            let cases: [(String, String, [String], String)] = [
                ("GET", target, without("Upgrade:"), "426"),
                ("GET", target, without("Connection"), "426"),
                ("GET", target, without("Connection", "Connection: keep-alive"), "426"),
                ("GET", target, without("Sec-WebSocket-Version"), "426"),
                ("GET", target, without("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), "426"),
                ("GET", target, without("Sec-WebSocket-Key"), "426"),
                ("GET", target, without("Sec-WebSocket-Key", "Sec-WebSocket-Key: c2hvcnQ="), "426"),
                ("GET", target, without("Sec-WebSocket-Key", "Sec-WebSocket-Key: \u{1F600}"), "426"),
                ("POST", target, good + ["Content-Length: 0"], "426"),
                ("GET", "/v1/connect", good, "401"), ("GET", "/v1/connect?token=", good, "401"),
                ("GET", "/v1/connect?token=%FF%FE", good, "400"), ("GET", "/v1/connect?token=%zz", good, "401"),
                ("GET", "/v1/connect?token=\(token)%00", good, "401"),
                ("GET", "/v1/connect?token=\(token.dropLast(9))", good, "401"),
                ("GET", "/v1/connect?token=" + String(repeating: "a", count: 60_000), good, "4"),
                ("GET", "\(target)&" + String(repeating: "b=c&", count: 60_000), good, "4"),
                ("GET", "\(target)&device=" + String(repeating: "d", count: 129), good, "400"),
                ("GET", "\(target)&device=a%20b", good, "400"),
                ("GET", "\(target)&platform=%0a", good, "400"),
                ("GET", "/v1/connect", good + ["Authorization: Bearer"], "401"),
                ("GET", "/v1/connect", good + ["Authorization: Basic YTpi"], "401"),
            ]
            for (method, target, headers, status) in cases {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send("\(method) \(target) HTTP/1.1\r\n\(headers.joined(separator: "\r\n"))\r\n\r\n")
                let answer = await raw.received { $0.contains("}") }
                #expect(answer.hasPrefix("HTTP/1.1 \(status)"), "\(target.prefix(80)) \(headers): \(answer.prefix(90))")
                await raw.close()
            }
            let bearer = try await RawConnection.connect(port: live.server.port)
            await bearer.send(
                "GET /v1/connect HTTP/1.1\r\n\((good + ["authorization: bearer \(token)"]).joined(separator: "\r\n"))\r\n\r\n"
            )
            #expect(await bearer.received { $0.contains("\"ready\"") }.hasPrefix("HTTP/1.1 101"))
            await bearer.close()
        }
    }
}
