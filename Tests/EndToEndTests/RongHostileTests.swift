import Foundation
import NIOCore
import ParleyClient
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import ParleyTesting
import Testing

/// What no SDK of RongCloud's sends, on sockets of the real program: each gets a status or a close, and nobody else notices.
@Suite(.timeLimit(minutes: 3))
struct RongHostileTests {
    private typealias Sent = ParleyRongCloud.ClientFrame
    private typealias Heard = ParleyRongCloud.ServerFrame

    /// A socket whose client says what a test tells it to, and acknowledges nothing.
    private actor Wire {
        let raw: RawConnection
        private var buffer = ByteBuffer()
        private var isOpen = false
        private(set) var closeCode: Int?

        init(_ raw: RawConnection) { self.raw = raw }

        static func connect(_ server: ParleyProcess, _ user: String, query: String = "", first: [UInt8] = [])
            async throws -> Wire
        {
            let raw = try await RawConnection.connect(port: server.port)
            let target = "/websocket?appId=parley-demo&token=\(demoToken(user))&sdkVer=5.2.1\(query)"
            await raw.send(Handshake.request(target) + first)
            return Wire(raw)
        }

        func send(_ frame: ParleyRongCloud.ClientFrame) async {
            var bytes = ByteBuffer()
            frame.write(into: &bytes)
            await self.send(Array(bytes.readableBytesView))
        }

        func send(_ bytes: [UInt8]) async { await self.raw.send(ClientFrame(2, bytes).bytes) }

        /// What comes until the server closes, or until `isLast`.
        func frames(until isLast: (ParleyRongCloud.ServerFrame) -> Bool = { _ in false }) async
            -> [ParleyRongCloud.ServerFrame]
        {
            var frames: [ParleyRongCloud.ServerFrame] = []
            if self.take(&frames, isLast) { return frames }
            for await chunk in self.raw.chunks {
                self.buffer.writeBytes(chunk)
                if self.take(&frames, isLast) { break }
            }
            return frames
        }

        private func take(
            _ frames: inout [ParleyRongCloud.ServerFrame], _ isLast: (ParleyRongCloud.ServerFrame) -> Bool
        ) -> Bool {
            if !self.isOpen {
                guard let end = self.buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else {
                    return false
                }
                #expect(self.buffer.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)))
                self.buffer.moveReaderIndex(to: end.upperBound)
                self.isOpen = true
            }
            while let frame = ServerFrame(from: &self.buffer) {
                #expect(frame.isPlain)
                switch frame.opcode {
                case 2:
                    guard let known = try? ParleyRongCloud.ServerFrame(parsing: frame.payload) else {
                        Issue.record("not a frame: \(frame.payload.prefix(20))")
                        continue
                    }
                    frames.append(known)
                    if isLast(known) { return true }
                case 8: self.closeCode = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                default: break
                }
            }
            return false
        }

        /// Asks, and returns the status of the answer; nil when the connection ended instead.
        func status(_ frame: ParleyRongCloud.ClientFrame, id: UInt16) async -> UInt16? {
            await self.send(frame)
            for frame in await self.frames(until: { $0.answers(id) }) where frame.answers(id) {
                switch frame {
                case .queryAck(_, _, let status, _, _), .pubAck(_, _, let status, _, _): return status
                default: break
                }
            }
            return nil
        }

        func close() async { await self.raw.close() }
    }

    private func withProcess(
        _ environment: [String: String] = [:], setting changes: [String] = [],
        _ test: (ParleyProcess) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let rates = ["PARLEY_LIMITS_RATES": "off"].merging(environment) { $1 }
        let server = try await ParleyProcess.demo(folder: folder.url, environment: rates)
        if !changes.isEmpty {
            let command = ["app", "set", "demo"] + changes + ["--data", folder.url.path]
            #expect(try await ParleyProcess.run(command).status == 0)
        }
        try await test(server)
        // It is still there, and others are served.
        let carol = try await Wire.connect(server, "carol")
        #expect(await carol.status(.say("still here", to: "dave", id: 1), id: 1) == 0)
        #expect(await server.terminate() == 0)
    }

    // MARK: Frames

    @Test func whatIsNoFrameEndsTheConnectionAndNothingElse() async throws {
        try await self.withProcess { server in
            func socket(_ opcode: UInt8, _ count: Int, _ change: (inout ClientFrame) -> Void = { _ in }) -> [UInt8] {
                var frame = ClientFrame(opcode, Array(repeating: 0x20, count: count))
                change(&frame)
                return frame.bytes
            }
            func frame(_ bytes: [UInt8]) -> [UInt8] { ClientFrame(2, bytes).bytes }
            let cases: [(String, [UInt8], Int)] = [
                ("text", ClientFrame.text("hello").bytes, 1003),
                ("not masked", socket(2, 3) { $0.isMasked = false }, 1002),
                ("too long", socket(2, 300_000), 1009), ("empty", frame([]), 1002),
                ("a header alone", frame([0x32]), 1002), ("half a length", frame([0x32, 0]), 1002),
                ("a topic beyond the end", frame([0x32, 0xFF, 0xFF, 0x41]), 1002),
                ("a target beyond the end", frame([0x52, 0, 1, 0x41, 0, 9, 0x41]), 1002),
                ("no id", frame([0x52, 0, 1, 0x41, 0, 0, 1]), 1002),
                ("a topic that is not UTF-8", frame([0x52, 0, 1, 0xFF, 0, 0, 0, 1]), 1002),
                ("half a surrogate pair", frame([0x52, 0, 3, 0xED, 0xA0, 0x80, 0, 0, 0, 1]), 1002),
                ("half an acknowledgement", frame([0x40, 1]), 1002), ("half a confirmation", frame([0x70]), 1002),
            ]
            for (name, bytes, code) in cases {
                let alice = try await Wire.connect(server, "alice")
                await alice.raw.send(bytes)
                _ = await alice.frames()
                #expect(await alice.closeCode == code, "\(name)")
                await alice.close()
            }
        }
    }

    @Test func whatIsUnusualButAFrameIsTaken() async throws {
        try await self.withProcess { server in
            var text = ByteBuffer()
            Sent.say("in pieces", to: "bob", id: 7).write(into: &text)
            let bytes = Array(text.readableBytesView)
            // Before it has been told that it is connected; in pieces; with the other bits of the header.
            let early = ClientFrame(2, [0xCF]).bytes
            let alice = try await Wire.connect(server, "alice", first: early)
            var pieces = bytes.map { byte in
                var frame = ClientFrame(0, [byte])
                frame.isFinal = false
                return frame
            }
            pieces[0].opcode = 2
            pieces[pieces.count - 1].isFinal = true
            for piece in pieces { await alice.raw.send(piece.bytes) }
            let frames = await alice.frames { $0.answers(7) }
            guard case .connAck = frames.first else {
                Issue.record("not the welcome first")
                return
            }
            #expect(frames.contains(.pong))
            // The same id again, ids that are the server's, and acknowledgements of nothing.
            for id in [7, 7, 0, 0x8001, 0xFFFF] as [UInt16] {
                #expect(await alice.status(.say("\(id)", to: "bob", id: id), id: id) == 0)
                await alice.send(.pubAck(id: id))
                await alice.send(.queryConfirm(id: id))
            }
            // Types that clients do not send are passed over.
            for type in [0, 1, 2, 6, 8, 9, 10, 11, 13, 14, 15] as [UInt8] { await alice.send([type << 4, 0, 1]) }
            await alice.send([0x3A] + bytes.dropFirst())
            #expect(await alice.frames { $0.answers(7) }.last?.answers(7) == true)
            await alice.close()
        }
    }

    @Test func whoIsRefusedIsToldOnceAndNotToComeBackAtOnce() async throws {
        try await self.withProcess { server in
            for query in ["?appId=parley-demo", "?appId=x&token=y", "?appId=parley-demo&token=%FF", "?token=@"] {
                let raw = try await RawConnection.connect(port: server.port)
                var ping = ByteBuffer()
                Sent.ping.write(into: &ping)
                let frame = ClientFrame(2, Array(ping.readableBytesView)).bytes
                await raw.send(Handshake.request("/websocket\(query)") + frame + frame)
                let wire = Wire(raw)
                let frames = await wire.frames { _ in true }
                // 6 would be a loop.
                #expect(frames == [.connAckRefused(status: 4)], "\(query)")
                await wire.close()
            }
        }
    }

    // MARK: Messages

    private static let topics = [
        "ppMsgP", "ppMsgN", "pdMsgP", "pgMsgP", "chatMsg", "pcMsgP", "pmcMsgN", "recallMsg", "pullMsg", "chrmPull",
        "qryPMsg", "qryDMsg", "qryGMsg", "qryCMsg", "qrySMsg", "qryCHMsg", "qryRelation", "qryRelationR",
        "delRelation", "delSessions", "qrySessionsAtt", "updRRTime", "delMsg", "cleanPMsg", "cleanDMsg", "cleanGMsg",
        "cleanCMsg", "cleanSMsg", "joinChrm", "joinChrmR", "exitChrm", "queryChrmI", "setKV", "delKV", "pullKV",
        "setKVS", "delKVS", "pullSeAtts", "setSeAtt", "pullUS", "setOfflineMsgDur", "addSeTag", "addTag", "delSeTag",
        "delTag", "disTag", "rrMsg", "rrList", "reportsdk", "addBlack", "rmBlack", "getBlack", "blackStat",
        "qryPPush", "qryDPush", "blkPPush", "unblkPPush", "setUserStatus", "getUserStatus", "subUserStatus", "crDiz",
        "invtDiz", "quitDiz", "dizInf", "rename", "userInf", "joinGrp", "exitGrp", "uGcmpr", "qnTkn", "qnUrl",
        "aliUrl", "ugMsg", "pullUgMsg", "", "\u{0}", "S", "s_msg", String(repeating: "x", count: 60_000),
    ]

    /// Field 1, the least number there is.
    private static let distant: [UInt8] = [0x08] + Array(repeating: 0x80, count: 9) + [1]

    /// Protobuf, and no message of ours.
    private static let payloads: [[UInt8]] = {
        func varint(_ value: UInt64) -> [UInt8] {
            var (bytes, rest): ([UInt8], UInt64) = ([], value)
            while rest >= 0x80 {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            return bytes + [UInt8(rest)]
        }
        func text(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [field << 3 | 2] + varint(UInt64(bytes.count)) + bytes
        }
        func numbers(_ value: Int64, texts: Set<UInt8>) -> [UInt8] {
            (1...12 as ClosedRange<UInt8>).flatMap { field in
                texts.contains(field)
                    ? text(field, Array("bob".utf8)) : [field << 3] + varint(UInt64(bitPattern: value))
            }
        }
        let values: [Int64] = [-1, .min, .max, 1 << 53]
        let shapes: [Set<UInt8>] = [[], [1], [2], [1, 3]]
        var nested: [UInt8] = []
        for _ in 0..<2000 { nested = text(2, nested.suffix(60_000)) }
        return values.flatMap { value in shapes.map { numbers(value, texts: $0) } } + [
            [], [0xFF], [0x08], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x0B], [0x0C], [0x07],
            Array(repeating: 0x80, count: 100), nested, Array(repeating: 0x0B, count: 5000),
            text(1, [0xFF, 0xFE]), text(1, [0]) + [0x10, 1, 0x18, 1],
            text(1, Array(repeating: 0x41, count: 50_000)) + [0x10, 1],
        ]
    }()

    @Test func anyMessageUnderAnyTopicIsAnswered() async throws {
        try await self.withProcess { server in
            let backend = try await server.backend()
            #expect(try await backend.rongCloud("/chatroom/create.json", "chatroom[bob]=room")["code"]?.int == 200)
            let alice = try await Wire.connect(server, "alice")
            var id: UInt16 = 0
            func isAnswered(_ topic: String, _ target: String, _ payload: [UInt8]) async -> Bool {
                id = id % 0x7FFF + 1
                let isQuery = !topic.contains("Msg") || topic.hasPrefix("qry") || topic.hasPrefix("clean")
                let frame: Sent =
                    isQuery || ["pullMsg", "rrMsg", "delMsg"].contains(topic)
                    ? .query(topic: topic, target: target, id: id, payload: payload, qos: 0)
                    : .publish(topic: topic, target: target, id: id, payload: payload, qos: 1)
                return await alice.status(frame, id: id) != nil
            }
            // In the room as well, whose id is that of the user.
            #expect(await isAnswered("joinChrm", "bob", [0x08, 0]))
            for topic in Self.topics {
                for payload in Self.payloads {
                    let name = "\(topic.prefix(20)) \(payload.prefix(40))"
                    try #require(await isAnswered(topic, "bob", payload), "\(name)")
                }
                for target in ["", "\u{0}", "alice", String(repeating: "y", count: 60_000)] {
                    try #require(
                        await isAnswered(topic, target, [0x08, 0]), "\(topic.prefix(20)) to \(target.prefix(9))")
                }
            }
            await alice.close()
        }
    }

    /// With content that the server itself reads.
    @Test func contentThatIsNotAsItShouldBeIsAnswered() async throws {
        try await self.withProcess { server in
            let alice = try await Wire.connect(server, "alice")
            let names = [
                "RC:TxtMsg", "RC:RcCmd", "RC:ReadNtf", "RC:SRSMsg", "RC:RRReqMsg", "RC:RRRspMsg", "RC:MsgExMsg",
                "RC:TypSts", "RC:ImgMsg", "RC:CombineMsg", "RC:chrmKVNotiMsg", "", String(repeating: "n", count: 33),
            ]
            let big = "9223372036854775807"
            let contents = [
                "", "{", "[]", "null", "\u{0}", #"{"content":null}"#, #"{"content":{}}"#, #"{"content":"\ud800"}"#,
                #"{"messageUId":"","sentTime":-\#(big),"conversationType":99,"targetId":""}"#,
                #"{"messageUId":"AAAA-BBBB-CCCC-DDDD","sentTime":\#(big),"conversationType":1,"targetId":"bob"}"#,
                #"{"lastMessageSendTime":\#(big),"messageUId":"x","type":1}"#,
                #"{"lastMessageSendTime":-\#(big),"type":-1}"#, #"{"lastMessageSendTime":1e999}"#,
                #"{"messageUId":7}"#, #"{"receiptMessageDic":{"bob":["x",1,null],"":[]}}"#,
                #"{"receiptMessageDic":[]}"#, #"{"mid":"x","put":{"k":{"v":1}},"del":["k",2]}"#, #"{"put":[]}"#,
                #"{"mentionedInfo":{"type":99,"userIdList":[1,null,"x"]}}"#, #"{"typingContentType":1}"#,
                String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 20_000),
            ]
            var id: UInt16 = 0
            for topic in ["ppMsgP", "pgMsgP", "chatMsg", "recallMsg"] {
                for (name, content) in names.flatMap({ name in contents.map { (name, $0) } }) {
                    id += 1
                    var message = WireUpStreamMessage()
                    message.sessionID = Int32(id) &* 0x0101_0101
                    message.classname = name
                    message.content = Data(content.utf8)
                    message.extraContent = String(content.prefix(5000))
                    message.clientUniqueID = id.isMultiple(of: 2) ? .min : .max
                    message.delMsgTime = .min
                    message.configFlag = .min
                    message.pushExt.pushConfigs = String(content.prefix(5000))
                    let target = topic == "ppMsgP" ? "bob" : "demo-group"
                    let status = await alice.status(
                        .publish(topic: topic, target: target, id: id, payload: message.wireBytes, qos: 1), id: id)
                    try #require(status != nil, "\(topic) \(name) \(content.prefix(60))")
                }
            }
            await alice.close()
        }
    }

    /// A quarter of a megabyte each.
    @Test func messagesOfManyPartsAreAnsweredAndTakeNoMemory() async throws {
        try await self.withProcess { server in
            let alice = try await Wire.connect(server, "alice")
            func many(_ field: UInt8, _ part: [UInt8], after start: [UInt8] = []) -> [UInt8] {
                let one = [field << 3 | 2, UInt8(part.count)] + part
                return start + Array(repeatElement(one, count: 255_000 / one.count).joined())
            }
            let bob: [UInt8] = [0x12, 3, 0x62, 0x6F, 0x62]
            let text: [UInt8] = [0x08, 3, 0x12, 9] + "RC:TxtMsg".utf8 + [0x1A, 2, 0x7B, 0x7D]
            let bombs: [(String, [UInt8])] = [
                ("delMsg", many(3, [], after: [0x08, 1] + bob)),
                ("delMsg", many(3, [0x10, 1], after: [0x08, 1] + bob)),
                ("setSeAtt", many(2, [], after: [0x08, 0])),
                ("setSeAtt", many(2, [0x08, 1, 0x12, 1, 0x78], after: [0x08, 0])),
                ("delSessions", many(1, [0x08, 1, 0x12, 1, 0x78])), ("rrMsg", many(1, [0x78])), ("rrList", many(1, [])),
                ("addTag", many(2, [0x0A, 0], after: [0x08, 0])), ("disTag", many(1, [])),
                ("setKVS", many(1, [0x0A, 1, 0x78, 0x12, 0])), ("delKVS", many(1, [0x0A, 0, 0x12, 0])),
                ("joinGrp", many(1, [0x0A, 0, 0x12, 0])), ("subUserStatus", many(1, [0x78])),
                ("qryRelationR", many(5, [])), ("pgMsgP", many(6, [], after: text)),
                ("pgMsgP", many(6, [0x78], after: text)),
            ]
            // So that what is needed once is there.
            #expect(
                await alice.status(.query(topic: "delMsg", target: "bob", id: 1, payload: [], qos: 0), id: 1) != nil)
            let before = server.residentBytes
            for (number, (topic, payload)) in bombs.enumerated() {
                let id = UInt16(number + 2)
                let frame: Sent =
                    topic == "pgMsgP"
                    ? .publish(topic: topic, target: "demo-group", id: id, payload: payload, qos: 1)
                    : .query(topic: topic, target: "bob", id: id, payload: payload, qos: 0)
                try #require(await alice.status(frame, id: id) != nil, "\(topic)")
            }
            let grown = server.residentBytes - before
            #expect(grown < 128 << 20 || isSanitized, "\(grown >> 20) MB")
            await alice.close()
        }
    }

    // MARK: Floods

    /// What is answered at once.
    private static func question(_ id: UInt16) -> Sent {
        .query(topic: "nothing", target: "", id: id, payload: [], qos: 0)
    }

    private static func piece(_ frame: Sent) -> [UInt8] {
        var bytes = ByteBuffer()
        frame.write(into: &bytes)
        return ClientFrame(2, Array(bytes.readableBytesView)).bytes
    }

    @Test func thousandsOfQuestionsInOnePieceAreAnsweredOneAfterTheOther() async throws {
        try await self.withProcess { server in
            let alice = try await Wire.connect(server, "alice")
            _ = await alice.frames { _ in true }
            // Again and again what takes a while, and then what does not.
            let pieces = (1...8).map { round in
                Self.piece(.say("\(round)", to: "bob", id: 1)) + (2...3001).flatMap { Self.piece(Self.question($0)) }
            }
            await alice.raw.send(pieces.flatMap { $0 })
            var count = 0
            while count < 24_000 {
                let frames = await alice.frames { $0.answers(3001) }
                guard !frames.isEmpty else { break }
                for frame in frames { if case .queryAck = frame { count += 1 } }
            }
            #expect(count == 24_000)
            await alice.close()
        }
    }

    @Test func whoSaysTooMuchIsToldSoAndTheRestIsAnswered() async throws {
        // So few that a slow machine, too, says more.
        let rate = "rate.rongcloud.client-publish=1"
        try await self.withProcess(["PARLEY_LIMITS_RATES": "on"], setting: [rate]) { server in
            let alice = try await Wire.connect(server, "alice")
            var said: UInt16 = 0
            var status: UInt16?
            repeat {
                said += 1
                status = await alice.status(.say("\(said)", to: "bob", id: said), id: said)
            } while status == 0
            #expect(status == 20604 && said > 1)
            let (first, last) = (said + 1, said + 400)
            let sending = Task { for id in first...last { await alice.send(.say("\(id)", to: "bob", id: id)) } }
            var statuses: [UInt16: Int] = [:]
            for frame in await alice.frames(until: { $0.answers(last) }) {
                if case .pubAck(_, _, let status, _, _) = frame { statuses[status, default: 0] += 1 }
            }
            await sending.value
            #expect(statuses[20604] != nil && Set(statuses.keys).isSubset(of: [0, 20604]))
            #expect(statuses.values.reduce(0, +) == 400)
            await alice.close()
        }
    }

    /// Pings, questions, and messages, from a client that takes no answer.
    @Test func whoFloodsAndDoesNotReadCostsLittleMemoryAndIsClosed() async throws {
        try await self.withProcess(["PARLEY_SOCKETS_FULL_SECONDS": "1"]) { server in
            for number in 0..<20 {
                let text = String(repeating: "x", count: 60_000)
                let bob = try await Wire.connect(server, "bob")
                #expect(await bob.status(.say("\(number)\(text)", to: "alice", id: 1), id: 1) == 0)
                await bob.close()
            }
            let before = server.residentBytes
            let pull = WireSyncRequestMsg.with {
                $0.syncTime = 0
                $0.ispolling = false
            }
            let floods: [Sent] = [
                .ping, .query(topic: "pullMsg", target: "alice", id: 1, payload: pull.wireBytes, qos: 1),
                .say("x", to: "bob", id: 1), .query(topic: "nothing", target: "", id: 1, payload: [], qos: 0),
            ]
            for flood in floods {
                let alice = try await Wire.connect(server, "alice", query: "&pid=flood")
                _ = await alice.frames { _ in true }
                try await alice.raw.channel.setOption(.autoRead, value: false).get()
                var bytes = ByteBuffer()
                flood.write(into: &bytes)
                let one = ClientFrame(2, Array(bytes.readableBytesView)).bytes
                let some = ByteBuffer(bytes: Array(repeatElement(one, count: 2000).joined()))
                for _ in 0..<20 { alice.raw.channel.writeAndFlush(some, promise: nil) }
                // Whatever becomes of it: others are served meanwhile.
                let bob = try await Wire.connect(server, "bob")
                #expect(await bob.status(.say("served", to: "carol", id: 1), id: 1) == 0)
                await bob.close()
                await alice.close()
            }
            let grown = server.residentBytes - before
            #expect(grown < 96 << 20 || isSanitized, "\(grown >> 20) MB")
        }
    }

    @Test func whoNeverReadsWhile12MegabytesAreSaidIsClosedAndOthersHaveThemAll() async throws {
        try await self.withProcess(["PARLEY_SOCKETS_FULL_SECONDS": isSanitized ? "60" : "2"]) { server in
            var stuck: [Wire] = []
            let pull = WireSyncRequestMsg.with {
                $0.syncTime = 0
                $0.ispolling = false
            }
            for number in 0..<5 {
                let dave = try await Wire.connect(server, "dave", query: "&pid=d\(number)")
                try await dave.raw.channel.setOption(.socketOption(.so_rcvbuf), value: 16_384).get()
                let query = Sent.query(topic: "pullMsg", target: "dave", id: 1, payload: pull.wireBytes, qos: 0)
                #expect(await dave.status(query, id: 1) == 0)
                try await dave.raw.channel.setOption(.autoRead, value: false).get()
                stuck.append(dave)
            }
            let alice = try await Wire.connect(server, "alice")
            #expect(
                await alice.status(
                    .query(topic: "pullMsg", target: "alice", id: 1, payload: pull.wireBytes, qos: 0), id: 1)
                    == 0)
            let watcher = try await server.listen("carol")
            watcher.socket.send(#"{"type":"watch","request":1,"users":["dave"]}"#)
            #expect(try await watcher.frames { $0["type"]?.string == "presence" }.last?["online"]?.bool == true)
            let before = server.residentBytes
            let (count, text): (UInt16, _) = (120, String(repeating: "x", count: 100_000))
            let bob = try await Wire.connect(server, "bob")
            let speaking = Task {
                for id in 1...count {
                    #expect(
                        await bob.status(.say("\(id) \(text)", to: "demo-group", id: id, inGroup: true), id: id) == 0)
                }
            }
            var heard: [String] = []
            _ = await alice.frames { frame in
                guard case .publish(_, "s_msg", _, _, let payload, _, _) = frame,
                    let message = WireDownStreamMessage.parse(payload)
                else { return false }
                let said = (try? JSON(parsing: Array(message.content)))?["content"]?.string ?? ""
                heard.append(String(said.prefix { $0 != " " }))
                return heard.count == Int(count)
            }
            #expect(heard == (1...count).map { "\($0)" })
            await speaking.value
            #expect(
                try await watcher.frames { $0["type"]?.string == "presence" && $0["online"]?.bool == false }.last != nil
            )
            let grown = server.residentBytes - before
            #expect(grown < 160 << 20 || isSanitized, "\(grown >> 20) MB for five clients that take nothing of 12 MB")
            for dave in stuck { await dave.close() }
        }
    }
}

extension ParleyRongCloud.ServerFrame {
    fileprivate func answers(_ id: UInt16) -> Bool {
        switch self {
        case .queryAck(id, _, _, _, _), .pubAck(id, _, _, _, _): true
        default: false
        }
    }
}

extension ParleyRongCloud.ClientFrame {
    fileprivate static func say(_ text: String, to target: String, id: UInt16, inGroup: Bool = false) -> Self {
        .publish(
            topic: inGroup ? "pgMsgP" : "ppMsgP", target: target, id: id,
            payload: WireUpStreamMessage.text(text).wireBytes, qos: 1)
    }
}
